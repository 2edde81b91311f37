//! The names of the standards: namespaces, identifiers, algorithms.

/// SAML assertions (Core 1.1).
pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// SAML protocol (Core 1.1); also the protocol a role of metadata supports.
pub(crate) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// SAML metadata (Metadata 2.2).
pub(crate) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// XML Signature 1.2.
pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Core 3.2.2.2.
pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// Profiles 3.3.
pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// XML Signature 6.6.4.
pub(crate) const ENVELOPED_SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Exclusive XML Canonicalization 4; also the namespace of `InclusiveNamespaces`.
pub(crate) const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Exclusive XML Canonicalization 4.
pub(crate) const EXCLUSIVE_C14N_WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
