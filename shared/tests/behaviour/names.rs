//! Names that some part of the way would like to change.

use shared::domain::ErrorKind;
use shared::domain::storage::EntryKind;

use crate::opened::Opened;
use crate::{Kept, Outcome};

/// All providers take these.
const NAMES: [&str; 16] = [
    "with space.txt",
    "plus+plus.txt",
    "50% of 100%25.txt",
    "%2F",
    "hash#tag.txt",
    "and&equals=semi;comma,.txt",
    "it's.txt",
    "'; drop",
    ".hidden",
    "..double",
    "\u{1f600} \u{1f468}\u{200d}\u{1f469}.jpg",
    "e\u{301} combining",
    "\u{e9} precomposed",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}.txt",
    "$skiptoken=x (z)@~!{size}",
    "-_[]{}^`",
];

/// Some providers refuse some of these.
const DOUBTFUL: [&str; 14] = [
    "\"quoted\".txt",
    "question?.txt",
    "a:b",
    "star*",
    "<script>",
    "pipe|",
    "back\\slash",
    " leading",
    "trailing ",
    "trailing.",
    "tab\tline\nend",
    "desktop.ini",
    "~$lock",
    "CON",
];

pub(crate) async fn a_files_name_is_kept_byte_for_byte(opened: &Opened) -> Outcome {
    for name in NAMES {
        opened.put(name, name.as_bytes()).await;
    }
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(opened.paths("").await, names);
    for entry in opened.list("").await {
        assert_eq!(entry.name, entry.path);
        assert_eq!(opened.get(&entry.path).await, entry.path.as_bytes());
        opened.delete(&entry.path).await.unwrap();
    }
    assert!(opened.list("").await.is_empty());
    Kept
}

pub(crate) async fn a_folders_name_is_kept_byte_for_byte(opened: &Opened) -> Outcome {
    for name in NAMES {
        opened.create_in(&opened.folder(""), name).await.unwrap();
        opened.put(&format!("{name}/{name}"), b"x").await;
    }
    let entries = opened.list("").await;
    let mut found: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    found.sort_unstable();
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(found, names);
    for entry in entries {
        let name = &entry.name;
        assert_eq!(entry.kind, EntryKind::Folder, "{name:?}");
        assert_eq!(entry.path, format!("{name}/"));
        assert_eq!(opened.paths(&entry.path).await, [format!("{name}/{name}")]);
        opened.delete(&entry.path).await.unwrap();
    }
    assert!(opened.list("").await.is_empty());
    Kept
}

pub(crate) async fn a_name_is_never_changed_silently(opened: &Opened) -> Outcome {
    for name in DOUBTFUL {
        let is_there = match opened.try_put(&opened.object(name), b"x").await {
            Ok(status) => status.is_success(),
            Err(error) => {
                let kind = error.kind();
                assert!(
                    matches!(kind, ErrorKind::Invalid | ErrorKind::NotFound),
                    "{name:?}: {error:?}"
                );
                false
            }
        };
        let expected: &[&str] = if is_there { &[name] } else { &[] };
        assert_eq!(opened.paths("").await, expected);
        if is_there {
            assert_eq!(opened.get(name).await, b"x", "{name:?}");
            opened.delete(name).await.unwrap();
        }

        let is_there = match opened.create_in(&opened.folder(""), name).await {
            Ok(()) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Invalid, "{name:?}: {error:?}");
                assert!(error.public().starts_with("folderName"), "{error:?}");
                false
            }
        };
        let expected = if is_there {
            vec![format!("{name}/")]
        } else {
            Vec::new()
        };
        assert_eq!(opened.paths("").await, expected);
        if is_there {
            opened.delete(&expected[0]).await.unwrap();
        }
        assert!(opened.list("").await.is_empty(), "{name:?}");
    }
    Kept
}

pub(crate) async fn a_name_may_be_long(opened: &Opened) -> Outcome {
    for name in ["x".repeat(200), "\u{65e5}".repeat(66) + "x"] {
        opened.create_in(&opened.folder(""), &name).await.unwrap();
        let key = format!("{name}/{name}");
        opened.put(&key, b"x").await;
        assert_eq!(opened.paths(&name).await, [key.as_str()]);
        assert_eq!(opened.get(&key).await, b"x");
    }
    Kept
}

pub(crate) async fn names_that_differ_by_case(opened: &Opened) -> Outcome {
    opened.put("Case.txt", b"first").await;
    opened.put("cASE.TXT", b"second").await;
    if opened.capabilities().case_sensitive {
        assert_eq!(opened.paths("").await, ["Case.txt", "cASE.TXT"]);
        assert_eq!(opened.get("Case.txt").await, b"first");
        assert_eq!(opened.get("cASE.TXT").await, b"second");
    } else {
        let paths = opened.paths("").await;
        assert_eq!(paths.len(), 1, "{paths:?}");
        assert!(paths[0].eq_ignore_ascii_case("case.txt"), "{paths:?}");
        assert_eq!(opened.get("CASE.txt").await, b"second");
    }
    Kept
}
