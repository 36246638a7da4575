//! What sets the providers apart, declared: the suite of tests goes by it, and the API reference
//! prints it.

/// How one provider's drives differ from others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Capabilities {
    /// What a folder is.
    pub folders: Folders,
    /// Objects have ids, which stay when they are renamed or moved.
    pub ids: bool,
    /// A folder may hold several entries of one name. A path then means the one created first.
    pub duplicate_names: bool,
    /// `a` and `A` are two names.
    pub case_sensitive: bool,
    /// Creating a folder makes the folders above it.
    pub makes_parents: bool,
    /// The provider's own download URLs live at most so many hours; 0 if it has none that are worth
    /// handing out. Beyond that, the URL is a link of ours.
    pub download_hours_max: u16,
    /// The same for uploads.
    pub upload_hours_max: u16,
    /// A click on a link of ours can lead to a URL of the provider's, whatever the file's size. Where
    /// not, all bytes come through us, and no file of more than [`super::STREAM_BYTES_MAX`] can be
    /// downloaded in one answer.
    pub redirects_downloads: bool,
    /// The provider refuses an upload with another Content-Type than was asked for, or stores the
    /// one that was asked for.
    pub binds_content_type: bool,
    /// An upload through its URL holds at most so many bytes, where the provider says so.
    pub upload_bytes_max: Option<u64>,
}

/// What a folder is to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folders {
    /// A prefix that keys have in common: it need not be made, and is there while a key has it.
    Prefixes,
    /// A thing of its own.
    Entries,
}
