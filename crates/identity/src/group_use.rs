//! A [`GroupUse`]: the consequence that a user's groups can have.

/// The use that is made of a user's groups, from none to the one that needs all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum GroupUse {
    /// Nothing reads them.
    #[default]
    Unread,
    /// Membership can only give more: a group that is not known gives nothing.
    Widens,
    /// Membership can take away: a group that is not known would give more than a known one.
    Restricts,
}
