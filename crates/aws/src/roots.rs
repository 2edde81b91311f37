//! Roots of TLS from a file, looked at before the TLS library takes them: it panics at what it cannot read.

use aws_smithy_http_client::tls::TrustStore;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The certificates of the PEM file at `path`, each of which can be a root.
pub(crate) fn of_file(path: &str) -> Result<TrustStore, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let place = || format!("its certificate no. {}", roots.len().saturating_add(1));
        let certificate = certificate.map_err(|error| format!("{} is not PEM: {error}", place()))?;
        let place = place();
        roots.add(certificate).map_err(|error| format!("{place} cannot be a root: {error}"))?;
    }
    if roots.is_empty() {
        return Err("there is no certificate in it, as PEM has it (-----BEGIN CERTIFICATE-----)".to_owned());
    }
    Ok(TrustStore::empty().with_pem_certificate(pem))
}
