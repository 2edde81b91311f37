//! The ledger as it is written: in TOML, in JSON, and, attribute for attribute, in a table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::fault::{LedgerFault, explained};

/// The most bytes of a text.
const LONGEST: usize = 1_048_576;

/// A whole ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerSchema {
    /// The entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entry: Vec<EntrySchema>,
    /// The teams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team: Vec<TeamSchema>,
    /// The users whose access is revoked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<RevokedSchema>,
    /// Deep links of all entries, by their aliases.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, LinkSchema>,
}

impl LedgerSchema {
    /// Reads JSON where the text begins with `{`, and TOML otherwise, which never does.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] with the line.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        if text.len() > LONGEST {
            let reason = format!("{} bytes; expected at most {LONGEST}", text.len());
            return Err(LedgerError::Malformed { entry: "the text".to_owned(), reason, fault: LedgerFault::TooLarge });
        }
        let malformed = |line: usize, message: &str| {
            let written = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let fault = LedgerFault::of(message, text, written);
            // Another file is named by its kind, and not by the first character that a parser does not take.
            let (entry, reason) = match fault {
                LedgerFault::OtherText(kind) => {
                    ("the text".to_owned(), format!("expected a ledger in TOML or JSON: it is {kind}"))
                }
                _ => (format!("line {line}"), explained(message, fault)),
            };
            LedgerError::Malformed { entry, reason, fault }
        };
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text).map_err(|error| malformed(error.line(), &error.to_string()));
        }
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            malformed(before.matches('\n').count().saturating_add(1), error.message())
        })
    }
}

/// The facts of a team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamSchema {
    /// Its name, in any case.
    pub name: String,
    /// Whether it has spent its budget, for policies.
    pub over_budget: bool,
}

/// The end of all access of a user, by whatever entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokedSchema {
    /// The user, in any case.
    pub user: String,
    /// The issuer whose name that is; the user of this name at every issuer without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Why.
    pub why: String,
    /// Since when, for readers only: it holds at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// An entry as it is written, in a text and in a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntrySchema {
    /// Its name in logs and approvals: letters, digits, `.`, `_`, `-`, at most 64.
    pub id: String,
    /// The title that a user with a choice reads; the ID without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The user whom it is for, as the identity provider names them, in any case. Either this or `group`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The group whose members it is for, letter for letter as the identity provider names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The issuer whose name that is, letter for letter: an identity provider's entity ID, or a token's `iss`. Required
    /// where several are trusted and their names are not shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The domain's ID.
    pub domain: String,
    /// The profile's name, or a template; `{user}` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The team, for templates and policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The domain's account, where it is not the service's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The domain's region, where it is not the service's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The space to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// The page to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<String>,
    /// How long a session lasts at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_seconds: Option<u32>,
    /// The ARN of the role that mints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether production is within reach there, for policies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub production: bool,
    /// From when on it holds, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Until when it holds, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Why it does not hold any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
    /// For policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// How the profile is made if it does not exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provision: Option<ProvisionSchema>,
    /// Deep links by their aliases, before the ledger's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, LinkSchema>,
}

/// How a profile is made, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvisionSchema {
    /// The ARN of the role that the profile's notebooks have.
    pub execution_role: String,
    /// The IDs of its security groups; the domain's without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A deep link, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSchema {
    /// The page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<String>,
    /// The space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
}
