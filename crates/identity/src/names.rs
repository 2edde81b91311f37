//! Whether a name stands for one user, whichever issuer gives it.

/// How names of users and groups relate to the issuers that give them, as of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The operator has set that a name is the same user, whichever trusted issuer gives it.
    Shared,
    /// One issuer is trusted, so that its names can be no other's.
    OneIssuer,
    /// Several issuers are trusted: a name without its issuer may be another user's.
    PerIssuer,
}

impl Names {
    /// The state of a service that trusts these `issuers`: entity IDs of identity providers, and issuers of tokens.
    /// Different texts are different issuers.
    pub fn of<'a>(are_shared: bool, issuers: impl IntoIterator<Item = &'a str>) -> Self {
        let mut issuers = issuers.into_iter();
        match (are_shared, issuers.next()) {
            (true, _) => Self::Shared,
            (false, Some(first)) if issuers.any(|other| other != first) => Self::PerIssuer,
            (false, _) => Self::OneIssuer,
        }
    }

    /// Whether a name without its issuer is enough to tell who is meant.
    pub fn are_clear(self) -> bool {
        self != Self::PerIssuer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_counted_by_their_texts() {
        for (are_shared, issuers, names) in [
            (false, &[][..], Names::OneIssuer),
            (false, &["https://a"], Names::OneIssuer),
            (false, &["https://a", "https://a"], Names::OneIssuer),
            (false, &["https://a", "https://a/"], Names::PerIssuer),
            (false, &["https://a", "https://a", "https://A"], Names::PerIssuer),
            (true, &["https://a", "https://b"], Names::Shared),
        ] {
            assert_eq!(Names::of(are_shared, issuers.iter().copied()), names, "{issuers:?}");
        }
        assert!(Names::Shared.are_clear() && Names::OneIssuer.are_clear() && !Names::PerIssuer.are_clear());
    }
}
