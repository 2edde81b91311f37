//! The reasons why a token is not accepted.

use crate::config::without_user;
use studio_acs_aws::TooOld;
use studio_acs_aws::https::HttpsError;
use studio_acs_jwt::{Check, KeySetError, Rejection};
use studio_acs_refusal::{broken_rules, printable};

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
    Self::Keys(_), Self::Keys(KeysError::TooOld(TooOld::example())) => "keys", "token_keys_unavailable", "the issuer's keys were read within the maximum age";
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
    /// The host answers, with another status than one of success.
    #[error("{place}: status {status}")]
    Answered {
        /// Where they should be.
        place: String,
        /// The status.
        status: u16,
    },
    /// The place answers that nothing exists.
    #[error("{place}: {reason}")]
    Absent {
        /// Where they should be.
        place: String,
        /// How it says so.
        reason: String,
    },
    /// The issuer's configuration is none.
    #[error(
        "{place}: expected the issuer's configuration, a JSON object with issuer and jwks_uri: {}",
        printable(reason)
    )]
    NoConfiguration {
        /// Where it should be.
        place: String,
        /// Why it is none.
        reason: String,
    },
    /// The configuration is another issuer's.
    #[error("{place}: expected the issuer {expected}, found {}", printable(&without_user(found)))]
    AnotherIssuer {
        /// Where it is.
        place: String,
        /// The configured issuer.
        expected: String,
        /// Whose it is.
        found: String,
    },
    /// The configuration leads to keys that anybody on the way can exchange.
    #[error("{place}: expected a jwks_uri of https, without a user, found {}", printable(&without_user(found)))]
    KeysInTheClear {
        /// Where it is.
        place: String,
        /// Where the keys would be.
        found: String,
    },
    /// They are not what they should be.
    #[error("{place}: {error}")]
    Unusable {
        /// Where they are.
        place: String,
        /// Why not.
        error: KeySetError,
    },
    /// None may be used now.
    #[error(transparent)]
    TooOld(#[from] TooOld),
}

impl KeysError {
    /// Keys or a configuration that HTTPS did not bring from `place`.
    pub(super) fn of_https(place: &str, error: HttpsError) -> Self {
        let place = place.to_owned();
        match error {
            HttpsError::Status(status) => Self::Answered { place, status },
            HttpsError::NoAnswer(reason) => Self::Unreadable { place, reason: reason.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_issuers_text_is_not_repeated() {
        let (place, found) = (String::new, "https://admin:PW@idp.example/keys".to_owned());
        for error in [
            KeysError::AnotherIssuer { place: place(), expected: place(), found: found.clone() },
            KeysError::KeysInTheClear { place: place(), found },
        ] {
            let said = error.to_string();
            assert!(said.contains("https://…@idp.example/keys") && !said.contains("PW"), "{said}");
        }
    }

    #[test]
    fn the_issuers_text_stays_on_one_line_and_is_bounded() {
        let found = format!("https://idp.example\u{1b}[31m\n\u{202e}{}", "x".repeat(60_000));
        let place = String::new;
        for error in [
            KeysError::NoConfiguration { place: place(), reason: found.clone() },
            KeysError::AnotherIssuer {
                place: place(),
                expected: "https://idp.example".to_owned(),
                found: found.clone(),
            },
            KeysError::KeysInTheClear { place: place(), found },
        ] {
            let said = error.to_string();
            assert!(!said.contains(['\u{1b}', '\n', '\u{202e}']) && said.contains("idp.example\\u{1b}"), "{said}");
            assert!(said.len() < 500, "{} bytes", said.len());
        }
    }
}
