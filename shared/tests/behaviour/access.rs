//! Credentials and declared capabilities.

use shared::domain::ErrorKind;
use shared::domain::storage::ListRequest;

use crate::opened::Opened;
use crate::{Kept, Outcome};

pub(crate) async fn the_declared_capabilities_are_the_drives(opened: &Opened) -> Outcome {
    assert_eq!(opened.drive.capabilities(), opened.capabilities());
    Kept
}

pub(crate) async fn good_credentials_are_confirmed(opened: &Opened) -> Outcome {
    opened.drive.check_credentials().await.unwrap();
    let buckets = opened.drive.list_buckets(true).await.unwrap();
    assert!(!buckets.is_empty());
    assert_eq!(opened.paths("").await, [""; 0], "nothing was changed");
    Kept
}

pub(crate) async fn credentials_that_nobody_issued_are_refused(opened: &Opened) -> Outcome {
    let stranger = opened.open_without_access();
    let request = ListRequest {
        folder: opened.folder(""),
        cursor: None,
        count: 1,
    };
    for (what, error) in [
        ("check", stranger.check_credentials().await.err()),
        ("buckets", stranger.list_buckets(false).await.err()),
        ("list", stranger.list_objects(&request).await.err()),
        (
            "delete",
            stranger.delete_object(&opened.object("a")).await.err(),
        ),
    ] {
        let kind = error.map(|error| error.kind());
        assert!(
            matches!(
                kind,
                Some(ErrorKind::AccessRefused | ErrorKind::AccessExpired)
            ),
            "{what}: {kind:?}"
        );
    }
    Kept
}
