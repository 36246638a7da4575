//! The search language, as far as it is used: clauses with `and` between.
//!
//! <https://developers.google.com/workspace/drive/api/guides/ref-search-terms>

use std::cmp::Ordering;

use super::errors::Refused;
use super::{ids, wire};
use crate::drives::tree::{Node, Tree};

/// A condition.
pub(super) enum Clause {
    /// `'<id>' in parents`
    InParents(String),
    /// `name = '…'`, whatever the case of the letters.
    Name(String),
    /// `mimeType = '…'`
    MimeType(String),
    /// `trashed = …`
    Trashed(bool),
}

impl Clause {
    /// A node is meant by it.
    pub(super) fn holds(&self, tree: &Tree, node: &Node) -> bool {
        match self {
            Self::InParents(id) => node.parent == ids::parse(id),
            Self::Name(name) => node.name.to_lowercase() == name.to_lowercase(),
            Self::MimeType(media_type) => wire::media_type(node) == media_type,
            Self::Trashed(trashed) => tree.is_trashed(node.id) == *trashed,
        }
    }
}

/// Reads a search. Anything that is not understood is refused.
pub(super) fn parse(text: &str) -> Result<Vec<Clause>, Refused> {
    let refused = || Refused::invalid("q");
    let mut rest = text.trim();
    let mut clauses = Vec::new();
    loop {
        clauses.push(clause(&mut rest).ok_or_else(refused)?);
        if rest.is_empty() {
            return Ok(clauses);
        }
        rest = rest
            .strip_prefix(" and ")
            .map(str::trim_start)
            .ok_or_else(refused)?;
    }
}

fn clause(rest: &mut &str) -> Option<Clause> {
    if rest.starts_with('\'') {
        let id = quoted(rest)?;
        *rest = rest.strip_prefix(" in parents")?;
        return Some(Clause::InParents(id));
    }
    if let Some(value) = rest.strip_prefix("trashed") {
        let value = equals(value)?;
        let (value, more) = match value.strip_prefix("true") {
            Some(more) => (true, more),
            None => (false, value.strip_prefix("false")?),
        };
        *rest = more;
        return Some(Clause::Trashed(value));
    }
    let (make, value): (fn(String) -> Clause, _) = match rest.strip_prefix("name") {
        Some(value) => (Clause::Name, value),
        None => (Clause::MimeType, rest.strip_prefix("mimeType")?),
    };
    *rest = equals(value)?;
    quoted(rest).map(make)
}

fn equals(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix('=').map(str::trim_start)
}

/// `'…'` in which `\'` and `\\` stand for a quote and a backslash.
fn quoted(rest: &mut &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = rest.strip_prefix('\'')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => {
                *rest = &rest[at + 2..];
                return Some(text);
            }
            '\\' => match chars.next()?.1 {
                c @ ('\'' | '\\') => text.push(c),
                _ => return None,
            },
            c => text.push(c),
        }
    }
    None
}

/// What a listing goes by.
#[derive(Clone, Copy)]
enum Key {
    Folder,
    Name,
    NameNatural,
    Created,
    Modified,
}

/// An order: keys, each perhaps from the last to the first.
pub(super) struct OrderBy(Vec<(Key, bool)>);

impl OrderBy {
    /// Reads `folder,name_natural`, `createdTime desc` and the like.
    pub(super) fn parse(text: &str) -> Result<Self, Refused> {
        let keys = text.split(',').map(|key| {
            let key = key.trim();
            let (key, descends) = match key.strip_suffix(" desc") {
                Some(key) => (key.trim_end(), true),
                None => (key, false),
            };
            let key = match key {
                "folder" => Key::Folder,
                "name" => Key::Name,
                "name_natural" => Key::NameNatural,
                "createdTime" => Key::Created,
                "modifiedTime" => Key::Modified,
                _ => return Err(Refused::invalid("orderBy")),
            };
            Ok((key, descends))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// Which of two comes first; the older one if they are equal.
    pub(super) fn compare(&self, a: &Node, b: &Node) -> Ordering {
        let by_key = self.0.iter().map(|(key, descends)| {
            let order = match key {
                Key::Folder => b.is_folder().cmp(&a.is_folder()),
                Key::Name => a.name.cmp(&b.name),
                Key::NameNatural => natural(&a.name).cmp(&natural(&b.name)),
                Key::Created => a.created.cmp(&b.created),
                Key::Modified => a.modified.cmp(&b.modified),
            };
            if *descends { order.reverse() } else { order }
        });
        by_key
            .fold(Ordering::Equal, Ordering::then)
            .then(a.id.cmp(&b.id))
    }
}

/// A name cut where digits begin or end, so that 9 is before 10.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut in_digits = false;
    for c in name.to_lowercase().chars() {
        let digit = c.to_digit(10).map(u64::from);
        match (digit, parts.last_mut()) {
            (Some(digit), Some((number, _))) if in_digits => {
                *number = number.saturating_mul(10).saturating_add(digit);
            }
            (Some(digit), _) => parts.push((digit, String::new())),
            (None, Some((_, text))) if !in_digits => text.push(c),
            (None, _) => parts.push((u64::MAX, c.to_string())),
        }
        in_digits = digit.is_some();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_read_to_the_letter() {
        assert!(parse(r"'abc' in parents and name = 'it\'s \\ here' and trashed = false").is_ok());
        assert!(parse("trashed=false").is_ok());
        for bad in [
            "",
            "name = 'it's'",
            r"name = 'a\b'",
            "name = 'a",
            "name = \"a\"",
            "name = 'a' or trashed = false",
            "name = 'a' and",
            "trashed = maybe",
            "size > 3",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nine_is_before_ten() {
        assert!(natural("a9b") < natural("a10b"));
        assert!(natural("10") < natural("a"));
    }
}
