//! The domains' user profiles, and what becomes of those that are made.

use std::collections::BTreeMap;

use serde_json::Value;

/// How the stand-in answers for a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// With a URL.
    Mint,
    /// With a URL too long for a gateway's headers.
    MintLong,
    /// With a URL that leads elsewhere.
    MintForeign,
    /// `ThrottlingException`.
    Throttle,
    /// `AccessDeniedException`.
    Deny,
    /// `InternalFailure`.
    Fail,
    /// `ResourceNotFound`, though the profile exists: something else is unknown, such as the space.
    Lose,
    /// Not at all.
    Hang,
}

/// The fate of a profile that is made. It is counted, not timed, so that tests come out the same each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// So many descriptions say `Pending`, and those after them `InService`.
    Ready(u32),
    /// So many descriptions say `Pending`, and those after them `Failed`.
    Fails(u32),
}

/// The domains' user profiles. Names are not case sensitive, as SageMaker's are not.
#[derive(Debug, Clone)]
pub struct Profiles {
    known: BTreeMap<(String, String), Profile>,
    making: Making,
}

/// One profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) behaviour: Behaviour,
    pub(super) settings: Value,
    made: Option<Making>,
}

impl Default for Profiles {
    fn default() -> Self {
        Self { known: BTreeMap::new(), making: Making::Ready(1) }
    }
}

impl Profiles {
    /// Adds a profile.
    #[must_use]
    pub fn with(mut self, domain: &str, user: &str, behaviour: Behaviour) -> Self {
        self.known.insert(key(domain, user), Profile { behaviour, settings: Value::Null, made: None });
        self
    }

    /// Sets the fate of the profiles that are made from now on; without this, [`Making::Ready`] after one description.
    #[must_use]
    pub fn making(mut self, making: Making) -> Self {
        self.making = making;
        self
    }

    /// The profile, if it exists in whatever state.
    pub(super) fn get(&self, domain: &str, user: &str) -> Option<&Profile> {
        self.known.get(&key(domain, user))
    }

    /// Begins to make a profile; `false` if it exists.
    pub(super) fn make(&mut self, domain: &str, user: &str, settings: Value) -> bool {
        let key = key(domain, user);
        if self.known.contains_key(&key) {
            return false;
        }
        self.known.insert(key, Profile { behaviour: Behaviour::Mint, settings, made: Some(self.making) });
        true
    }

    /// The status that this description of a profile says; the next may say another.
    pub(super) fn describe(&mut self, domain: &str, user: &str) -> Option<(&'static str, Value)> {
        let profile = self.known.get_mut(&key(domain, user))?;
        let status = profile.status();
        if let Some(Making::Ready(left) | Making::Fails(left)) = &mut profile.made {
            *left = left.saturating_sub(1);
        }
        Some((status, profile.settings.clone()))
    }
}

impl Profile {
    /// Whether it can be opened.
    pub(super) fn in_service(&self) -> bool {
        self.status() == "InService"
    }

    fn status(&self) -> &'static str {
        match self.made {
            None | Some(Making::Ready(0)) => "InService",
            Some(Making::Fails(0)) => "Failed",
            Some(Making::Ready(_) | Making::Fails(_)) => "Pending",
        }
    }
}

fn key(domain: &str, user: &str) -> (String, String) {
    (domain.to_owned(), user.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_made_once_and_ready_after_so_many_descriptions() {
        let mut profiles = Profiles::default().making(Making::Ready(2));
        assert!(profiles.describe("d-a", "erin").is_none());
        assert!(profiles.make("d-a", "erin", Value::Null));
        assert!(!profiles.make("d-a", "ERIN", Value::Null), "names are not case sensitive");
        let mut status = || profiles.describe("d-a", "Erin").unwrap().0;
        assert_eq!([status(), status(), status(), status()], ["Pending", "Pending", "InService", "InService"]);
    }

    #[test]
    fn a_profile_may_fail_and_one_that_was_there_is_in_service() {
        let mut profiles = Profiles::default().making(Making::Fails(1)).with("d-a", "alice", Behaviour::Mint);
        assert!(profiles.make("d-a", "erin", Value::Null));
        let mut status = |user| profiles.describe("d-a", user).unwrap().0;
        assert_eq!([status("erin"), status("erin"), status("alice")], ["Pending", "Failed", "InService"]);
    }
}
