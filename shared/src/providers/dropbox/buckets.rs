//! Dropbox has one tree for a user, and a second one for a member of a team with a space of its
//! own: the buckets. <https://developers.dropbox.com/dbx-team-files-guide>

use super::api::{Api, PathRoot, RootInfo};
use crate::domain::storage::Bucket;
use crate::domain::{Error, Result};
use crate::providers::failure::BUSY;

/// The user's own folder.
const HOME: &str = "Dropbox";
/// The team's.
const TEAM_SPACE: &str = "Team space";
/// A namespace's id: at most so many characters.
const NAMESPACE_CHARS_MAX: usize = 64;

/// Every bucket that the user sees.
pub(super) async fn list(api: &Api) -> Result<Vec<Bucket>> {
    let info = api.account().await?.root_info;
    let home = bucket(HOME, &info.home_namespace_id);
    let team = team_space(&info).map(|id| bucket(TEAM_SPACE, id));
    Ok(std::iter::once(home).chain(team).collect())
}

/// What a bucket's paths are relative to. Only the team space asked for by name costs a request.
/// A namespace that the user does not see is refused when it is used.
pub(super) async fn path_root(api: &Api, bucket: &str) -> Result<PathRoot> {
    match bucket {
        "" | HOME => Ok(PathRoot::Home),
        TEAM_SPACE => {
            let info = api.account().await?.root_info;
            let id = team_space(&info).ok_or_else(Error::not_found)?;
            if !is_namespace(id) {
                return Err(Error::unavailable(BUSY).because("the namespace's id does not read"));
            }
            Ok(PathRoot::Root(id.to_owned()))
        }
        id if is_namespace(id) => Ok(PathRoot::Namespace(id.to_owned())),
        _ => Err(Error::not_found()),
    }
}

/// The same without asking anybody, for what is made and not tried: is this a bucket's name or id?
pub(super) fn may_be(bucket: &str) -> bool {
    matches!(bucket, "" | HOME | TEAM_SPACE) || is_namespace(bucket)
}

fn team_space(info: &RootInfo) -> Option<&str> {
    (info.root_namespace_id != info.home_namespace_id).then_some(&info.root_namespace_id)
}

fn bucket(name: &str, id: &str) -> Bucket {
    Bucket {
        id: id.to_owned(),
        name: name.to_owned(),
        region: None,
        created: None,
    }
}

/// Ids are numbers; the specification allows more, which none was seen to have.
fn is_namespace(id: &str) -> bool {
    (1..=NAMESPACE_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}
