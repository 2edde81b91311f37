//! The issuer's keys: which of them tokens can be verified by, and why others are left out.

use studio_acs_jwt::{Algorithm, KeySetDocument, KeySetError, LeftOutKey};

use super::super::finding::Finding;
use super::super::item::Item;
use crate::service::StartError;
use crate::token::{KeySource, KeysError};

/// How many keys are named.
const SHOWN: usize = 8;

pub(super) fn finding(source: &KeySource, read: Option<&Result<KeySetDocument, StartError>>) -> Finding {
    match read {
        None => Finding::skipped(Item::TokenKeys, source.to_string(), "--online reads them"),
        Some(Ok(document)) => of_document(document),
        Some(Err(error)) => Finding::error(Item::TokenKeys, error.to_string(), fix(error, source)),
    }
}

fn of_document(document: &KeySetDocument) -> Finding {
    let named = |(id, algorithms): (Option<&str>, Vec<Algorithm>)| {
        let algorithms: Vec<_> = algorithms.into_iter().map(Algorithm::as_str).collect();
        let id = id.map_or_else(|| "one without an ID".to_owned(), |id| id.escape_debug().to_string());
        format!("{id} ({})", algorithms.join(", "))
    };
    let taken = shown(document.keys().keys().map(named));
    let (others, doubtful): (Vec<&LeftOutKey>, Vec<_>) =
        document.left_out().iter().partition(|key| key.fault.is_for_other_purpose());
    let left_out = |keys: &[&LeftOutKey]| format!("{taken}; left out: {}", shown(keys.iter().map(ToString::to_string)));
    match (&*doubtful, &*others) {
        ([], []) => Finding::ok(Item::TokenKeys, taken),
        ([], others) => Finding::ok(Item::TokenKeys, left_out(others)),
        (doubtful, _) => Finding::warning(
            Item::TokenKeys,
            left_out(doubtful),
            "no token is verified by the key that is left out: if the issuer signs by it, let the issuer publish it as the line says; if not, leave it so",
        ),
    }
}

fn shown(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<_> = names.take(SHOWN.saturating_add(1)).collect();
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("…".to_owned());
    }
    names.join(", ")
}

fn fix(error: &StartError, source: &KeySource) -> &'static str {
    match (error, source) {
        (StartError::TokenKeys(KeysError::Unusable { error: KeySetError::Private(_), .. }), _) => {
            "make the issuer new keys, and put the public ones alone there: these can sign tokens for anybody"
        }
        (StartError::TokenKeys(KeysError::Unusable { error: KeySetError::NoKey { .. }, .. }), _) => {
            "let the issuer publish a key that the line finds nothing wrong with; if it signs by another algorithm, add that to STUDIO_ACS_TOKEN_ALGORITHMS"
        }
        (StartError::TokenKeys(KeysError::Unusable { .. }), _) => {
            "put the issuer's key set there, what its jwks_uri answers (not the openid-configuration, whose URL may also be set)"
        }
        (StartError::TokenKeys(KeysError::AnotherIssuer { .. }), _) => {
            "make STUDIO_ACS_TOKEN_ISSUER and the member issuer of that document the same, to the last character; for AD FS write the URL of its keys"
        }
        (StartError::TokenKeys(KeysError::NoConfiguration { .. } | KeysError::KeysInTheClear { .. }), _) => {
            "write the URL of the issuer's keys in STUDIO_ACS_TOKEN_JWKS, of https"
        }
        (_, KeySource::Discovery(_)) => {
            "give the network a way to it and to its jwks_uri, by HTTPS and without a redirect; for an issuer without such a document write the URL of its keys"
        }
        (_, KeySource::Url(_)) => {
            "give the network a way to it, by HTTPS and without a redirect, or keep the keys in a parameter: docs/portal.md"
        }
        (_, source) if source.is_at_aws() => {
            "correct the name in STUDIO_ACS_TOKEN_JWKS, and let the role do ssm:GetParameter or secretsmanager:GetSecretValue, and kms:Decrypt, through endpoints of the VPC"
        }
        _ => "put the issuer's key set there, what its jwks_uri answers, or correct STUDIO_ACS_TOKEN_JWKS",
    }
}
