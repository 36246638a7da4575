//! What a browser may show of somebody's file on a page of ours: the one table of it.
//!
//! Nothing is in it that can run. What a browser is told is the table's own type, whatever the
//! provider says: the extension decides, and a file that is not what its name says does not show.

use PreviewKind::{Audio, Image, Pdf, Text, Video};

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// A document that browsers have a viewer for.
    Pdf,
    /// Characters, as they are.
    Text,
}

/// A file that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    /// How.
    pub kind: PreviewKind,
    /// What browsers are told that it is.
    pub media_type: &'static str,
}

/// Kind, our media type, extensions, and what else a provider may call it.
type Row = (
    PreviewKind,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// The registered types (<https://www.iana.org/assignments/media-types>), and beside them what
/// providers and systems say instead.
const SHOWN: &[Row] = &[
    (Image, "image/png", &["png"], &[]),
    (Image, "image/jpeg", &["jpg", "jpeg"], &["image/jpg"]),
    (Image, "image/gif", &["gif"], &[]),
    (Image, "image/webp", &["webp"], &[]),
    (Image, "image/avif", &["avif"], &[]),
    (Image, "image/bmp", &["bmp"], &["image/x-ms-bmp"]),
    (
        Image,
        "image/vnd.microsoft.icon",
        &["ico"],
        &["image/x-icon"],
    ),
    (Video, "video/mp4", &["mp4", "m4v"], &["video/x-m4v"]),
    (Video, "video/webm", &["webm"], &[]),
    (Video, "video/quicktime", &["mov"], &[]),
    (Video, "video/ogg", &["ogv"], &[]),
    (Audio, "audio/mpeg", &["mp3"], &["audio/mp3"]),
    (Audio, "audio/mp4", &["m4a"], &["audio/x-m4a"]),
    (Audio, "audio/aac", &["aac"], &[]),
    (
        Audio,
        "audio/wav",
        &["wav"],
        &["audio/x-wav", "audio/wave", "audio/vnd.wave"],
    ),
    (Audio, "audio/ogg", &["ogg", "oga", "opus"], &["audio/opus"]),
    (Audio, "audio/flac", &["flac"], &["audio/x-flac"]),
    (Pdf, "application/pdf", &["pdf"], &[]),
    (
        Text,
        "text/plain; charset=utf-8",
        &[
            "txt", "md", "csv", "tsv", "log", "json", "yaml", "yml", "toml", "ini",
        ],
        &[
            "text/markdown",
            "text/csv",
            "text/tab-separated-values",
            "application/json",
            "application/yaml",
            "text/yaml",
            "application/toml",
        ],
    ),
];

/// What could run, or is run by who opens it: it is only ever saved, whatever the provider says.
const NEVER_SHOWN: &[&str] = &[
    "svg", "svgz", "html", "htm", "shtml", "xhtml", "xht", "mht", "mhtml", "hta", "xml", "xsl",
    "xslt", "rdf", "js", "mjs", "cjs", "jsx", "ts", "tsx", "wasm", "css", "swf", "jar", "php",
    "exe", "dll", "msi", "com", "scr", "bat", "cmd", "ps1", "vbs", "wsf", "sh", "app", "dmg",
    "pkg", "apk", "lnk", "url", "webloc",
];

impl Preview {
    /// How the file `name` is shown, if it may be. Its extension decides; without one that is known,
    /// what the provider says.
    pub fn of(name: &str, content_type: Option<&str>) -> Option<Self> {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        if let Some(extension) = extension {
            let is = |known: &&str| known.eq_ignore_ascii_case(extension);
            let row = SHOWN.iter().find(|(.., names, _)| names.iter().any(is));
            if row.is_some() || NEVER_SHOWN.iter().any(is) {
                return row.map(Self::from_row);
            }
        }
        let told = essence(content_type?);
        let is = |known: &str| known.eq_ignore_ascii_case(told);
        SHOWN
            .iter()
            .find(|(_, ours, _, others)| is(essence(ours)) || others.iter().any(|other| is(other)))
            .map(Self::from_row)
    }

    /// `told` says the same as ours, with parameters of its own perhaps.
    pub fn is(&self, told: &str) -> bool {
        essence(told).eq_ignore_ascii_case(essence(self.media_type))
    }

    fn from_row((kind, media_type, ..): &Row) -> Self {
        Self {
            kind: *kind,
            media_type,
        }
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, content_type: Option<&str>) -> Option<(PreviewKind, &'static str)> {
        Preview::of(name, content_type).map(|preview| (preview.kind, preview.media_type))
    }

    #[test]
    fn the_extension_decides_whatever_the_provider_says() {
        for (name, expected) in [
            ("a.png", Some((Image, "image/png"))),
            ("A.B.JPeG", Some((Image, "image/jpeg"))),
            (".gif", Some((Image, "image/gif"))),
            ("favicon.ico", Some((Image, "image/vnd.microsoft.icon"))),
            ("film.M4V", Some((Video, "video/mp4"))),
            ("film.mov", Some((Video, "video/quicktime"))),
            ("song.opus", Some((Audio, "audio/ogg"))),
            ("song.m4a", Some((Audio, "audio/mp4"))),
            ("Gr\u{fc}\u{df}e.pdf", Some((Pdf, "application/pdf"))),
            ("read.md", Some((Text, "text/plain; charset=utf-8"))),
            ("data.json", Some((Text, "text/plain; charset=utf-8"))),
            ("a.svg", None),
            ("a.SVG", None),
            ("a.html", None),
            ("a.png.html", None),
            ("a.xml", None),
            ("a.mjs", None),
            ("a.exe", None),
        ] {
            for told in [
                None,
                Some("text/html"),
                Some("image/png"),
                Some("text/plain"),
                Some("application/octet-stream"),
            ] {
                assert_eq!(shown(name, told), expected, "{name} {told:?}");
            }
        }
    }

    #[test]
    fn without_a_known_extension_the_provider_decides() {
        for (told, expected) in [
            ("image/png", Some((Image, "image/png"))),
            ("IMAGE/JPG; a=b", Some((Image, "image/jpeg"))),
            ("audio/x-wav", Some((Audio, "audio/wav"))),
            (
                "text/plain;charset=iso-8859-1",
                Some((Text, "text/plain; charset=utf-8")),
            ),
            ("text/csv", Some((Text, "text/plain; charset=utf-8"))),
            ("image/svg+xml", None),
            ("text/html", None),
            ("text/plain-old", None),
            ("application/xhtml+xml", None),
            ("text/javascript", None),
            ("video/x-anything", None),
            ("application/octet-stream", None),
            ("", None),
            (";", None),
        ] {
            for name in ["photo", "photo.", "photo.v2", "", "a.html/photo", "a.html "] {
                assert_eq!(shown(name, Some(told)), expected, "{name:?} {told}");
            }
        }
        assert_eq!(shown("photo", None), None);
    }

    /// A row that is in the way of another would be dead.
    #[test]
    fn no_extension_and_no_type_is_in_the_table_twice() {
        let mut known = Vec::new();
        for (_, ours, extensions, others) in SHOWN {
            known.push(essence(ours));
            known.extend(extensions.iter().chain(*others));
        }
        known.extend(NEVER_SHOWN);
        let count = known.len();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), count);
        assert!(known.iter().all(|text| *text == text.to_ascii_lowercase()));
    }
}
