//! libxmlsec1's opinion of a document, through samael.
//!
//! # Threads
//! libxmlsec1 has global state that must be set up once, before any use from a second thread. samael sets it up behind
//! a mutex and never takes it down, but parses with libxml2 before it gets there. Every function here therefore calls
//! [`initialise`] first, which runs once and makes the others wait. After that a context, a key and a document belong
//! to the call that made them, and calls may run at once on any threads. They block and take milliseconds: under an
//! asynchronous runtime they belong on its threads for blocking work.
//!
//! # Hostile documents
//! The functions of this module hand on their input, and judge only signatures. They are for tests. Beside a service
//! use [`SecondOpinion`](crate::SecondOpinion), which bounds beforehand what a document may ask for.

use std::sync::Once;

use samael::crypto::{AllowedSignatureAlgorithm, Crypto, CryptoProvider as _, ReduceMode};

use crate::{CertificateDer, Verified};

/// RSA and ECDSA with SHA-2 of 256 bits or more, and digests alike: the algorithms that our verifier takes.
const ALGORITHMS: &[AllowedSignatureAlgorithm] = &[
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
    AllowedSignatureAlgorithm::EcdsaSha512,
];

/// Sets up libxml2, libxmlsec1 and OpenSSL. May be called at any time from any thread; the first call does the work.
/// A service that calls it at its start finds out there whether the libraries fit together.
pub fn initialise() {
    static INITIALISED: Once = Once::new();
    INITIALISED.call_once(|| {
        // samael sets up where it loads a key, so it is asked to load one. It does not matter that this is no key.
        let _ = Crypto::verify_signed_xml("<none/>", &Vec::new().into(), None);
    });
}

/// Returns the parts of `xml` that libxmlsec1 verifies under `certificates`, with every algorithm it knows. `KeyInfo`
/// gives no keys.
///
/// `verify_signed_xml` is asked about the first signature, and `reduce_xml_to_signed`, on which samael's service
/// provider stands, about every one.
pub fn verify(xml: &str, certificates: &[CertificateDer]) -> Verified {
    initialise();
    let first = certificates.iter().any(|key| Crypto::verify_signed_xml(xml, key, Some("ID")).is_ok());
    let every = under_some(certificates, |some| Crypto::reduce_xml_to_signed(xml, some, ReduceMode::PreDigest).ok());
    match (first, every) {
        (_, Some(_)) => Verified::EverySignature,
        (true, None) => Verified::FirstSignature,
        (false, None) => Verified::Nothing,
    }
}

/// Returns the signed content of `xml`: the canonical bytes that libxmlsec1 hashed, as text. Those of the response
/// where it is signed, of the assertion else. `None` unless every signature in the document verifies under
/// `certificates`, with only RSA or ECDSA and SHA-2.
pub fn signed_content(xml: &str, certificates: &[CertificateDer]) -> Option<String> {
    initialise();
    under_some(certificates, |some| {
        let mode = ReduceMode::PreDigest;
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(xml, some, mode, Some(ALGORITHMS)).ok()
    })
}

/// Asks with all certificates together, then with each separately: among several, one with a key of another type than
/// the signature's is an error that ends samael's search.
fn under_some<T>(certificates: &[CertificateDer], ask: impl FnMut(&[CertificateDer]) -> Option<T>) -> Option<T> {
    std::iter::once(certificates).chain(certificates.chunks(1)).find_map(ask)
}
