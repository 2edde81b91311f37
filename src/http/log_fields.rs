//! The [`LogFields`] of an attempt.

use studio_acs_audit::Person;
use studio_acs_broker::EntryFields;
use studio_acs_identity::{Identity, Protocol};

/// The verified facts of an attempt, for its line in the log and the record of a refusal. A fact is added after it is verified, never before.
#[derive(Clone)]
pub(super) struct LogFields {
    /// The protocol of the credential.
    pub(super) protocol: Protocol,
    /// The identity provider or the token issuer.
    pub(super) issuer: String,
    /// The id of the assertion or the token.
    pub(super) assertion_id: String,
    /// The signed-in user.
    pub(super) user: String,
    /// The same user with their credential, for a record; `None` before they are verified.
    pub(super) person: Option<Person>,
    /// How many groups the credential names, and how many of its group values name none; `None` before it is verified.
    pub(super) groups: Option<(usize, usize)>,
    /// The groups that an entry is for or a policy names.
    pub(super) groups_matched: Vec<String>,
    /// The entry that the user asked for.
    pub(super) entry: EntryFields,
}

impl LogFields {
    /// The fields of an attempt by this protocol, of which nothing else is known.
    pub(super) fn at(protocol: Protocol) -> Self {
        let (issuer, assertion_id, user) = <(String, String, String)>::default();
        let (person, groups, groups_matched, entry) = (None, None, Vec::new(), EntryFields::default());
        Self { protocol, issuer, assertion_id, user, person, groups, groups_matched, entry }
    }

    /// Adds the verified assertion or token.
    pub(super) fn with_credential(self, issuer: &str, assertion_id: &str) -> Self {
        Self { issuer: issuer.to_owned(), assertion_id: assertion_id.to_owned(), ..self }
    }

    /// Adds the verified identity, and the profile that it names.
    pub(super) fn with_identity(self, identity: &Identity) -> Self {
        let entry = match identity.named() {
            Some((profile, domain)) => {
                EntryFields { profile: profile.to_string(), domain: domain.to_string(), ..self.entry }
            }
            None => self.entry,
        };
        Self {
            protocol: self.protocol,
            issuer: identity.issuer().to_owned(),
            assertion_id: identity.source_id().to_owned(),
            user: identity.user().to_owned(),
            person: Some(Person::of(identity)),
            groups: Some((identity.groups().names().len(), identity.groups().unusable())),
            groups_matched: self.groups_matched,
            entry,
        }
    }

    /// The same for an identity that the second verifier does not confirm: it is no verified user's.
    #[cfg(feature = "second-opinion")]
    pub(super) fn without_person(self) -> Self {
        Self { person: None, ..self }
    }

    /// Adds the groups that decided.
    pub(super) fn with_groups_matched(self, groups_matched: Vec<String>) -> Self {
        Self { groups_matched, ..self }
    }

    /// Adds the selected entry, if one was.
    pub(super) fn with_entry(self, entry: Option<EntryFields>) -> Self {
        Self { entry: entry.unwrap_or(self.entry), ..self }
    }
}
