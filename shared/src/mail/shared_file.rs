//! The mail that hands a file to somebody, in a user's name.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;
use crate::domain::text::{shown, shown_lines, shown_size};

/// A file's name is cut after so many characters.
const FILE_NAME_CHARS_MAX: usize = 255;
/// A note, after so many.
const NOTE_CHARS_MAX: usize = 1_000;
/// What people typed stands in the plain-text part in lines of at most so many characters.
const LINE_CHARS_MAX: usize = 70;

/// Hands a recipient their own link to a file that a user shares.
pub struct SharedFile<'a> {
    /// How the user who shares the file is called.
    pub sender: &'a str,
    /// The file's name, without its folders.
    pub file_name: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// When the link ends.
    pub expires: Timestamp,
    /// What the user wrote to the recipient.
    pub note: Option<&'a str>,
    /// The link, which the service made; the recipient's own.
    pub url: &'a str,
}

#[derive(Template)]
#[template(path = "shared_file.html")]
struct Html<'a> {
    mail: &'a SharedFile<'a>,
}

#[derive(Template)]
#[template(path = "shared_file.txt")]
struct Text<'a> {
    mail: &'a SharedFile<'a>,
}

impl Mail for SharedFile<'_> {
    const SUBJECT: &'static str = "A file was shared with you";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}

impl SharedFile<'_> {
    fn file_name(&self) -> String {
        shown(self.file_name, FILE_NAME_CHARS_MAX)
    }

    fn size(&self) -> String {
        shown_size(self.size)
    }

    fn note(&self) -> Option<String> {
        let note = shown_lines(self.note?, NOTE_CHARS_MAX);
        (!note.is_empty()).then_some(note)
    }
}

/// `note` with every line marked as a quotation: without the mark, a line of it could pass for one
/// of ours.
fn quoted(note: &str) -> String {
    let lines = note.lines().flat_map(broken);
    lines.flat_map(|line| ["> ", line, "\n"]).collect()
}

/// A file's name, after its label, with the lines that follow under the first.
fn indented(name: &str) -> String {
    broken(name).join("\n          ")
}

/// `line` in pieces short enough that no mail reader breaks them where the mark of quotation would be
/// missing; at white space, where there is some.
fn broken(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((limit, next)) = rest.char_indices().nth(LINE_CHARS_MAX) {
        let within = &rest[..limit + next.len_utf8()];
        let space = within.char_indices().rfind(|(_, c)| c.is_whitespace());
        let (end, begin) = match space {
            Some((at, space)) if at > 0 => (at, at + space.len_utf8()),
            _ => (limit, limit),
        };
        pieces.push(&rest[..end]);
        rest = &rest[begin..];
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_note_is_quoted_however_long() {
        assert_eq!(quoted("one\n\ntwo"), "> one\n> \n> two\n");
        for space in [" ", "\t", "\u{a0}", "\u{3000}"] {
            let long = vec!["word"; 100].join(space);
            let quoted = quoted(&long);
            assert!(quoted.lines().count() > 6, "{space:?}");
            for line in quoted.lines() {
                assert!(line.starts_with("> word"), "{line}");
                assert!(line.chars().count() <= LINE_CHARS_MAX + 2, "{line}");
            }
        }
        let word = "é".repeat(100);
        assert_eq!(
            quoted(&format!("see {word}")),
            format!("> see\n> {}\n> {}\n", &word[..140], &word[140..])
        );
        assert_eq!(quoted(&word[..140]), format!("> {}\n", &word[..140]));
        assert_eq!(
            indented(&word),
            format!("{}\n          {}", &word[..140], &word[140..])
        );
    }
}
