//! Every vector of the manifest whose assertion verifies, as an identity: the exact code, or the user that it names.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use fixtures::manifest::{self, Row, Verdict};
use studio_acs_identity::{CredentialKind, DomainId, Identity, IdentityRules, Names};
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::Duration;

#[test]
fn every_verified_vector_names_its_user_or_is_refused_with_its_code() {
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for row in manifest::rows("library") {
        let Ok(assertion) = verify(&row) else { continue };
        let found = match read(&assertion, &rules(&row)) {
            Ok(identity) => {
                accepted += 1;
                assert_facts(&row, &identity, &assertion);
                let (profile, domain) = identity.named().expect("an assertion without a ledger names both");
                assert_eq!(identity.user(), profile.as_str(), "{}", row.name);
                (None, Some(profile.to_string()), Some(domain.to_string()))
            }
            Err(rejection) => {
                refused += 1;
                if rejection.code() == "attribute_invalid" {
                    assert_shows_value(&row, &rejection, &assertion);
                }
                (Some(rejection.code().to_owned()), None, None)
            }
        };
        let expected = match row.expect {
            // The readers of groups refuse these.
            _ if row.code.as_deref() == Some("groups_incomplete") => continue,
            Verdict::Accept => (None, row.user.clone(), row.domain.clone()),
            Verdict::Reject => (row.code.clone(), None, None),
        };
        if found != expected {
            wrong.push(format!("{}: {found:?}, expected {expected:?} ({})", row.name, row.why));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(accepted > 150 && refused > 60, "{accepted} accepted, {refused} refused");
}

/// With a ledger the assertion names the user only, and by any name that can be shown and compared.
#[test]
fn a_ledger_takes_each_name_that_can_be_compared_and_reads_no_domain() {
    for (name, expected) in [
        ("accept/identity-center", Ok("93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64")),
        ("refuse/attribute_invalid/user-e-mail", Ok("ana@example.com")),
        ("refuse/attribute_invalid/user-space", Ok("ana perez")),
        ("refuse/attribute_invalid/domain-empty", Ok("93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64")),
        ("refuse/domain_not_allowed/other", Ok("93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64")),
        ("refuse/attribute_invalid/user-empty", Err("attribute_invalid")),
        ("attack/names/user-zero-width", Err("attribute_invalid")),
        ("attack/names/user-space-around", Err("attribute_invalid")),
    ] {
        let row = row(name);
        let rules = IdentityRules { by_ledger: true, ..rules(&row) };
        let assertion = verify(&row).unwrap();
        let found = read(&assertion, &rules);
        let found = found.map(|identity| {
            assert!(identity.named().is_none(), "{name}: the ledger names profile and domain");
            identity.user().to_owned()
        });
        assert_eq!(found.as_deref().map_err(Rejection::code), expected, "{name}");
    }
}

/// The identity, where nothing reads groups.
fn read(assertion: &VerifiedAssertion, rules: &IdentityRules) -> Result<Identity, Rejection> {
    Identity::of(assertion, rules, &mut ())
}

fn assert_facts(row: &Row, identity: &Identity, assertion: &VerifiedAssertion) {
    let replay_key = identity.replay_key().expect("an assertion counts once");
    let claimed = (replay_key.key, replay_key.issued, replay_key.until);
    let expected = (assertion.replay_key(), Some(assertion.issued()), assertion.not_on_or_after());
    assert_eq!(claimed, expected, "{}", row.name);
    assert_eq!((identity.issuer(), identity.source_id()), (assertion.issuer(), assertion.id()), "{}", row.name);
    assert_eq!(identity.credential_kind(), CredentialKind::Assertion, "{}", row.name);
    assert_eq!(identity.session_not_on_or_after(), assertion.session_not_on_or_after(), "{}", row.name);
    assert_eq!(identity.authenticated_at(), assertion.authenticated_at(), "{}", row.name);
    for (names, issuer) in [
        (Names::Shared, None),
        (Names::OneIssuer, Some(identity.issuer())),
        (Names::PerIssuer, Some(identity.issuer())),
    ] {
        let user_id = identity.user_id(names);
        assert_eq!((user_id.issuer(), user_id.name()), (issuer, identity.user()), "{}, {names:?}", row.name);
    }
    let methods: Vec<_> = identity.authentication_methods().iter().map(String::as_str).collect();
    assert_eq!(methods, assertion.authentication_method().into_iter().collect::<Vec<_>>(), "{}", row.name);
}

/// The text that shows a value, where that is another: nothing hidden, none of the letters that look like others, quotation
/// marks where a space stands at an edge, and no more than 120 characters of a long one.
const SHOWN: &[(&str, &str)] = &[
    ("refuse/attribute_invalid/user-empty", "an empty value"),
    ("refuse/attribute_invalid/domain-empty", "an empty value"),
    ("refuse/attribute_invalid/user-pretty", r"\u{a}  93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64\u{a}"),
    // These look like nothing else.
    ("refuse/attribute_invalid/user-digits", "\u{661}\u{662}\u{663}"),
    ("attack/names/user-superscript", "\u{1d43}\u{1d48}\u{1d50}\u{2071}\u{207f}"),
    ("attack/names/user-combining", "ana\u{301}"),
    (
        "attack/names/user-huge",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… of 4096 bytes",
    ),
    ("attack/names/user-space-around", "\" 93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64 \""),
    ("attack/names/user-no-break-space", r"administrator\u{a0}"),
    ("attack/names/user-line-end", r"93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64\u{a}"),
    ("attack/names/user-carriage-return", r"93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64\u{d}"),
    ("attack/names/user-full-width", r"\u{ff41}\u{ff4e}\u{ff41}"),
    ("attack/names/user-mathematical", r"\u{1d41a}\u{1d41d}\u{1d426}"),
    ("attack/names/user-ligature", r"o\u{fb03}ce"),
    ("attack/names/user-dotless", r"adm\u{131}n"),
    ("attack/names/user-kelvin", r"\u{212a}im"),
    ("attack/names/user-long-s", r"bo\u{17f}s"),
    ("attack/names/user-cyrillic", r"\u{430}na"),
    ("attack/names/user-hyphen", r"ana\u{2010}perez"),
    ("attack/names/user-zero-width", r"ana\u{200b}"),
    ("attack/names/user-soft-hyphen", r"admini\u{ad}strator"),
    ("attack/names/user-right-to-left", r"\u{202e}ana"),
    ("attack/names/user-log-line", r"x\u{a}outcome=accepted user=administrator"),
    ("attack/names/domain-line-end", r"d-a1b2c3d4e5f6\u{a}"),
    ("attack/names/domain-cyrillic", r"d-\u{430}1b2c3d4e5f6"),
    ("attack/names/domain-hyphen", r"d\u{2011}a1b2c3d4e5f6"),
    ("attack/names/domain-zero-width", r"d-a1b2c3d4e5f6\u{200d}"),
];

/// The reason names the attribute and shows its value: as it is, or as [`SHOWN`] has it.
fn assert_shows_value(row: &Row, rejection: &Rejection, assertion: &VerifiedAssertion) {
    let named = ["username", "domain-id"].into_iter().find(|name| rejection.expected().starts_with(name));
    let Some(name) = named else { return };
    let value = assertion.attribute(name).unwrap();
    let shown = SHOWN.iter().find(|(name, _)| *name == row.name).map_or(value, |(_, shown)| *shown);
    assert_eq!(rejection.found(), shown, "{}: {rejection}", row.name);
}

fn row(name: &str) -> Row {
    manifest::rows("library").into_iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}"))
}

fn rules(row: &Row) -> IdentityRules {
    IdentityRules {
        user_attribute: row.user_attribute.clone().unwrap_or_else(|| "username".to_owned()),
        domain_attribute: row.domain_attribute.clone().unwrap_or_else(|| "domain-id".to_owned()),
        group_attribute: "groups".to_owned(),
        require_groups: false,
        allowed_domains: row.allowed_domains.iter().map(|domain| DomainId::parse(domain).expect("a domain")).collect(),
        by_ledger: false,
    }
}

fn verify(row: &Row) -> Result<VerifiedAssertion, Rejection> {
    let at = instant::parse(&row.at).expect("a time");
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, at).expect("metadata");
    let mut us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
    us.require_signed = row.require_signed.as_deref().map_or(Ok(us.require_signed), str::parse).expect("a known value");
    us.skew = row.skew.map_or(us.skew, |skew| Duration::seconds(skew.into()));
    us.max_age = row.max_age.map_or(us.max_age, |age| Duration::seconds(age.into()));
    let response = match (&row.file, &row.form) {
        (Some(file), None) => UnverifiedResponse::from_xml(manifest::read(file))?,
        (None, Some(form)) => UnverifiedResponse::from_form(Some(&row.content_type), &manifest::read(form))?,
        _ => panic!("{}: either a file or a form", row.name),
    };
    Verifier::new(idps, us).verify(response, row.in_response_to.as_deref(), at, &mut ())
}
