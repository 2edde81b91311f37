//! Every vector of the manifest, through the library: the exact code, or the signed facts.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use fixtures::manifest::{self, Row, Verdict};
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::Duration;

/// The service's rules for a verified assertion (its own tests replay these rows too).
const AFTER_VERIFICATION: [&str; 3] = ["attribute_invalid", "domain_not_allowed", "groups_incomplete"];

#[test]
fn every_vector_has_its_verdict_and_code() {
    let rows = manifest::rows("library");
    assert!(rows.len() > 500, "the manifest is whole");
    let wrong: Vec<_> =
        rows.iter().filter_map(|row| differs(row).map(|how| format!("{}: {how} ({})", row.name, row.why))).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn differs(row: &Row) -> Option<String> {
    let outcome = verify(row);
    let expected = row.code.as_deref().filter(|code| !AFTER_VERIFICATION.contains(code));
    match (&outcome, expected) {
        (Err(rejection), Some(code)) if rejection.code() == code => None,
        (Err(rejection), _) => {
            Some(format!("expected {}, got {}: {rejection}", expected.unwrap_or("acceptance"), rejection.code()))
        }
        (Ok(_), Some(code)) => Some(format!("expected {code}, was accepted")),
        (Ok(assertion), None) if row.expect == Verdict::Accept => {
            let facts = (assertion.signed(), assertion.algorithm());
            let signed: Vec<_> = row.signed.iter().flatten().map(String::as_str).collect();
            let algorithm = row.algorithm.as_deref().unwrap_or_default();
            (facts != (signed, algorithm)).then(|| format!("signed and algorithm are {facts:?}"))
        }
        (Ok(_), None) => None,
    }
}

fn verify(row: &Row) -> Result<VerifiedAssertion, Rejection> {
    let at = instant::parse(&row.at).expect("a time");
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("metadata is UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, at).unwrap_or_else(|error| panic!("{}: {error}", row.name));
    let mut us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
    us.require_signed = row.require_signed.as_deref().map_or(Ok(us.require_signed), str::parse).expect("a known value");
    us.skew = row.skew.map_or(us.skew, |skew| Duration::seconds(skew.into()));
    us.max_age = row.max_age.map_or(us.max_age, |age| Duration::seconds(age.into()));

    let response = match (&row.file, &row.form) {
        (Some(file), None) => UnverifiedResponse::from_xml(manifest::read(file))?,
        (None, Some(form)) => UnverifiedResponse::from_form(Some(&row.content_type), &manifest::read(form))?,
        _ => panic!("{}: either a file or a form", row.name),
    };
    let assertion = Verifier::new(idps, us).verify(response, row.in_response_to.as_deref(), at, &mut ())?;
    if row.code.as_deref().is_some_and(|code| AFTER_VERIFICATION.contains(&code)) {
        return Ok(assertion);
    }
    let user = assertion.attribute(row.user_attribute.as_deref().unwrap_or("username"))?;
    if row.expect == Verdict::Accept {
        assert_eq!(Some(user), row.user.as_deref(), "{}", row.name);
    }
    let domain = assertion.attribute(row.domain_attribute.as_deref().unwrap_or("domain-id"))?;
    if row.expect == Verdict::Accept {
        assert_eq!(Some(domain), row.domain.as_deref(), "{}", row.name);
    }
    Ok(assertion)
}
