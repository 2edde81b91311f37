//! The door for tokens: whose they are, by which keys, and who they are about.

mod current;
mod source;

use aws_config::SdkConfig;
use studio_acs_jwt::{
    Check, KeySetDocument, KeySetError, Rejection, TokenRules, UnverifiedToken, VerifiedToken, Verifier, unheard,
};
use time::UtcDateTime;

use current::CurrentKeys;
pub use source::KeySource;

use crate::broken_rule::{BrokenRule, broken_rules};
use crate::identity::ClaimRules;
use crate::log_message::LogMessage;
use crate::refreshed::RefreshRules;

/// The error of keys that cannot be read.
pub const KEYS_UNREADABLE: LogMessage = LogMessage {
    text: "the issuer's keys cannot be read: the last good ones stay for now, if there are any",
    fields: &["error"],
};

/// The error of one key that cannot be read.
pub const KEY_FAULT: LogMessage = LogMessage {
    text: "the issuer's keys cannot be read whole: the key that is wrong is left out",
    fields: &["error"],
};

/// What the door for tokens is told.
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// Which tokens are taken.
    pub rules: TokenRules,
    /// Which claims say who somebody is.
    pub claims: ClaimRules,
    /// Where the issuer's keys are.
    pub keys: KeySource,
    /// How often they are read again.
    pub refresh: RefreshRules,
}

/// The door for tokens. Prepared once.
#[derive(Debug)]
pub struct TokenApi {
    verifier: Verifier,
    keys: CurrentKeys,
    claims: ClaimRules,
}

impl TokenApi {
    /// Prepares the door. A file of keys is read now, so that a wrong one stops the start; what is elsewhere is read with the
    /// first token, so that the other door does not wait for it.
    ///
    /// # Errors
    /// [`KeysError`], of a file.
    pub async fn start(config: TokenConfig, sdk: &SdkConfig, now: UtcDateTime) -> Result<Self, KeysError> {
        let TokenConfig { rules, claims, keys, refresh } = config;
        Ok(Self { verifier: Verifier::new(rules), keys: CurrentKeys::of(keys, sdk, refresh, now).await?, claims })
    }

    /// Verifies a token by the issuer's keys, as of `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn verify(&self, token: &UnverifiedToken, now: UtcDateTime) -> Result<VerifiedToken, TokenError> {
        let keys = self.keys.for_key(token.unverified_key_id(), now).await?;
        Ok(self.verifier.verify(token, &keys, now, &mut unheard)?)
    }

    /// Which claims say who somebody is.
    pub fn claims(&self) -> &ClaimRules {
        &self.claims
    }
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It broke a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// There is nothing to judge it by.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

broken_rules!(TokenError {
    Self::Keys(_), Self::Keys(KeysError::CoolingDown) => "keys", "token_keys_unavailable", "the issuer's keys were read within the maximum age";
} each {
    Self::Rejected(rejection)
        in Check::ALL.iter().map(|check| Self::Rejected(check.reject("", "")))
        => BrokenRule::of_token_check(rejection.check());
});

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// They cannot be read.
    #[error("{place}: {reason}")]
    Unreadable {
        /// Where they should be.
        place: String,
        /// Why not.
        reason: String,
    },
    /// The place answers that there is nothing.
    #[error("{place}: {reason}")]
    Absent {
        /// Where they should be.
        place: String,
        /// How it says so.
        reason: String,
    },
    /// They are not what they should be.
    #[error("{place}: {error}")]
    Unusable {
        /// Where they are.
        place: String,
        /// Why not.
        error: KeySetError,
    },
    /// There were none when they were asked for last, which was just now.
    #[error("the issuer's keys could not be read, and are not asked for again at once")]
    CoolingDown,
}

/// The keys that are kept at `source`, as they are now, good as a whole.
///
/// # Errors
/// [`KeysError`].
pub async fn read(source: &KeySource, sdk: &SdkConfig) -> Result<KeySetDocument, KeysError> {
    source::Reader::new(source.clone(), sdk)?.whole().await
}
