//! Identities of the vectors, each verified as a service would, and once.

use std::sync::LazyLock;

use fixtures::{manifest, tokens};
use studio_acs_identity::{ClaimRules, Identity, IdentityRules};
use studio_acs_jwt::{AllowedAlgorithms, KeySet, TokenRules, TokenUse, UnverifiedToken};
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};
use time::Duration;

/// The user of an assertion of IAM Identity Center, whose session ends at 2026-01-15T22:00:00Z.
pub fn of_an_assertion() -> Identity {
    static IDENTITY: LazyLock<Identity> = LazyLock::new(verified_assertion);
    IDENTITY.clone()
}

/// The user `ana@example.com` of an ID token of Okta's.
pub fn of_an_id_token() -> Identity {
    static IDENTITY: LazyLock<Identity> = LazyLock::new(|| verified_token("honest/okta-id"));
    IDENTITY.clone()
}

/// The user `ana@example.com` of an access token of Okta's.
pub fn of_an_access_token() -> Identity {
    static IDENTITY: LazyLock<Identity> = LazyLock::new(|| verified_token("honest/okta-access"));
    IDENTITY.clone()
}

fn verified_assertion() -> Identity {
    let rows = manifest::rows("library");
    let row = rows.iter().find(|row| row.name == "accept/identity-center").expect("a row");
    let at = instant::parse(&row.at).expect("a time");
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, at).expect("metadata");
    let us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
    let file = row.file.as_deref().expect("a file");
    let response = UnverifiedResponse::from_xml(manifest::read(file)).expect("a response");
    let assertion = Verifier::new(idps, us).verify(response, None, at, &mut ()).expect("a verified assertion");
    let rules = IdentityRules {
        user_attribute: "username".to_owned(),
        domain_attribute: "domain-id".to_owned(),
        group_attribute: "groups".to_owned(),
        require_groups: false,
        allowed_domains: Vec::new(),
        by_ledger: false,
    };
    Identity::of(&assertion, &rules, &mut ()).expect("an identity")
}

fn verified_token(name: &str) -> Identity {
    let rows = tokens::rows();
    let row = rows.iter().find(|row| row.name == name).expect("a row");
    let settings = &row.settings;
    let algorithms = AllowedAlgorithms::default();
    let rules = TokenRules {
        algorithms: algorithms.clone(),
        issuer: settings.issuer.clone(),
        audiences: settings.audience.clone(),
        token_use: TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind"),
        scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
        skew: Duration::seconds(settings.skew),
        max_age: Duration::seconds(settings.max_age),
    };
    let token = UnverifiedToken::from_authorization(row.authorization.iter().map(String::as_bytes)).expect("a token");
    let keys = KeySet::parse(&tokens::read(&row.keys), &algorithms).expect("a key set");
    let now = instant::parse(&row.now).expect("a time");
    let token = studio_acs_jwt::Verifier::new(rules).verify(&token, &keys, now, &mut ()).expect("a verified token");
    let (user_claim, group_claim) = (settings.user_claim.clone(), settings.group_claim.clone());
    let claims = ClaimRules { user_claim, group_claim, require_groups: false };
    Identity::by_token(&token, &claims, &mut ()).expect("an identity")
}
