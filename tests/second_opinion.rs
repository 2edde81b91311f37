//! libxmlsec1 beside our verifier: both must accept. tests/it/vectors.rs shows, built with this feature, that the second
//! one takes every response that the first one takes.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::sync::Arc;

use studio_acs::second_opinion::{Disagreement, SecondOpinion};
use studio_acs::service::Parts;
use studio_acs::trust::{CurrentTrust, Metadata, Trust};
use studio_acs::{Clock, Config, Service, http};
use studio_acs_identity::{Identity, IdentityRules};
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, UnverifiedResponse};
use studio_acs_standins::idp::{Claim, DevIdp, PASSWORD};
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use studio_acs_standins::sdk as stand_in_sdk;
use support::{StandIns, form, logged, post};
use time::{Duration, UtcDateTime};

const ISSUER: &str = "https://idp.example/assertion/1";
const ACS_URL: &str = "https://acs.example/saml";
const AUDIENCE: &str = "https://acs.example/";
const DOMAIN: &str = "d-abc123";

fn now() -> UtcDateTime {
    instant::parse("2026-11-21T12:00:00Z").expect("a time")
}

fn us() -> ServiceProvider {
    ServiceProvider::new(AUDIENCE, vec![ACS_URL.to_owned()])
}

fn response(idp: &DevIdp, user: &str) -> String {
    let claim = Claim {
        user: user.to_owned(),
        domain: DOMAIN.to_owned(),
        audience: AUDIENCE.to_owned(),
        acs_url: ACS_URL.to_owned(),
        issued: now(),
        session: Duration::hours(12),
        groups: Vec::new(),
        attributes: Vec::new(),
        authenticated: now(),
        method: PASSWORD.to_owned(),
    };
    idp.respond(&claim).expect("a response")
}

/// The answer of a service whose second verifier has this metadata; the code that it logs; and how much it minted.
async fn sign_in(idp: &DevIdp, second: &Metadata) -> (u16, String, usize) {
    let stand_ins = StandIns::start(Profiles::default().with(DOMAIN, "alice", Behaviour::Mint)).await;
    let config = Config::read(|setting| match setting.name {
        "metadata" => Some("in memory".to_owned()),
        "audience" => Some(AUDIENCE.to_owned()),
        "acs-url" => Some(ACS_URL.to_owned()),
        "studio-origin" => Some(support::STUDIO_ORIGIN.to_owned()),
        "replay-after-restart" => Some("accept".to_owned()),
        _ => None,
    })
    .expect("a configuration");
    let mut trust = Trust::new(&Metadata::of("idp", idp.metadata()), us(), now()).expect("trust");
    trust.second_opinion = SecondOpinion::new(second.texts()).expect("trust");
    let sdk = stand_in_sdk(&stand_ins.endpoint, config.mint.timeout);
    let clock = Clock::new(now);
    let parts = Parts::of(&config, &sdk, &clock, support::Lines::default().log()).await.expect("the service starts");
    let app = Service::new(config, CurrentTrust::fixed(trust), parts, &sdk, clock).expect("the service starts");
    let service = http::router(Arc::new(app));
    let (answer, log) = logged(post(&service, "/saml", form(response(idp, "alice").as_bytes()))).await;
    let event: serde_json::Value = serde_json::from_str(log.lines().last().expect("an event")).expect("JSON");
    let code = event["code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code, stand_ins.sagemaker.mints())
}

#[tokio::test]
async fn nothing_is_minted_for_what_only_one_of_two_takes() {
    let (idp, other) = (DevIdp::new(ISSUER).expect("an IdP"), DevIdp::new(ISSUER).expect("an IdP"));
    assert_eq!(sign_in(&idp, &Metadata::of("idp", idp.metadata())).await, (302, String::new(), 1));
    let refused = (403, "second_opinion".to_owned(), 0);
    assert_eq!(sign_in(&idp, &Metadata::of("the same name, another key", other.metadata())).await, refused);
    let stranger = DevIdp::new("https://idp.example/assertion/2").expect("an IdP");
    assert_eq!(sign_in(&idp, &Metadata::of("another name", stranger.metadata())).await, refused);
}

#[tokio::test]
async fn both_must_read_the_same_identity() {
    let idp = DevIdp::new(ISSUER).expect("an IdP");
    let trust = Trust::new(&Metadata::of("idp", idp.metadata()), us(), now()).expect("trust");
    let rules = IdentityRules {
        user_attribute: "username".to_owned(),
        domain_attribute: "domain-id".to_owned(),
        group_attribute: "groups".to_owned(),
        require_groups: false,
        allowed_domains: Vec::new(),
        by_ledger: false,
    };
    let (alice, bob) = (response(&idp, "alice"), response(&idp, "bob"));
    let identity = |xml: &str, rules: &IdentityRules| {
        let unverified = UnverifiedResponse::from_xml(xml.as_bytes().to_vec()).expect("UTF-8");
        let assertion = trust.verifier.verify(unverified, None, now(), &mut ()).expect("it is valid");
        Identity::of(&assertion, rules, &mut ()).expect("an identity")
    };
    let ours = identity(&alice, &rules);
    trust.second_opinion.confirm(alice.clone(), &ours, &rules).await.expect("they agree");
    let another = trust.second_opinion.confirm(bob, &ours, &rules).await;
    assert!(matches!(another, Err(Disagreement::Differs("assertion"))), "{another:?}");
    let renamed = IdentityRules { group_attribute: "username".to_owned(), ..rules.clone() };
    let another = trust.second_opinion.confirm(alice.clone(), &ours, &renamed).await;
    assert!(matches!(another, Err(Disagreement::Differs("groups"))), "{another:?}");
    let swapped = IdentityRules { user_attribute: "domain-id".to_owned(), ..rules };
    let another = trust.second_opinion.confirm(alice, &ours, &swapped).await;
    assert!(matches!(another, Err(Disagreement::Differs("user"))), "{another:?}");
}
