//! The token API's issuers: their keys, their rules, and the user of a token.

mod current;
mod discovery;
mod error;
mod messages;
mod source;

use aws_config::SdkConfig;
use studio_acs_jwt::{Check, KeySetDocument, Rejection, TokenRules, UnverifiedToken, VerifiedToken, Verifier};
use time::UtcDateTime;

use current::CurrentKeys;
pub use discovery::{Discovery, IssuerConfiguration};
pub use error::{KeysError, TokenError};
pub use messages::{KEY_FAULT, KEYS_UNREADABLE};
pub use source::KeySource;

use crate::config::is_confidential;
use studio_acs_aws::https::Client;
use studio_acs_aws::{PATIENCE, RefreshRules};
use studio_acs_identity::ClaimRules;

/// One issuer whose tokens open the token API, and the rules for its tokens.
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// The rules for its tokens.
    pub rules: TokenRules,
    /// The claims that identify the user.
    pub claims: ClaimRules,
    /// Where the issuer's keys are.
    pub keys: KeySource,
    /// How often they are read again.
    pub refresh: RefreshRules,
}

impl TokenConfig {
    /// Returns the issuer that judges a token: the one that the token names as its own (`iss`), character by character. A
    /// single issuer judges every token.
    ///
    /// # Errors
    /// `token_issuer_mismatch` for another issuer; `token_malformed` and `token_claim_missing` for a token that names none.
    pub fn select<'a>(issuers: &'a [Self], token: &UnverifiedToken) -> Result<&'a Self, Rejection> {
        select(issuers, |issuer| &issuer.rules.issuer, token)
    }
}

/// The token API: its issuers. Prepared once.
#[derive(Debug)]
pub struct TokenApi {
    issuers: Vec<TokenIssuer>,
}

/// One issuer of the token API: only its own keys verify its tokens, and only its own rules judge them.
#[derive(Debug)]
pub struct TokenIssuer {
    name: String,
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
    pub async fn start(issuers: Vec<TokenConfig>, sdk: &SdkConfig, now: UtcDateTime) -> Result<Self, KeysError> {
        let mut prepared = Vec::new();
        for TokenConfig { rules, claims, keys, refresh } in issuers {
            if !is_confidential(&rules.issuer) {
                tracing::warn!(issuer = rules.issuer, "the issuer is no URL of https: it is only compared as a text");
            }
            let name = rules.issuer.clone();
            let keys = CurrentKeys::of(keys, rules.algorithms.clone(), sdk, refresh, now).await?;
            prepared.push(TokenIssuer { name, verifier: Verifier::new(rules), keys, claims });
        }
        Ok(Self { issuers: prepared })
    }

    /// Returns the issuer that judges a token, as [`TokenConfig::select`] does.
    ///
    /// # Errors
    /// As [`TokenConfig::select`].
    pub fn select(&self, token: &UnverifiedToken) -> Result<&TokenIssuer, TokenError> {
        Ok(select(&self.issuers, |issuer| &issuer.name, token)?)
    }
}

impl TokenIssuer {
    /// Verifies a token by the issuer's keys, as of `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn verify(&self, token: &UnverifiedToken, now: UtcDateTime) -> Result<VerifiedToken, TokenError> {
        // Nobody is asked for keys for a token that no key could help.
        self.verifier.check_header(token, &mut ())?;
        let keys = self.keys.for_token(token, now).await?;
        Ok(self.verifier.verify(token, &keys, now, &mut ())?)
    }

    /// The claims that identify the user.
    pub fn claims(&self) -> &ClaimRules {
        &self.claims
    }
}

fn select<'a, T>(issuers: &'a [T], name: impl Fn(&T) -> &str, token: &UnverifiedToken) -> Result<&'a T, Rejection> {
    // Its keys may be read again for a token, and its rules say what is wrong with it.
    if let [only] = issuers {
        return Ok(only);
    }
    let wanted = token.unverified_issuer()?;
    issuers.iter().find(|issuer| name(issuer) == wanted).ok_or_else(|| {
        let names: Vec<_> = issuers.iter().map(name).collect();
        Check::Issuer.reject_texts(&names, &[&wanted])
    })
}

/// The keys of an issuer, as they are now, good as a whole.
///
/// # Errors
/// [`KeysError`].
pub async fn read(issuer: &TokenConfig, sdk: &SdkConfig) -> Result<KeySetDocument, KeysError> {
    source::KeyReader::new(issuer.keys.clone(), issuer.rules.algorithms.clone(), sdk)?.whole().await
}

/// The issuer's own configuration, as it is now; `None` for an issuer whose name leads to none.
pub async fn discover(issuer: &TokenConfig) -> Option<Result<IssuerConfiguration, KeysError>> {
    let discovery = match &issuer.keys {
        KeySource::Discovery(discovery) => discovery.clone(),
        _ => Discovery::of_issuer(&issuer.rules.issuer)?,
    };
    let unreadable = |reason: String| KeysError::Unreadable { place: discovery.place().to_owned(), reason };
    let answer = async { discovery.read(&Client::new(PATIENCE).map_err(unreadable)?).await };
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    Some(answer.unwrap_or_else(|_| Err(unreadable("no answer in time".to_owned()))))
}
