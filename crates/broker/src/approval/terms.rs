//! The terms of an approval: everything that it covers, and the hash that binds it.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use studio_acs_audit::ApprovalFacts;
use studio_acs_identity::{UserId, folded};
use studio_acs_policy::Profile;
use studio_acs_refusal::instant;

use crate::destination::Destination;
use studio_acs_identity::RoleArn;
use studio_acs_ledger::Entitlement;
use studio_acs_refusal::hex;

/// Separates these hashes from any others over the same bytes.
const DOMAIN: &str = "studio-acs approval terms 1";

/// Everything that an approval covers. A sign-in that differs in any of it needs another approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalTerms {
    /// The user's name, folded as policies have it.
    pub user: String,
    /// The issuer whose name that is; `None` where names are shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The ledger's entry and the user profile. Its `over_budget` is `false`: the spending of a team may change, and the
    /// policy is asked about it at each sign-in.
    pub profile: Profile,
    /// The ticket number, as the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<String>,
    /// The alias of the deep link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deep_link: Option<String>,
    /// The space that is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// The page that is opened, a `LandingUri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing: Option<String>,
    /// The ARN of the entry's own minting role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How long a session may last at most, by setting and ledger, in seconds.
    pub session_seconds: u32,
    /// When the entry ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// How the user profile is made where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<ProvisionTerms>,
}

/// How a user profile is made where it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvisionTerms {
    /// The ARN of the execution role.
    pub execution_role: String,
    /// The security groups.
    pub security_groups: Vec<String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// SHA-256 over [`ApprovalTerms`], all 256 bits of it: two sign-ins have the same one only if their terms are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl ApprovalTerms {
    /// The terms of `user` opening `destination` by this entry, described by `profile`.
    pub(crate) fn of(
        user: &UserId,
        profile: Profile,
        what: &Entitlement,
        destination: &Destination,
        ticket_number: Option<&str>,
        session_seconds: u32,
    ) -> Self {
        // Names are the same in any case; without a ledger the entry is for whoever signs in, as they are called there.
        let for_user = profile.for_user.as_deref().map(folded);
        Self {
            user: folded(user.name()),
            issuer: user.issuer().map(str::to_owned),
            profile: Profile { for_user, over_budget: false, ..profile },
            ticket_number: ticket_number.map(str::to_owned),
            deep_link: destination.deep_link().map(str::to_owned),
            space: destination.space().map(str::to_owned),
            landing: destination.landing().map(str::to_owned),
            role: what.role().map(|role| role.as_str().to_owned()),
            session_seconds,
            valid_until: what.valid_until().map(instant::format),
            provision: what.provision().map(|provision| ProvisionTerms {
                execution_role: RoleArn::as_str(provision.execution_role()).to_owned(),
                security_groups: provision.security_groups().to_vec(),
                tags: provision.tags().clone(),
            }),
        }
    }

    /// The user, among those of all issuers.
    pub(crate) fn user_id(&self) -> UserId {
        UserId::new(self.issuer.as_deref(), &self.user)
    }

    /// The terms and their hash, for records.
    pub(crate) fn facts(&self) -> ApprovalFacts {
        let covers = serde_json::to_value(self).unwrap_or_default();
        ApprovalFacts { sha256: self.fingerprint().to_string(), covers }
    }

    /// The hash of all of it.
    pub fn fingerprint(&self) -> Fingerprint {
        // Without `..`: a field that is added does not compile until it is hashed.
        let Self {
            user,
            issuer,
            profile,
            ticket_number,
            deep_link,
            space,
            landing,
            role,
            session_seconds,
            valid_until,
            provision,
        } = self;
        let Profile {
            entry,
            title,
            for_user,
            for_group,
            issuer: named,
            own_profile,
            profile,
            domain,
            account,
            region,
            team,
            production,
            over_budget,
            tags,
        } = profile;
        let mut fields = Fields::new();
        for text in [user, entry, title, profile, domain] {
            fields.text(text);
        }
        let optional =
            [for_user, for_group, account, region, team, ticket_number, deep_link, space, landing, role, valid_until];
        for text in optional {
            fields.optional(text.as_deref());
        }
        for flag in [*own_profile, *production, *over_budget] {
            fields.number(flag.into());
        }
        fields.number((*session_seconds).into());
        fields.pairs(tags);
        match provision {
            None => fields.optional(None),
            Some(ProvisionTerms { execution_role, security_groups, tags }) => {
                fields.optional(Some(execution_role));
                fields.count(security_groups.len());
                security_groups.iter().for_each(|group| fields.text(group));
                fields.pairs(tags);
            }
        }
        // At the end, and only where one is known: all before it says where it ends, so that no other terms end so.
        if issuer.is_some() || named.is_some() {
            fields.optional(issuer.as_deref());
            fields.optional(named.as_deref());
        }
        fields.finish()
    }
}

/// Fields in a fixed order, each of which says where it ends: no two lists of fields are the same bytes.
struct Fields(Context);

impl Fields {
    fn new() -> Self {
        let mut fields = Self(Context::new(&SHA256));
        fields.text(DOMAIN);
        fields
    }

    fn number(&mut self, number: u64) {
        self.0.update(&number.to_be_bytes());
    }

    fn count(&mut self, count: usize) {
        // No platform has a longer `usize` than 64 bits.
        self.number(u64::try_from(count).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.number(text.is_some().into());
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn pairs(&mut self, pairs: &BTreeMap<String, String>) {
        self.count(pairs.len());
        for (key, value) in pairs {
            self.text(key);
            self.text(value);
        }
    }

    fn finish(self) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(self.0.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Fingerprint(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
