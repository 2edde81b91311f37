//! The issuer's keys: which of them tokens can be verified by, and why others are left out.

use studio_acs_jwt::{Algorithm, KeySetDocument, LeftOutKey};

use super::super::finding::Finding;
use super::super::item::Item;
use crate::report::cause::keys_cause;
use crate::service::StartError;
use crate::token::KeySource;

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
    if let StartError::TokenKeys(error) = error
        && let Some(cause) = keys_cause(error)
    {
        return cause.fix;
    }
    match source {
        KeySource::Discovery(_) => {
            "give the network a way to it and to its jwks_uri, by HTTPS and without a redirect; for an issuer without such a document write the URL of its keys"
        }
        KeySource::Url(_) => {
            "give the network a way to it, by HTTPS and without a redirect, or keep the keys in a parameter: docs/api.md"
        }
        source if source.is_at_aws() => {
            "correct the name in STUDIO_ACS_TOKEN_JWKS, and let the role do ssm:GetParameter or secretsmanager:GetSecretValue, and kms:Decrypt, through endpoints of the VPC"
        }
        _ => "put the issuer's key set there, what its jwks_uri answers, or correct STUDIO_ACS_TOKEN_JWKS",
    }
}
