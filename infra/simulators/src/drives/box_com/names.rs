//! Which names Box takes: `POST /folders` and `POST /files/content` of the specification.

use super::errors::{Refusal, Result};

/// A name: at most this many characters.
const CHARS_MAX: usize = 255;

/// Refuses a name that Box does not take.
pub(super) fn check(name: &str) -> Result<()> {
    if name.chars().count() > CHARS_MAX {
        return Err(Refusal::name_too_long());
    }
    let forbidden = |c: char| c.is_ascii_control() || matches!(c, '/' | '\\');
    if name.is_empty()
        || matches!(name, "." | "..")
        || name.ends_with(' ')
        || name.contains(forbidden)
    {
        return Err(Refusal::name_invalid());
    }
    Ok(())
}
