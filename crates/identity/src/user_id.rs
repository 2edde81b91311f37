//! A [`UserId`]: one user among those of all issuers.

use crate::folded::folded;
use crate::identity::Identity;
use crate::names::Names;

/// One user: a name, and the issuer whose name it is, where names are not shared.
#[derive(Debug, Clone)]
pub struct UserId {
    issuer: Option<String>,
    name: String,
}

impl UserId {
    /// The user of this name at this issuer; `None` where all issuers share their names.
    pub fn new(issuer: Option<&str>, name: &str) -> Self {
        Self { issuer: issuer.map(str::to_owned), name: name.to_owned() }
    }

    /// The name, as the issuer gives it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The issuer; `None` where all issuers share their names.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether both may be one user: the names differ in case only, and no two issuers tell them apart.
    pub fn may_be(&self, other: &Self) -> bool {
        let is_one_issuer = self.issuer.is_none() || other.issuer.is_none() || self.issuer == other.issuer;
        is_one_issuer && folded(&self.name) == folded(&other.name)
    }
}

impl Identity {
    /// The user among those of all issuers. Only shared names make users of several issuers one.
    pub fn user_id(&self, names: Names) -> UserId {
        UserId::new((names != Names::Shared).then(|| self.issuer()), self.user())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_a_name_of_an_issuer() {
        let [anna, shouted, elsewhere, shared, ben] =
            [(Some("a"), "anna"), (Some("a"), "ANNA"), (Some("b"), "anna"), (None, "Anna"), (Some("a"), "ben")]
                .map(|(issuer, name)| UserId::new(issuer, name));
        assert!(anna.may_be(&shouted) && anna.may_be(&shared) && shared.may_be(&elsewhere));
        assert!(!anna.may_be(&elsewhere) && !anna.may_be(&ben) && !shared.may_be(&ben));
    }
}
