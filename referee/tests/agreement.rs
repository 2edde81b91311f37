//! Every vector of the manifest before both judges: what our door takes as signed, libxmlsec1 must verify; what our
//! door refuses for its signature and libxmlsec1 verifies is listed with its reason in `differences.json`.

#![allow(missing_docs)]

#[allow(dead_code, unreachable_pub)]
#[path = "../../fixtures/manifest.rs"]
mod manifest;

use std::collections::BTreeMap;

use manifest::Row;
use serde::{Deserialize, Serialize};
use studio_acs_referee::{Verified, issuer, signing_certificates, verify};
use studio_acs_saml::{Check, Rejection, ServiceProvider, Stage, TrustedIdps, UnverifiedResponse, Verifier, instant};
use time::Duration;

/// The codes of the signature's own rules. `unknown_issuer` and `issuer_mismatch` are of the same stage, but ask whose
/// keys to take: the referee is handed the keys.
fn is_about_the_signature(code: &str) -> bool {
    const OTHERS: [&str; 5] =
        ["digest_mismatch", "transform_forbidden", "algorithm_forbidden", "reference_mismatch", "unsigned"];
    code.starts_with("signature_") || OTHERS.contains(&code)
}

/// A vector that we refuse for its signature and libxmlsec1 does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    name: String,
    ours: String,
    theirs: String,
    reason: String,
}

#[test]
fn what_we_take_as_signed_libxmlsec1_verifies() {
    let (mut taken, mut wrong) = (0, Vec::new());
    for row in manifest::rows("library") {
        if !matches!(ours(&row), Ours::Signed) {
            continue;
        }
        taken += 1;
        let theirs = theirs(&row);
        if theirs != Verified::EverySignature {
            wrong.push(format!("{}: {theirs:?} ({})", row.name, row.why));
        }
    }
    assert!(taken > 300, "the manifest is whole: {taken}");
    assert!(wrong.is_empty(), "{} of {taken}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{taken} vectors verified by both");
}

#[test]
fn what_we_refuse_and_libxmlsec1_verifies_is_explained() {
    let listed: Vec<Difference> =
        serde_json::from_str(include_str!("../differences.json")).expect("differences.json is a list of rows");
    let reasons: BTreeMap<_, _> = listed.iter().map(|row| (row.name.as_str(), row.reason.as_str())).collect();
    assert_eq!(reasons.len(), listed.len(), "a name is listed twice");

    let (mut refused, mut found) = (0, Vec::new());
    for row in manifest::rows("library") {
        let Ours::Refused(rejection) = ours(&row) else { continue };
        if !is_about_the_signature(rejection.code()) {
            continue;
        }
        refused += 1;
        let theirs = match theirs(&row) {
            Verified::Nothing => continue,
            Verified::FirstSignature => "the first signature verifies",
            Verified::EverySignature => "every signature verifies",
        };
        let reason = reasons.get(row.name.as_str()).copied().unwrap_or_default().to_owned();
        found.push(Difference { name: row.name, ours: rejection.code().to_owned(), theirs: theirs.to_owned(), reason });
    }
    assert!(refused > 120, "the manifest is whole: {refused}");

    let unexplained: Vec<_> = found.iter().filter(|row| row.reason.is_empty()).collect();
    let stale: Vec<_> = listed.iter().filter(|row| !found.contains(row)).collect();
    assert!(
        listed == found,
        "differences.json is not what was found.\nwithout a reason: {unexplained:#?}\nstale: {stale:#?}\nit should be:\n{}",
        serde_json::to_string_pretty(&found).expect("rows are JSON"),
    );
    println!("{} of {refused} vectors refused for their signature are verified by libxmlsec1", found.len());
}

/// What our door says of the signatures.
enum Ours {
    /// They verify, whatever is said of the assertion afterwards.
    Signed,
    /// The response was refused before or at its signatures.
    Refused(Rejection),
}

fn ours(row: &Row) -> Ours {
    let at = instant::parse(&row.at).expect("a time");
    let metadata = text(manifest::read(&row.metadata));
    let idps =
        TrustedIdps::from_metadata(&metadata, at).unwrap_or_else(|error| panic!("{}: {error}", row.name));
    let mut us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
    us.require_signed = row.require_signed.as_deref().map_or(Ok(us.require_signed), str::parse).expect("a known value");
    us.skew = row.skew.map_or(us.skew, |skew| Duration::seconds(skew.into()));
    us.max_age = row.max_age.map_or(us.max_age, |age| Duration::seconds(age.into()));

    let mut passed: Vec<(Check, String)> = Vec::new();
    let outcome = match (&row.file, &row.form) {
        (Some(file), None) => UnverifiedResponse::from_xml(manifest::read(file)),
        (None, Some(form)) => UnverifiedResponse::from_form(Some(&row.content_type), &manifest::read(form)),
        _ => panic!("{}: either a file or a form", row.name),
    }
    .and_then(|response| Verifier::new(idps, us).verify(response, row.in_response_to.as_deref(), at, &mut passed));
    match outcome {
        Ok(_) => Ours::Signed,
        // An issuer that cannot be read is the assertion's fault, but found before its signature is looked at.
        Err(rejection)
            if rejection.check().stage() > Stage::Signature
                && passed.iter().any(|(check, _)| *check == Check::SignatureValue) =>
        {
            Ours::Signed
        }
        Err(rejection) => Ours::Refused(rejection),
    }
}

fn theirs(row: &Row) -> Verified {
    let xml = match (&row.file, &row.form) {
        (Some(file), _) => manifest::read(file),
        (_, Some(form)) => posted(&manifest::read(form)),
        _ => panic!("{}: either a file or a form", row.name),
    };
    let xml = text(xml);
    let issuer = issuer(&xml).unwrap_or_else(|| panic!("{}: no issuer", row.name));
    let certificates = signing_certificates(&text(manifest::read(&row.metadata)), &issuer);
    assert!(!certificates.is_empty(), "{}: no certificate", row.name);
    verify(&xml, &certificates)
}

/// The XML in a form's `SAMLResponse`.
fn posted(form: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let (_, value) = form_urlencoded::parse(form).find(|(name, _)| name == "SAMLResponse").expect("a SAMLResponse");
    let value: String = value.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(value).expect("base64")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}
