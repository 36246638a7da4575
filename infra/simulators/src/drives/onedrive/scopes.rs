//! Permissions. <https://learn.microsoft.com/graph/permissions-reference>

/// What a scope of Graph may begin with; without it, it means the same.
const GRAPH_RESOURCE: &str = "https://graph.microsoft.com/";

/// Those that this service knows.
const KNOWN: [&str; 12] = [
    "openid",
    "profile",
    "email",
    "offline_access",
    "user.read",
    "files.read",
    "files.read.all",
    "files.readwrite",
    "files.readwrite.all",
    "sites.read.all",
    "sites.readwrite.all",
    ".default",
];

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// The user's name and address.
    Profile,
    /// To see files.
    Read,
    /// To change files.
    Write,
}

/// The short form of a scope in small letters, if the service knows it.
pub(super) fn known(scope: &str) -> Option<String> {
    let short = scope
        .strip_prefix(GRAPH_RESOURCE)
        .unwrap_or(scope)
        .to_lowercase();
    KNOWN.contains(&short.as_str()).then_some(short)
}

/// Somebody with `granted` may do it, in the user's own drive or in one of others.
pub(super) fn allow(granted: &[String], need: Need, own: bool) -> bool {
    let mut scopes = granted.iter().filter_map(|scope| known(scope));
    scopes.any(|scope| match (need, scope.as_str()) {
        (_, ".default")
        | (Need::Profile, "user.read")
        | (Need::Read, "files.read.all" | "sites.read.all")
        | (Need::Read | Need::Write, "files.readwrite.all" | "sites.readwrite.all") => true,
        (Need::Read, "files.read" | "files.readwrite") | (Need::Write, "files.readwrite") => own,
        _ => false,
    })
}
