//! Causes of refused responses.

use studio_acs::Config;
use studio_acs::report::cause::{SamlContext, saml_cause};
use studio_acs::report::{GroupReaders, VerifyReport, read_captured};
use studio_acs::service;
use studio_acs_refusal::instant;
use studio_acs_saml::Check;

use super::assert_cause;
use fixtures::manifest;

/// An input.
enum Input {
    /// The response of a row of the manifest, with other settings or another time (`at`) than the row's.
    Vector(&'static str, &'static [(&'static str, &'static str)]),
    /// A capture, by the settings of the row [`WELL`].
    Capture(&'static str),
    /// A rejection, where the server alone finds it.
    Said(Check, &'static str, &'static str),
}
use Input::{Capture, Said, Vector};

/// The row of Identity Center's shape.
const WELL: &str = "accept/identity-center";

const ROWS: &[(&str, Input)] = &[
    ("form_not_posted", Said(Check::Method, "POST", "GET")),
    ("form_of_another_type", Said(Check::ContentType, "application/x-www-form-urlencoded", "text/xml")),
    ("form_too_long", Said(Check::BodySize, "at most 1048576 bytes", "1048577")),
    ("form_without_response", Capture("samlresponse=PGEvPg%3D%3D")),
    ("form_with_several_responses", Capture("SAMLResponse=YQ==&SAMLResponse=YQ==")),
    ("base64_damaged", Capture("PHNhbWxwO")),
    ("xml_not_utf8", Capture("SAMLResponse=/w==")),
    ("xml_damaged", Capture("<samlp:Response")),
    ("xml_with_doctype", Capture("<!DOCTYPE a><a/>")),
    ("xml_too_complex", Said(Check::Complexity, "at most 48 elements inside each other", "more")),
    ("xml_with_an_id_twice", Capture("<a ID='x'><b ID='x'/></a>")),
    ("not_a_response", Capture("<a/>")),
    ("idp_refused", Vector("refuse/status_not_success/responder", &[])),
    ("assertion_encrypted", Vector("refuse/encrypted_assertion/alone", &[])),
    ("no_assertion", Vector("refuse/assertion_count/none", &[])),
    ("several_assertions", Vector("attack/wrapping/two", &[])),
    ("two_issuers", Vector("refuse/issuer_mismatch/unknown", &[])),
    ("issuer_unknown", Vector("refuse/unknown_issuer/empty", &[])),
    ("metadata_over", Said(Check::MetadataValid, "metadata that is valid for a", "metadata that was valid until b")),
    ("metadata_not_read_again", Said(Check::MetadataConfirmed, "metadata that was read", "metadata that could not")),
    ("signature_elsewhere", Vector("refuse/signature_misplaced/in-status", &[])),
    ("nothing_signed", Vector("attack/exclusion/none", &[])),
    ("signed_otherwise", Vector("accept/signed-response", &[("require-signed", "assertion")])),
    ("signature_of_another_shape", Vector("refuse/signature_malformed/no-signed-info", &[])),
    ("signature_of_another_element", Vector("refuse/reference_mismatch/hash-only", &[])),
    ("signature_by_other_transforms", Vector("refuse/transform_forbidden/inclusive", &[])),
    ("signed_with_sha1", Vector("refuse/algorithm_forbidden/rsa-sha1-both", &[])),
    ("signed_by_another_algorithm", Vector("refuse/algorithm_forbidden/rsa-pss", &[])),
    ("changed_after_signing", Vector("refuse/digest_mismatch/attribute-added", &[])),
    ("signed_by_another_key", Vector("refuse/signature_invalid/rotated-out", &[])),
    ("issuer_malformed", Vector("refuse/malformed_assertion/element-in-issuer", &[])),
    ("assertion_malformed", Vector("refuse/malformed_assertion/version-1.1", &[])),
    ("acs_url_other", Vector(WELL, &[("acs-url", "https://other.example/saml")])),
    ("response_old", Vector(WELL, &[("at", "2026-01-16T10:00:30Z")])),
    ("response_early", Vector(WELL, &[("at", "2026-01-14T10:00:30Z")])),
    ("answer_to_a_request", Vector("refuse/in_response_to/other-request", &[])),
    ("no_conditions", Vector("refuse/conditions_missing/none", &[])),
    ("unknown_condition", Vector("refuse/condition_unknown/foreign", &[])),
    ("audience_other", Vector(WELL, &[("audience", "https://other.example/")])),
    ("audience_slash", Vector(WELL, &[("audience", "https://abc123.execute-api.eu-central-1.amazonaws.com")])),
    ("no_authentication", Vector("refuse/authn_statement_missing/none", &[])),
    ("idp_session_over", Vector("refuse/expired/session", &[])),
    ("attribute_absent", Vector(WELL, &[("user-attribute", "uid")])),
    ("attribute_with_several_values", Vector("refuse/attribute_ambiguous/twice-the-same", &[])),
    ("attribute_of_another_format", Vector("refuse/attribute_invalid/user-e-mail", &[])),
    ("domain_not_listed", Vector(WELL, &[("allowed-domains", "d-another")])),
];

pub(super) fn tried() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(cause, _)| *cause)
}

#[tokio::test]
async fn each_input_leads_to_its_cause() {
    let mut wrong = Vec::new();
    for (name, input) in ROWS {
        let result = match input {
            Vector(row, changed) => verify(name, row, changed, |response| response).await,
            Capture(capture) => verify(name, WELL, &[], |_| capture.as_bytes().to_vec()).await,
            Said(check, expected, found) => {
                let cause = saml_cause(&check.reject(*expected, *found), &SamlContext::default());
                assert_cause(name, Some(cause), check.code(), found)
            }
        };
        wrong.extend(result.err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn verify(
    name: &str,
    row: &str,
    changed: &[(&str, &str)],
    edit: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Result<(), String> {
    let rows = manifest::rows("verify");
    let row = rows.iter().find(|other| other.name == row).ok_or_else(|| format!("{name}: no row {row}"))?;
    let of_row = support::settings(row);
    let config = Config::read(|setting| {
        let changed = changed.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let mut all = changed.chain(of_row.iter().map(|(name, value)| (*name, value.clone())));
        all.find_map(|(other, value)| (other == setting.name).then_some(value))
    });
    let config = config.map_err(|errors| format!("{name}: {errors}"))?;
    let at = changed.iter().find_map(|(name, value)| (*name == "at").then_some(*value)).unwrap_or(&row.at);
    let at = instant::parse(at).expect("a time");
    let trust = service::trust(&config, at).await.map_err(|error| format!("{name}: {error}"))?;
    let capture = edit(manifest::read(row.file.as_ref().or(row.form.as_ref()).expect("a file")));
    let readers = GroupReaders::of(&config, at).await.map_err(|error| format!("{name}: {error}"))?;
    let outstanding = row.in_response_to.as_deref();
    let report = VerifyReport::of(read_captured(&capture), &trust.verifier, &config.identity, readers, outstanding, at);
    let json = report.json();
    let code = json["error"]["code"].as_str().unwrap_or("accepted");
    assert_cause(name, report.cause(), code, &format!("{} {changed:?}", row.name))
}
