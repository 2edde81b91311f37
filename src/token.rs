//! The token API: its issuer, its keys, and the user of a token.

mod current;
mod source;

use aws_config::SdkConfig;
use studio_acs_jwt::{
    Check, KeySetDocument, KeySetError, Rejection, TokenRules, UnverifiedToken, VerifiedToken, Verifier,
};
use time::UtcDateTime;

use current::CurrentKeys;
pub use source::KeySource;

use studio_acs_aws::RefreshRules;
use studio_acs_identity::ClaimRules;
use studio_acs_refusal::LogMessage;
use studio_acs_refusal::broken_rules;

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

/// The settings of the token API.
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// Which tokens are taken.
    pub rules: TokenRules,
    /// The claims that identify the user.
    pub claims: ClaimRules,
    /// Where the issuer's keys are.
    pub keys: KeySource,
    /// How often they are read again.
    pub refresh: RefreshRules,
}

/// The token API. Prepared once.
#[derive(Debug)]
pub struct TokenApi {
    verifier: Verifier,
    keys: CurrentKeys,
    claims: ClaimRules,
}

impl TokenApi {
    /// Prepares the token API. A file of keys is read now, so that a wrong one stops the start; keys from elsewhere are
    /// read with the first token, so that SAML sign-in does not wait for them.
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
        Ok(self.verifier.verify(token, &keys, now, &mut ())?)
    }

    /// The claims that identify the user.
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
    /// No keys to judge it by.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

broken_rules!(TokenError {
    Self::Keys(_), Self::Keys(KeysError::CoolingDown) => "keys", "token_keys_unavailable", "the issuer's keys were read within the maximum age";
} each {
    Self::Rejected(rejection)
        in Check::ALL.iter().map(|check| Self::Rejected(check.reject("", "")))
        => rejection.check().broken_rule();
});

/// The reason why no keys are known.
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
    /// The place answers that nothing exists.
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
