//! What an object is, beside its bytes.

/// A file, as its provider describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The last component, as people see it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What they are, as the provider says: a claim of whoever uploaded them. `None` where the
    /// provider keeps none.
    pub content_type: Option<String>,
}
