//! Each judge's verdict on a vector.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs_referee::{CertificateDer, Verified, bergshamra, issuer, libxmlsec1, signing_certificates};
use studio_acs_refusal::instant;
use studio_acs_saml::{Check, Rejection, ServiceProvider, Stage, TrustedIdps, UnverifiedResponse, Verifier};
use time::Duration;

use fixtures::manifest::{self, Row};

/// Our verdict on the signatures.
pub enum Ours {
    /// They verify, whatever is said of the assertion afterwards.
    Signed,
    /// The response was refused before or at its signatures.
    Refused(Rejection),
}

impl Ours {
    /// Where the response was refused; `None` of the stages before the assertion's content if it was not.
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Self::Signed => Some(Stage::Assertion),
            Self::Refused(rejection) => Some(rejection.check().stage()),
        }
    }
}

/// The referees' verdicts.
pub struct Theirs {
    pub libxmlsec1: Verified,
    pub bergshamra: Verified,
}

impl Theirs {
    pub fn all_verify(&self) -> bool {
        self.libxmlsec1 == Verified::EverySignature && self.bergshamra == Verified::EverySignature
    }

    pub fn some_verifies(&self) -> bool {
        self.libxmlsec1 > Verified::Nothing || self.bergshamra > Verified::Nothing
    }
}

pub fn ours(row: &Row) -> Ours {
    let at = instant::parse(&row.at).expect("a time");
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, at).unwrap_or_else(|error| panic!("{}: {error}", row.name));
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

/// The parts that the referees verify; `None` where the row has no text that they could be asked about.
pub fn theirs(row: &Row) -> Option<Theirs> {
    let xml = match (&row.file, &row.form) {
        (Some(file), _) => manifest::read(file),
        (_, Some(form)) => posted(&manifest::read(form))?,
        _ => panic!("{}: either a file or a form", row.name),
    };
    let xml = String::from_utf8(xml).ok()?;
    let certificates = certificates(row, &xml);
    assert!(!certificates.is_empty(), "{}: no certificate", row.name);
    Some(Theirs {
        libxmlsec1: libxmlsec1::verify(&xml, &certificates),
        bergshamra: bergshamra::verify(&xml, &certificates),
    })
}

/// The certificates of the response's issuer. Where none can be read, or it is not known, those of every identity
/// provider: whose keys to take is not the referees' question.
fn certificates(row: &Row, xml: &str) -> Vec<CertificateDer> {
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let of = |issuer: &str| signing_certificates(&metadata, issuer).expect("metadata");
    let found = issuer(xml).map(|issuer| of(&issuer)).unwrap_or_default();
    if !found.is_empty() {
        return found;
    }
    let document = roxmltree::Document::parse(&metadata).expect("metadata");
    document.descendants().filter_map(|node| node.attribute("entityID")).flat_map(of).collect()
}

/// The XML in a form's `SAMLResponse`.
fn posted(form: &[u8]) -> Option<Vec<u8>> {
    let (_, value) = form_urlencoded::parse(form).find(|(name, _)| name == "SAMLResponse")?;
    let value: String = value.split_ascii_whitespace().collect();
    STANDARD.decode(value).ok()
}
