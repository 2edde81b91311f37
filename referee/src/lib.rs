//! Second opinions on signed responses, from libraries that share no code with `studio-acs-saml`.
//!
//! - [`libxmlsec1`]: samael 0.0.22, which stands on libxmlsec1, libxml2 and OpenSSL
//! - [`bergshamra`]: XML Signature in Rust, with a parser and cryptography of its own (feature `bergshamra`)
//! - [`SecondOpinion`]: libxmlsec1 beside a running service: what it says is signed, for comparison
//!
//! The first two judge: they say what each library makes of any document, and tests compare that with our verdict.
//! Trust is read from metadata by a third parser, roxmltree, so that nothing here leans on what is judged.

#![forbid(unsafe_code)]

#[cfg(feature = "bergshamra")]
pub mod bergshamra;
pub mod libxmlsec1;
mod metadata;
mod second_opinion;

pub use metadata::{TrustError, issuer, signing_certificates};
pub use samael::crypto::CertificateDer;
pub use second_opinion::{Doubt, SecondOpinion, SignedFacts};

/// The part of a document that a referee verifies under the certificates that it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verified {
    /// Nothing.
    Nothing,
    /// The first signature in document order, and not every other.
    FirstSignature,
    /// Every signature in the document, which has at least one.
    EverySignature,
}

pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(crate) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The elements of this expanded name directly inside `parent`.
pub(crate) fn children<'a, 'd>(
    parent: roxmltree::Node<'a, 'd>,
    namespace: &'static str,
    local: &'static str,
) -> impl Iterator<Item = roxmltree::Node<'a, 'd>> {
    parent.children().filter(move |node| node.has_tag_name((namespace, local)))
}
