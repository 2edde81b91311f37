//! The issuer's own configuration, compared with the settings.

use studio_acs_refusal::printable;

use super::super::finding::Finding;
use super::super::item::Item;
use crate::token::{Discovery, IssuerConfiguration, KeySource, KeysError, TokenConfig};

pub(super) fn finding(token: &TokenConfig, read: Option<&Result<IssuerConfiguration, KeysError>>) -> Finding {
    let issuer = &token.rules.issuer;
    let Some(read) = read else {
        let how = match Discovery::of_issuer(issuer) {
            Some(_) => "--online reads it",
            None => "compare it yourself: this issuer's name is no URL of https that leads there",
        };
        return Finding::skipped(Item::TokenDiscovery, issuer.clone(), how);
    };
    let configuration = match read {
        Ok(configuration) => configuration,
        Err(error) => {
            let how = "compare issuer and jwks_uri yourself, where a browser reaches the issuer";
            return Finding::skipped(Item::TokenDiscovery, error.to_string(), how);
        }
    };
    let keys_at = printable(&configuration.jwks_uri);
    let names_ours = match &token.keys {
        KeySource::Discovery(discovery) => discovery.names(configuration),
        _ => configuration.issuer == *issuer,
    };
    if !names_ours {
        return Finding::error(
            Item::TokenDiscovery,
            format!("the issuer's configuration names {}, and the setting {issuer}", printable(&configuration.issuer)),
            "make STUDIO_ACS_TOKEN_ISSUER what the tokens have as iss, most often this name, to the last character",
        );
    }
    match &token.keys {
        KeySource::Url(url) if *url != configuration.jwks_uri => Finding::warning(
            Item::TokenDiscovery,
            format!("its keys are at {keys_at}, and the setting names {url}"),
            "set STUDIO_ACS_TOKEN_JWKS to that jwks_uri, or to discovery; if both answer the same keys, all is well",
        ),
        _ => Finding::ok(Item::TokenDiscovery, format!("{issuer}, with keys at {keys_at}")),
    }
}
