//! Whose keys verify, and what the log is told where none does.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]

use fixtures::manifest;
use studio_acs_refusal::instant;
use studio_acs_saml::{KeyId, Lapse, Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};
use time::{Duration, UtcDateTime};

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";

fn now() -> UtcDateTime {
    instant::parse("2026-01-15T10:00:30Z").expect("a time")
}

fn idps(name: &str) -> TrustedIdps {
    let text = String::from_utf8(manifest::read(&format!("metadata/{name}.xml"))).expect("UTF-8");
    TrustedIdps::from_metadata(&text, now()).expect("metadata")
}

/// Why Identity Center's response is refused.
fn refused(idps: TrustedIdps) -> Rejection {
    let response = UnverifiedResponse::from_xml(manifest::read("responses/identity-center.xml")).expect("UTF-8");
    let verifier = Verifier::new(idps, ServiceProvider::new(HOST, vec![format!("{HOST}prod/saml")]));
    verifier.verify(response, None, now(), &mut ()).expect_err("no key of these")
}

fn issuer() -> String {
    idps("identity-center").iter().next().expect("one").entity_id().to_owned()
}

#[test]
fn a_key_is_trusted_for_its_own_identity_provider_until_its_metadata_ends() {
    let all = idps("nested");
    let keys: Vec<(&str, KeyId)> =
        all.iter().flat_map(|idp| idp.keys().map(|key| (idp.entity_id(), key.id()))).collect();
    assert!(keys.len() > 1 && keys[0].1 != keys[1].1, "{keys:?}");
    for idp in all.iter() {
        for (owner, key) in &keys {
            let is_shared = idp.keys().any(|own| own.id() == *key);
            assert_eq!(idp.trusts(*key, now()), is_shared, "{owner}'s key for {}", idp.entity_id());
        }
        assert_eq!(all.find(idp.entity_id()).map(|found| found.entity_id()), Some(idp.entity_id()));
    }
    let ends = now() + Duration::seconds(10);
    let idps = idps("identity-center").confirmed_until(ends);
    let idp = idps.iter().next().expect("one");
    let key = idp.keys().next().expect("a key").id();
    assert!(idp.trusts(key, now()) && !idp.trusts(key, ends));
}

#[test]
fn an_unknown_issuer_is_told_with_those_that_are_known() {
    let text = String::from_utf8(manifest::read("metadata/nested.xml")).expect("UTF-8");
    let renamed = text.replace(&issuer(), "https://another.example/");
    let idps = TrustedIdps::from_metadata(&renamed, now()).expect("metadata");
    let known: Vec<_> = idps.iter().map(|idp| idp.entity_id().to_owned()).collect();
    assert!(known.len() == 2 && known.contains(&"https://another.example/".to_owned()), "{known:?}");
    let rejection = refused(idps);
    let told = (rejection.code(), rejection.expected().to_owned(), rejection.found().to_owned());
    let expected: String = known.join(" or ").chars().take(200).collect();
    assert_eq!((told.0, told.2), ("unknown_issuer", issuer()));
    assert!(told.1.starts_with(&expected), "{}", told.1);
    // The one that nearly is it stands first, though it is the last by name.
    let near = issuer().replace("portal", "poRtal");
    let other = known.iter().find(|id| **id != "https://another.example/").expect("two");
    let text = text.replace(&issuer(), &near).replace(other, "https://another.example/");
    let rejection = refused(TrustedIdps::from_metadata(&text, now()).expect("metadata"));
    assert!(rejection.expected().starts_with("https://poRtal"), "{}", rejection.expected());
}

#[test]
fn the_end_of_trust_is_told() {
    let at = now() - Duration::seconds(1);
    for (lapse, text) in [
        (Lapse::ValidUntil(at), "metadata that was valid until 2026-01-15T10:00:29Z"),
        (
            Lapse::ConfirmedUntil(at),
            "metadata that could not be read again, and could be used until 2026-01-15T10:00:29Z",
        ),
    ] {
        assert_eq!((lapse.at(), lapse.to_string().as_str()), (at, text));
    }
    let rejection = refused(idps("identity-center").confirmed_until(at));
    let told = (rejection.code(), rejection.expected(), rejection.found());
    let expected = format!("metadata that was read within the maximum age for {}", issuer());
    assert_eq!(told, ("metadata_unconfirmed", &*expected, &*Lapse::ConfirmedUntil(at).to_string()));
}

/// If two ends are at one instant, the first one is told: the metadata's own before the one of its reading.
#[test]
fn of_two_ends_at_one_instant_the_first_is_told() {
    let at = now() + Duration::seconds(10);
    let text = String::from_utf8(manifest::read("metadata/identity-center.xml")).expect("UTF-8");
    let until = format!("validUntil=\"{}\" entityID=", instant::format(at));
    let valid = TrustedIdps::from_metadata(&text.replace("entityID=", &until), now()).expect("metadata");
    let confirmed = idps("identity-center").confirmed_until(at);
    let lapse = |idps: TrustedIdps| idps.iter().next().expect("one").lapse();
    assert_eq!(lapse(valid.clone().confirmed_until(at)), Some(Lapse::ValidUntil(at)));
    assert_eq!(lapse(valid.clone().and(confirmed.clone())), Some(Lapse::ValidUntil(at)));
    assert_eq!(lapse(confirmed.and(valid)), Some(Lapse::ConfirmedUntil(at)));
}

#[test]
fn a_signature_by_no_key_of_the_issuer_is_told_with_the_issuer() {
    let others = String::from_utf8(manifest::read("metadata/rsa-3072.xml")).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&others, now()).expect("metadata");
    let rejection = refused(idps);
    assert_eq!(rejection.code(), "signature_invalid");
    assert_eq!(rejection.expected(), format!("a signature by a key of {}", issuer()));
    assert_eq!(rejection.found(), "another: keys in the metadata: 1");
}
