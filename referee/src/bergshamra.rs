//! bergshamra's opinion of a document.

use bergshamra_dsig::{DsigContext, verify::verify_all};
use bergshamra_keys::{KeysManager, loader::load_x509_cert_der};

use crate::{CertificateDer, Verified};

/// Returns the parts of `xml` that bergshamra verifies under `certificates`. `KeyInfo` gives no keys, and a signature's
/// content must stand around or beside it: those are bergshamra's defaults, and made for SAML.
///
/// A certificate whose key bergshamra does not know is left out.
pub fn verify(xml: &str, certificates: &[CertificateDer]) -> Verified {
    let mut keys = KeysManager::new();
    keys.add_keys(certificates.iter().filter_map(|certificate| load_x509_cert_der(certificate.der_data()).ok()));
    let Ok(results) = verify_all(&DsigContext::new(keys), xml) else {
        return Verified::Nothing;
    };
    let mut valid = results.iter().map(|result| result.is_valid() && result.all_reference_digests_verified());
    match (valid.next(), valid.all(|valid| valid)) {
        (Some(true), true) => Verified::EverySignature,
        (Some(true), false) => Verified::FirstSignature,
        _ => Verified::Nothing,
    }
}
