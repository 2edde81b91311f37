//! Records that a sink did not take.

/// A batch that was not taken, or not all of it.
#[derive(Debug)]
pub(crate) struct Undelivered {
    pub(crate) reason: String,
    /// Whether the record at this place of the batch is still to be delivered; none says: all.
    pub(crate) left: Option<Vec<bool>>,
}

impl Undelivered {
    /// Nothing was taken.
    pub(crate) fn all(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), left: None }
    }
}
