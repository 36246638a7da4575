//! Who the user is, and which namespaces they see.

use serde_json::{Value, json};

use super::paths::namespace_of;
use crate::drives::tree::{NodeId, ROOT, Tree};

/// The user's account id.
pub(super) const ACCOUNT_ID: &str = "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc";
/// The user's number.
pub(super) const USER_ID: &str = "123456789";

/// The root that the user's account starts from: the team space, if there is one.
pub(super) fn root(tree: &Tree) -> NodeId {
    tree.roots().nth(1).map_or(ROOT, |node| node.id)
}

/// `RootInfo`.
pub(super) fn root_info(tree: &Tree) -> Value {
    let root = root(tree);
    let mut info = json!({
        ".tag": "user",
        "root_namespace_id": namespace_of(root),
        "home_namespace_id": namespace_of(ROOT),
    });
    if root != ROOT {
        info[".tag"] = json!("team");
        info["home_path"] = json!("/Franz Ferdinand");
    }
    info
}

/// `FullAccount`.
pub(super) fn current(tree: &Tree) -> Value {
    json!({
        "account_id": ACCOUNT_ID,
        "name": {
            "given_name": "Franz",
            "surname": "Ferdinand",
            "familiar_name": "Franz",
            "display_name": "Franz Ferdinand (Personal)",
            "abbreviated_name": "FF",
        },
        "email": "franz@dropbox.com",
        "email_verified": true,
        "disabled": false,
        "locale": "en",
        "referral_link": "https://db.tt/ZITNuhtI",
        "is_paired": false,
        "account_type": { ".tag": if root(tree) == ROOT { "pro" } else { "business" } },
        "root_info": root_info(tree),
    })
}
