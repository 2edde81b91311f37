//! Causes of refused responses.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use studio_acs::Config;
use studio_acs::report::cause::{SamlContext, saml_cause};
use studio_acs::report::{GroupReaders, VerifyReport, read_captured};
use studio_acs::service;
use studio_acs::trust::Trust;
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
    /// The response of that row, made into another capture.
    Made(fn(&str) -> Vec<u8>),
    /// A rejection, where the server alone finds it.
    Said(Check, &'static str, &'static str),
}
use Input::{Capture, Made, Said, Vector};

/// The row of Identity Center's shape.
const WELL: &str = "accept/identity-center";
const ACS: &str = "acs-url";
const AUD: &str = "audience";
const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com";

/// A cause, an input, and where people met it.
const ROWS: &[(&str, Input)] = &[
    ("form_not_posted", Said(Check::Method, "POST", "GET")),
    ("form_of_another_type", Said(Check::ContentType, "application/x-www-form-urlencoded", "text/xml")),
    ("form_too_long", Said(Check::BodySize, "at most 1048576 bytes", "1048577")),
    ("form_without_response", Capture("RelayState=x&username=river")),
    ("form_field_in_another_case", Capture("samlresponse=PGEvPg%3D%3D")),
    ("form_field_in_another_case", Capture("RelayState=&SamlResponse=PGEvPg%3D%3D")),
    ("form_with_a_request", Capture("SAMLRequest=PGEvPg%3D%3D&RelayState=")),
    (
        "form_with_a_request",
        Capture("https://idp.example.com/sso?SAMLRequest=fVLLTsMwEPyVyPfESZqmYLWVChWiEo%2BqDRy4&RelayState=x"),
    ),
    (
        "form_with_a_request",
        Capture(
            "<html><form action='https://idp.example.com/sso'><input type='hidden' name='SAMLRequest' value='fVLLTsMwEPyVyPfE'/></form></html>",
        ),
    ),
    ("form_with_a_logout_request", Made(|_| logout_request())),
    (
        "form_with_an_artifact",
        Capture("SAMLart=AAQAADWNEw5VT47wcO4zX%2FiEzMmFQvGknDfws2ZtqSGdkNSbsW1cmVR0bzU%3D&RelayState="),
    ),
    ("form_with_an_artifact", Capture("https://studio.corp.example/saml?SAMLart=AAQAADWNEw5VT47w&RelayState=x")),
    ("form_of_ws_federation", Capture("wa=wsignin1.0&wresult=%3Ct%3ARequestSecurityTokenResponse%2F%3E&wctx=x")),
    (
        "form_of_ws_federation",
        Capture(
            "<form method='post'><input type='hidden' name='wa' value='wsignin1.0'><input type='hidden' name='wresult' value='&lt;t:RequestSecurityTokenResponse'></form>",
        ),
    ),
    ("form_of_openid_connect", Capture("id_token=eyJhbGciOiJSUzI1NiJ9.e30.AA&state=x")),
    ("form_of_openid_connect", Capture("https://studio.corp.example/saml?code=0.AXoA&state=x&session_state=y")),
    (
        "form_of_openid_connect",
        Capture("{\"access_token\": \"eyJhbGciOiJSUzI1NiJ9.e30.AA\", \"token_type\": \"Bearer\"}"),
    ),
    ("capture_is_an_address", Capture("https://studio.corp.example/saml\n")),
    ("form_with_several_responses", Capture("SAMLResponse=YQ==&SAMLResponse=YQ==")),
    ("form_with_several_responses", Capture("[{\"SAMLResponse\":\"YQ==\"},{\"SAMLResponse\":\"Yg==\"}]")),
    ("capture_empty", Capture(" \n")),
    ("capture_is_a_page", Capture("<!DOCTYPE html><title>Sign in</title><input name=\"password\" value=\"\">")),
    ("capture_is_a_page", Capture("<html><body>502 Bad Gateway</body></html>")),
    ("capture_is_json", Capture("{\"log\": {\"entries\": []}}")),
    ("capture_is_json", Capture("{")),
    ("capture_is_pem", Capture("-----BEGIN CERTIFICATE-----\nMII")),
    ("capture_is_pem", Capture("-----BEGIN PRIVATE KEY-----\nMII")),
    ("base64_for_urls", Made(|response| base64_url(response))),
    ("base64_for_urls", Capture("PD94bWw_Pg-_")),
    ("base64_twice", Made(|response| base64(base64(response)))),
    (
        "base64_percent_encoded_twice",
        Made(|response| [b"SAMLResponse=", &*base64(response).percent().percent()].concat()),
    ),
    ("base64_with_spaces", Made(|response| base64(spaced(response)).replace_plus())),
    ("base64_of_a_form", Made(|response| base64([b"SAMLResponse=", &*base64(response).percent()].concat()))),
    ("base64_is_a_token", Capture("eyJhbGciOiJSUzI1NiJ9.e30.AA")),
    ("base64_is_a_token", Capture("Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.AA")),
    ("base64_is_another_text", Capture("SAMLResponse=%7B%22a%22%3A1%7D")),
    ("base64_is_another_text", Capture("SAMLResponse=-----BEGIN+CERTIFICATE-----")),
    ("base64_with_other_characters", Capture("PHNhb*xw")),
    ("base64_with_other_characters", Capture("$ PHNhbWxw")),
    ("base64_with_other_characters", Capture("PHNhb\u{a0}Wxw")),
    ("base64_with_other_characters", Capture("PHNhb\u{2010}Wxw")),
    ("base64_with_other_characters", Capture("PHNhb\\nWxw")),
    ("base64_with_other_characters", Capture("response: PHNhbWxw")),
    ("base64_joined", Capture("PHNhbQ==PHNhbQ==")),
    ("base64_is_xml", Made(|response| [b"SAMLResponse=", &*response.as_bytes().to_vec().percent()].concat())),
    ("base64_cut", Capture("PHNhbWxwO")),
    ("xml_damaged", Capture("SAMLResponse=")),
    ("base64_cut", Made(|response| [&base64(response)[..200], b"..."].concat())),
    ("base64_damaged", Capture("PHNhbR==")),
    (
        "xml_compressed",
        Capture(
            "SAMLResponse=fVLLTsMwEPyVyPfESZqmYLWVChWiEo%2BqDRy4IMfetJYSO3gdHn%2BPm1BRJMR1d3ZmZ3ZnyJu6ZYve7fUGXjtAF3w0tUbWN%2Bak",
        ),
    ),
    (
        "xml_compressed",
        Capture(
            "https://studio.corp.example/saml?SAMLResponse=fVLLTsMwEPyVyPfESZqmYLWVChWiEo%2BqDRy4IMfetJYSO3gdHn%2BPm1BRJMR1d3ZmZ3ZnyJu6ZYve7fUGXjtAF3w0tUbWN%2Bak&SigAlg=x&Signature=x",
        ),
    ),
    ("xml_utf16", Made(|response| response.encode_utf16().flat_map(u16::to_le_bytes).collect())),
    ("capture_packed", Made(|_| b"PK\x03\x04\xff\xff".to_vec())),
    ("capture_packed", Made(|_| b"\x1f\x8b\x08\xff".to_vec())),
    ("xml_not_utf8", Made(|response| [response.as_bytes(), b"<!-- \xe4 -->"].concat())),
    ("xml_damaged", Capture("<samlp:Response")),
    ("xml_damaged", Capture("<samlp:Response a='\0'/>")),
    ("xml_with_doctype", Capture("<!DOCTYPE a><a/>")),
    ("xml_too_complex", Said(Check::Complexity, "at most 48 elements inside each other", "more")),
    ("xml_with_an_id_twice", Capture("<a ID='x'><b ID='x'/></a>")),
    ("message_of_a_logout", Vector("refuse/not_a_response/logout-response", &[])),
    ("message_is_a_request", Vector("refuse/not_a_response/authn-request", &[])),
    ("message_is_an_assertion", Vector("refuse/not_a_response/bare-assertion", &[])),
    ("message_in_soap", Vector("refuse/not_a_response/soap", &[])),
    (
        "message_in_soap",
        Capture(
            "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body><S:Fault/></S:Body></S:Envelope>",
        ),
    ),
    ("message_is_metadata", Capture("<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='x'/>")),
    (
        "message_of_ws_federation",
        Capture("<t:RequestSecurityTokenResponse xmlns:t='http://schemas.xmlsoap.org/ws/2005/02/trust'/>"),
    ),
    ("message_of_saml_1", Vector("refuse/not_a_response/saml-1.1", &[])),
    ("message_is_a_page", Made(|_| base64("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"))),
    ("capture_is_a_page", Capture("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>")),
    ("message_of_another_kind", Capture("<a/>")),
    ("message_of_another_kind", Vector("refuse/not_a_response/version-1.1", &[])),
    ("idp_denied_the_user", Vector("refuse/status_not_success/idp/denied", &[])),
    ("idp_denied_the_user", Vector("refuse/status_not_success/idp/denied-with-message", &[])),
    ("idp_denied_the_user", Vector("refuse/status_not_success/requester", &[])),
    ("idp_could_not_authenticate", Vector("refuse/status_not_success/failed-and-empty", &[])),
    ("idp_could_not_authenticate", Vector("refuse/status_not_success/idp/message-over-lines", &[])),
    ("idp_could_not_authenticate", Vector("refuse/status_not_success/idp/AuthnFailed", &[])),
    ("idp_does_not_know_the_user", Vector("refuse/status_not_success/idp/UnknownPrincipal", &[])),
    ("idp_may_not_ask", Vector("refuse/status_not_success/idp/NoPassive", &[])),
    ("idp_cannot_name_the_user", Vector("refuse/status_not_success/idp/InvalidNameIDPolicy", &[])),
    ("idp_lacks_the_asked_strength", Vector("refuse/status_not_success/idp/NoAuthnContext", &[])),
    ("idp_does_not_support_the_request", Vector("refuse/status_not_success/idp/RequestUnsupported", &[])),
    ("idp_does_not_know_the_application", Vector("refuse/status_not_success/idp/ResourceNotRecognized", &[])),
    ("idp_rejects_an_attribute", Vector("refuse/status_not_success/idp/InvalidAttrNameOrValue", &[])),
    ("idp_behind_the_idp_missing", Vector("refuse/status_not_success/idp/NoAvailableIDP", &[])),
    ("idp_behind_the_idp_missing", Vector("refuse/status_not_success/idp/ProxyCountExceeded", &[])),
    ("idp_logged_out_in_part", Vector("refuse/status_not_success/idp/PartialLogout", &[])),
    ("idp_rejects_the_version", Vector("refuse/status_not_success/idp/RequestVersionTooHigh", &[])),
    ("idp_rejects_the_request", Vector("refuse/status_not_success/idp/requester", &[])),
    ("idp_failed", Vector("refuse/status_not_success/responder", &[])),
    ("idp_failed_with_message", Vector("refuse/status_not_success/idp/message-in-an-attribute", &[])),
    ("idp_failed_with_message", Vector("refuse/status_not_success/idp/message-long", &[])),
    ("idp_failed", Vector("refuse/status_not_success/idp/own-code", &[])),
    ("status_malformed", Vector("refuse/status_not_success/missing", &[])),
    ("status_malformed", Said(Check::Status, "urn:oasis:names:tc:SAML:2.0:status:Success", "an empty code")),
    (
        "status_of_no_standard",
        Said(Check::Status, "urn:oasis:names:tc:SAML:2.0:status:Success", "Failed, Success; message: \"no licence\""),
    ),
    (
        "idp_denied_the_user",
        Said(Check::Status, "urn:oasis:names:tc:SAML:2.0:status:Success", "urn:x:y, RequestDenied"),
    ),
    ("assertion_encrypted", Vector("refuse/encrypted_assertion/alone", &[])),
    ("no_assertion", Vector("refuse/assertion_count/none", &[])),
    ("several_assertions", Vector("attack/wrapping/two", &[])),
    ("two_issuers", Vector("refuse/issuer_mismatch/unknown", &[])),
    ("issuer_absent", Vector("refuse/unknown_issuer/missing", &[])),
    ("issuer_absent", Vector("refuse/unknown_issuer/empty", &[])),
    (
        "issuer_without_metadata",
        Said(Check::KnownIssuer, "an issuer of the metadata, which has none", "https://idp.example.com"),
    ),
    ("issuer_slash", Vector("refuse/unknown_issuer/slash", &[])),
    ("issuer_case", Vector("refuse/unknown_issuer/other-case", &[])),
    ("issuer_space", Vector("attack/trust/issuer-padded", &[])),
    (
        "issuer_scheme",
        Said(Check::KnownIssuer, "https://keycloak.example.net/realms/a", "http://keycloak.example.net/realms/a"),
    ),
    (
        "issuer_written_otherwise",
        Said(Check::KnownIssuer, "https://keycloak.example.net/realms/a", "http://keycloak.example.net:8080/realms/a"),
    ),
    (
        "issuer_look_alike",
        Said(
            Check::KnownIssuer,
            "https://idp.corp.example/saml",
            "https://idp.c\\u{43e}rp.example/saml (differs in a character that looks the same)",
        ),
    ),
    (
        "issuer_look_alike",
        Said(Check::KnownIssuer, "https://one.example or urn:idp\\u{2011}a", "urn:idp-a (differs in a character …"),
    ),
    ("issuer_of_another_tenant", Said(Check::KnownIssuer, "http://www.okta.com/exk1", "http://www.okta.com/exk2")),
    (
        "issuer_of_another_tenant",
        Said(Check::KnownIssuer, "https://sts.windows.net/1111/", "https://sts.windows.net/2222/"),
    ),
    (
        "issuer_of_another_application",
        Said(
            Check::KnownIssuer,
            "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIz",
            "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/NDU2",
        ),
    ),
    (
        "issuer_of_another_region",
        Said(
            Check::KnownIssuer,
            "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIz",
            "https://portal.sso.us-east-1.amazonaws.com/saml/assertion/MTIz",
        ),
    ),
    (
        "issuer_is_identity_center",
        Said(
            Check::KnownIssuer,
            "http://www.okta.com/exk1",
            "https://portal.sso.us-east-1.amazonaws.com/saml/assertion/MTIz",
        ),
    ),
    (
        "issuer_is_ourselves",
        Vector(
            "refuse/unknown_issuer/slash",
            &[(
                AUD,
                "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm/",
            )],
        ),
    ),
    ("issuer_unknown", Said(Check::KnownIssuer, "http://www.okta.com/exk1", "https://idp.attacker.test")),
    ("metadata_over", Said(Check::MetadataValid, "metadata that is valid for a", "metadata that was valid until b")),
    ("metadata_not_read_again", Said(Check::MetadataConfirmed, "metadata that was read", "metadata that could not")),
    ("signature_elsewhere", Vector("refuse/signature_misplaced/in-status", &[])),
    ("nothing_signed", Vector("attack/exclusion/none", &[])),
    ("signed_otherwise", Vector("accept/signed-response", &[("require-signed", "assertion")])),
    ("signature_of_another_shape", Vector("refuse/signature_malformed/no-signed-info", &[])),
    ("signature_of_the_document", Vector("attack/references/whole-document", &[])),
    ("signature_of_another_element", Vector("refuse/reference_mismatch/hash-only", &[])),
    ("signed_by_inclusive_canonicalisation", Vector("refuse/transform_forbidden/inclusive", &[])),
    ("signed_by_inclusive_canonicalisation", Vector("refuse/transform_forbidden/signed-info-inclusive", &[])),
    ("signature_with_code", Vector("attack/transforms/xslt", &[])),
    ("signature_by_other_transforms", Vector("refuse/transform_forbidden/enveloped-only", &[])),
    ("signed_with_sha1", Vector("refuse/algorithm_forbidden/rsa-sha1-both", &[])),
    ("signed_with_sha1", Vector("vendor/adfs-2013-sha1", &[])),
    ("signed_with_pss", Vector("refuse/algorithm_forbidden/rsa-pss", &[])),
    ("signed_with_a_shared_secret", Vector("attack/algorithms/hmac-certificate", &[])),
    ("signed_by_a_key_of_another_type", Vector("attack/algorithms/ec-for-rsa", &[])),
    ("signed_by_another_algorithm", Vector("refuse/algorithm_forbidden/unknown", &[])),
    ("capture_reformatted", Made(|response| response.replace("><", ">\n  <").into_bytes())),
    ("issuer_space", Made(|response| response.replace("</", "\n</").replace("><", ">\n\t<").into_bytes())),
    (
        "capture_redacted",
        Made(|response| response.replace("93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64", "REDACTED").into_bytes()),
    ),
    ("changed_after_signing", Vector("refuse/digest_mismatch/attribute-added", &[])),
    ("changed_after_signing", Vector("attack/tampering/user", &[])),
    ("certificate_rotated", Vector("refuse/signature_invalid/rotated-out", &[])),
    ("signed_by_another_idp", Vector("attack/trust/other-idp-key", &[])),
    ("signature_changed", Vector("attack/tampering/flipped", &[])),
    (
        "signed_by_another_key",
        Said(Check::SignatureValue, "a signature by a key of a", "another: keys in the metadata: 1"),
    ),
    ("acs_url_slash", Vector(WELL, &[(ACS, "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml/")])),
    ("acs_url_slash", Vector("refuse/destination_mismatch/slash", &[])),
    ("acs_url_slash", Vector("refuse/recipient_mismatch/slash", &[])),
    ("acs_url_case", Vector("refuse/destination_mismatch/other-case", &[])),
    ("acs_url_port", Vector("refuse/destination_mismatch/port", &[])),
    ("acs_url_stage", Vector("refuse/destination_mismatch/stage-missing", &[])),
    ("acs_url_path", Vector("refuse/destination_mismatch/query", &[])),
    ("acs_url_scheme", Said(Check::Recipient, "https://studio.corp.example/saml", "http://studio.corp.example/saml")),
    (
        "acs_url_space",
        Said(Check::Destination, "https://studio.corp.example/saml", "https://studio.corp.example/saml\u{200b}"),
    ),
    (
        "acs_url_written_otherwise",
        Said(Check::Destination, "https://studio.corp.example/saml", "http://studio.corp.example:443/saml"),
    ),
    ("acs_url_host", Vector(WELL, &[(ACS, "https://studio.corp.example/prod/saml")])),
    (
        "acs_url_is_the_audience",
        Vector(
            WELL,
            &[(ACS, "https://a.b.test/saml"), (AUD, "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml")],
        ),
    ),
    (
        "acs_url_is_a_placeholder",
        Said(Check::Destination, "https://studio.corp.example/saml", "https://your-domain/saml"),
    ),
    (
        "acs_url_host",
        Said(
            Check::Recipient,
            "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml",
            "https://apps.corp.example/studio/saml",
        ),
    ),
    (
        "acs_url_host",
        Said(Check::Destination, "https://studio.example.com/saml", "https://studio-old.example.com/saml"),
    ),
    (
        "acs_url_port",
        Said(Check::Destination, "https://studio.corp.example/saml", "https://studio.corp.example:443/saml"),
    ),
    (
        "acs_url_space",
        Said(
            Check::Destination,
            "https://studio.corp.example/saml",
            "https://studio.corp.example/ saml (differs in white space)",
        ),
    ),
    ("recipient_absent", Said(Check::Recipient, "https://studio.corp.example/saml", "\"\", \"\"")),
    ("destination_absent", Vector("refuse/destination_mismatch/missing", &[])),
    ("status_of_no_standard", Vector("refuse/status_not_success/idp/own-outer-code", &[])),
    ("status_of_no_standard", Vector("refuse/status_not_success/idp/own-outer-word", &[])),
    ("status_of_no_standard", Vector("refuse/status_not_success/idp/outer-of-saml-1", &[])),
    ("idp_denied_the_user", Vector("refuse/status_not_success/idp/own-outer-known-inner", &[])),
    ("acs_url_double_slash", Vector("refuse/destination_mismatch/double-slash", &[])),
    ("acs_url_double_slash", Vector("refuse/recipient_mismatch/double-slash", &[])),
    ("acs_url_look_alike", Vector("refuse/destination_mismatch/look-alike", &[])),
    ("acs_url_look_alike", Vector("refuse/destination_mismatch/look-alike-slash", &[])),
    ("acs_url_look_alike", Vector("refuse/recipient_mismatch/look-alike", &[])),
    ("acs_url_space", Vector("refuse/destination_mismatch/no-break-space", &[])),
    ("acs_url_host", Vector("refuse/destination_mismatch/custom-domain", &[])),
    ("acs_url_host", Vector("refuse/destination_mismatch/custom-base-path", &[])),
    ("acs_url_host", Vector("refuse/recipient_mismatch/custom-domain", &[])),
    ("destination_absent", Vector("refuse/destination_mismatch/empty", &[])),
    ("recipient_absent", Vector("refuse/recipient_mismatch/empty", &[])),
    ("audience_look_alike", Vector("refuse/audience_mismatch/look-alike", &[])),
    ("audience_look_alike", Vector("refuse/audience_mismatch/look-alike-dash", &[])),
    ("audience_look_alike", Vector("refuse/audience_mismatch/look-alike-slash", &[])),
    ("audience_space", Vector("refuse/audience_mismatch/no-break-space", &[])),
    ("audience_space", Vector("refuse/audience_mismatch/zero-width-space", &[])),
    ("recipient_absent", Vector("refuse/recipient_mismatch/missing", &[])),
    ("recipient_absent", Vector("refuse/recipient_mismatch/no-confirmation", &[])),
    ("acs_url_other", Vector(WELL, &[(ACS, "https://other.test/login")])),
    ("acs_url_other", Said(Check::Destination, "https://studio.corp.example/saml", "https://app.partner.example/saml")),
    ("acs_url_other", Said(Check::Recipient, "https://studio.corp.co.uk/saml", "https://studio.other.co.uk/saml")),
    ("acs_url_host", Said(Check::Recipient, "https://studio.corp.co.uk/saml", "https://old.corp.co.uk:8443/saml")),
    ("acs_url_other", Said(Check::Destination, "https://10.0.0.7/saml", "https://10.1.0.7/saml")),
    ("capture_old", Vector(WELL, &[("at", "2026-01-17T09:41:30Z")])),
    ("expired_lately", Vector(WELL, &[("at", "2026-01-15T11:06:30Z")])),
    ("time_zone", Vector(WELL, &[("at", "2026-01-15T12:00:30Z")])),
    ("time_zone", Vector(WELL, &[("at", "2026-01-15T04:00:10Z")])),
    // The bounds of a message are some minutes from its sign-in.
    ("time_zone", Vector(WELL, &[("at", "2026-01-15T09:00:20Z")])),
    ("older_than_max_age", Vector("refuse/expired/age-setting", &[])),
    ("confirmation_without_end", Vector("attack/times/confirmation-no-end", &[])),
    ("idp_session_over", Vector("refuse/expired/session", &[])),
    ("clock_skew", Vector(WELL, &[("at", "2026-01-15T09:56:30Z")])),
    ("clock_skew", Vector("refuse/not_yet_valid/issued-limit", &[])),
    ("time_far_ahead", Vector(WELL, &[("at", "2026-01-13T09:41:30Z")])),
    ("time_with_offset", Vector("refuse/malformed_assertion/time-zero-offset", &[])),
    ("time_without_zone", Vector("attack/times/time-no-zone", &[])),
    ("time_malformed", Vector("refuse/malformed_assertion/time-words", &[])),
    ("issuer_malformed", Vector("refuse/malformed_assertion/element-in-issuer", &[])),
    ("text_with_a_comment", Vector("refuse/malformed_assertion/element-in-audience", &[])),
    ("assertion_malformed", Vector("refuse/malformed_assertion/version-1.1", &[])),
    ("answer_to_a_request", Vector("attack/recipient/response", &[])),
    ("answer_to_another_request", Vector("refuse/in_response_to/other-request", &[])),
    ("answer_without_a_request", Said(Check::InResponseTo, "no InResponseTo: no request is outstanding", "")),
    ("answer_without_a_request", Said(Check::InResponseTo, "no InResponseTo: no request is outstanding", "null")),
    ("answer_without_a_request", Said(Check::InResponseTo, "no InResponseTo: no request is outstanding", "undefined")),
    ("no_conditions", Vector("refuse/conditions_missing/none", &[])),
    ("unknown_condition", Vector("refuse/condition_unknown/foreign", &[])),
    ("audience_slash", Vector(WELL, &[(AUD, HOST)])),
    ("audience_slash", Vector("refuse/audience_mismatch/no-slash", &[])),
    ("audience_case", Vector("refuse/audience_mismatch/other-case", &[])),
    ("audience_scheme", Vector(WELL, &[(AUD, "http://abc123.execute-api.eu-central-1.amazonaws.com/")])),
    ("audience_scheme", Vector(WELL, &[(AUD, "abc123.execute-api.eu-central-1.amazonaws.com/")])),
    ("audience_port", Vector(WELL, &[(AUD, "https://abc123.execute-api.eu-central-1.amazonaws.com:443/")])),
    ("audience_space", Said(Check::Audience, "urn:studio", "urn:studio\u{a0}")),
    (
        "audience_look_alike",
        Said(Check::Audience, "urn:studio-acs", "urn:studio\\u{2010}acs (differs in a character that looks the same)"),
    ),
    (
        "audience_host",
        Said(
            Check::Audience,
            "https://studio.corp.example/",
            "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/",
        ),
    ),
    ("audience_slash", Said(Check::Audience, "https://studio.corp.example", "https://studio.corp.example/")),
    ("audience_quotes", Vector(WELL, &[(AUD, "\"https://abc123.execute-api.eu-central-1.amazonaws.com/\"")])),
    ("audience_stage", Vector(WELL, &[(AUD, "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/")])),
    (
        "audience_path",
        Vector(WELL, &[(AUD, "https://abc123.execute-api.eu-central-1.amazonaws.com/studio/metadata/x")]),
    ),
    ("audience_written_otherwise", Vector(WELL, &[(AUD, "http://abc123.execute-api.eu-central-1.amazonaws.com")])),
    ("audience_host", Vector(WELL, &[(AUD, "https://xyz789.execute-api.eu-central-1.amazonaws.com/")])),
    ("audience_is_the_acs_url", Said(Check::Audience, "urn:studio", ACS_URL)),
    (
        "audience_is_the_idp",
        Said(
            Check::Audience,
            "urn:studio",
            "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm",
        ),
    ),
    ("audience_is_a_placeholder", Vector(WELL, &[(AUD, "https://YOUR-API-ID.execute-api.REGION.amazonaws.com/STAGE")])),
    ("audience_absent", Vector("refuse/audience_mismatch/none", &[])),
    ("audience_absent", Vector("refuse/audience_mismatch/empty-text", &[])),
    ("audience_other", Vector(WELL, &[(AUD, "urn:amazon:webservices")])),
    ("no_authentication", Vector("refuse/authn_statement_missing/none", &[])),
    ("attributes_absent", Vector("refuse/attribute_missing/no-statement", &[])),
    ("attribute_of_another_case", Vector(WELL, &[("user-attribute", "UserName")])),
    ("attribute_of_another_case", Vector(WELL, &[("domain-attribute", "domain_id")])),
    (
        "attribute_by_uri",
        Vector(WELL, &[("user-attribute", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/username")]),
    ),
    ("attribute_without_value", Vector("refuse/attribute_missing/no-value", &[])),
    ("groups_under_another_name", Vector(WELL, &[("group-attribute", "Username"), ("require-groups", "on")])),
    (
        "groups_under_another_name",
        Said(
            Check::AttributePresent,
            "attribute groups, which is required",
            "memberOf, which may hold them; only username, memberOf",
        ),
    ),
    (
        "groups_by_link",
        Vector("accept/attributes/groups-link", &[("group-attribute", "groups"), ("require-groups", "on")]),
    ),
    ("groups_absent", Said(Check::AttributePresent, "attribute groups, which is required", "no such attribute")),
    ("attribute_absent", Vector(WELL, &[("user-attribute", "uid")])),
    ("attribute_twice", Vector("refuse/attribute_ambiguous/twice-the-same", &[])),
    ("attribute_with_several_values", Vector("attack/multiplicity/two-values", &[])),
    ("attribute_not_plain", Vector("refuse/attribute_ambiguous/element", &[])),
    (
        "attribute_with_a_comment",
        Said(Check::AttributeSingle, "username in plain text", "a value with a comment in it"),
    ),
    ("attribute_with_several_values", Vector("vendor/shibboleth-samltestid-response", &[])),
    ("profile_is_an_address", Vector("refuse/attribute_invalid/user-e-mail", &[])),
    ("profile_is_an_address", Vector("vendor/okta-both", &[])),
    ("profile_name_unusable", Vector("refuse/attribute_invalid/user-underscore", &[])),
    (
        "user_name_unusable",
        Said(
            Check::AttributeFormat,
            "username of 1 to 256 bytes of plain text, with one @ at most, which is inside",
            "a@b@c",
        ),
    ),
    ("user_name_unusable", Said(Check::AttributeFormat, "username of 1 to 256 bytes of plain text", "\" ana\"")),
    ("user_name_unusable", Said(Check::AttributeFormat, "username of 1 to 256 bytes of plain text", "a\\u{200b}")),
    (
        "user_name_too_long",
        Said(Check::AttributeFormat, "username of 1 to 256 bytes of plain text", "rrr… of 300 bytes"),
    ),
    (
        "domain_is_a_url",
        Said(
            Check::AttributeFormat,
            "domain-id such as d-abcdefghijkl",
            "https://d-abc.studio.eu-central-1.sagemaker.aws",
        ),
    ),
    ("domain_is_an_arn", Vector("attack/names/domain-arn", &[])),
    ("domain_is_a_name", Vector("refuse/attribute_invalid/domain-no-prefix", &[])),
    ("domain_with_space", Vector("refuse/attribute_invalid/domain-upper-case", &[])),
    ("mapping_as_text", Said(Check::AttributeFormat, "username of letters", "${user:preferredUsername}")),
    ("attribute_empty", Vector("refuse/attribute_invalid/user-empty", &[])),
    ("domain_not_listed", Vector(WELL, &[("allowed-domains", "d-another")])),
];

const ACS_URL: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml";

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
            Made(make) => {
                verify(name, WELL, &[], |response| make(std::str::from_utf8(&response).expect("UTF-8"))).await
            }
            Said(check, expected, found) => {
                let (trust, config) = said().await;
                let context = SamlContext {
                    service_provider: Some(&config.service_provider),
                    idps: (*check == Check::Audience).then(|| trust.verifier.idps()),
                    identity: Some(&config.identity),
                    ..SamlContext::default()
                };
                let cause = saml_cause(&check.reject(*expected, *found), &context);
                assert_cause(name, Some(cause), check.code(), found)
            }
        };
        wrong.extend(result.err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The settings of [`WELL`].
async fn said() -> (Trust, Config) {
    let rows = manifest::rows("verify");
    let row = rows.iter().find(|row| row.name == WELL).expect("the row");
    let of_row = support::settings(row);
    let config = Config::read(|setting| {
        of_row.iter().find_map(|(other, value)| (*other == setting.name).then(|| value.clone()))
    });
    let config = config.expect("a configuration");
    let at = instant::parse(&row.at).expect("a time");
    (service::trust(&config, at).await.expect("trust"), config)
}

/// Ways in which a captured text was encoded, or encoded wrongly.
trait Encoded {
    fn percent(&self) -> Vec<u8>;
    fn replace_plus(&self) -> Vec<u8>;
}

impl Encoded for Vec<u8> {
    fn percent(&self) -> Vec<u8> {
        form_urlencoded::byte_serialize(self).collect::<String>().into_bytes()
    }

    fn replace_plus(&self) -> Vec<u8> {
        self.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect()
    }
}

/// A form with a request for a logout.
fn logout_request() -> Vec<u8> {
    let request = "<samlp:LogoutRequest xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_1'/>";
    [b"SAMLRequest=", &*base64(request).percent()].concat()
}

fn base64(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    STANDARD.encode(bytes).into_bytes()
}

fn base64_url(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    // Such bytes have both characters that differ.
    URL_SAFE.encode([bytes.as_ref(), b"<!-- ~~~???>>> -->"].concat()).into_bytes()
}

/// A message with a comment whose base64 has a plus.
fn spaced(response: &str) -> String {
    format!("{response}<!-- >>>~~~>>> -->")
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
