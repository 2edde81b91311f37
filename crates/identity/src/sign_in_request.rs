//! A user's request.

use serde::{Deserialize, Serialize};

/// The user's request so far. All of it is only a request: the ledger and the policy decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    /// The ledger's entry that they chose.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The alias of the place in Studio where they want to go.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The user profile that they ask for, by its name. API clients do; no resume token carries it.
    #[serde(skip)]
    pub profile: Option<String>,
    /// The ticket number.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<String>,
    /// Not a request: this sign-in has begun to make the user profile, and waits for it.
    #[serde(rename = "m", default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
}
