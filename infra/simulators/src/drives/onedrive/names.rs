//! Which names OneDrive takes: "Restrictions and limitations in OneDrive and `SharePoint`" of
//! support.microsoft.com.

use super::errors::GraphError;

const FORBIDDEN: [char; 9] = ['"', '*', ':', '<', '>', '?', '/', '\\', '|'];
/// UTF-16 units.
const LENGTH_MAX: usize = 255;

/// Refuses what no item may be called.
pub(super) fn check(name: &str) -> Result<(), GraphError> {
    if name.contains(FORBIDDEN) || name.chars().any(char::is_control) {
        let message =
            "The provided name cannot contain any of the following characters: \" * : < > ? / \\ |";
        return Err(GraphError::invalid(message));
    }
    if name.encode_utf16().count() > LENGTH_MAX {
        return Err(
            GraphError::invalid("The provided name is too long.").with_inner("pathIsTooLong")
        );
    }
    if name.is_empty()
        || name.trim() != name
        || name.ends_with('.')
        || name.starts_with("~$")
        || name.contains("_vti_")
        || is_reserved(&name.to_lowercase())
    {
        return Err(GraphError::invalid("The provided name is not valid."));
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    let numbered = |prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    matches!(
        name,
        ".lock" | "con" | "prn" | "aux" | "nul" | "desktop.ini"
    ) || numbered("com")
        || numbered("lpt")
}

/// `NAME N.EXT`, the first one that is not taken.
pub(super) fn numbered(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut number = 1_u64;
    loop {
        let name = format!("{stem} {number}{extension}");
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// What OneDrive takes a file for: it goes by the name, whatever an upload said.
pub(super) fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_lowercase().as_str() {
        "txt" => "text/plain",
        "html" => "text/html",
        "csv" => "text/csv",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    }
}
