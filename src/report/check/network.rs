//! The way to SageMaker: a closed network has a private address for it.

use std::fmt;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;

use super::finding::Finding;
use super::item::Item;

/// Finds the addresses of a host. Production asks the system's resolver; tests bring their own.
#[derive(Clone)]
pub struct Resolver(Arc<Resolve>);

type Resolve = dyn Fn(&str, u16) -> std::io::Result<Vec<IpAddr>> + Send + Sync;

impl Resolver {
    /// The system's resolver.
    pub fn system() -> Self {
        Self::new(|host, port| Ok((host, port).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    /// A resolver that answers what `resolve` answers for a host and a port.
    pub fn new(resolve: impl Fn(&str, u16) -> std::io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(resolve))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

/// Whether all addresses of SageMaker's API are private.
pub(super) async fn sagemaker_address(resolver: &Resolver, (host, port): (String, u16)) -> Finding {
    let (resolve, name) = (Arc::clone(&resolver.0), host.trim_matches(['[', ']']).to_owned());
    // The system's resolver blocks its thread.
    let addresses = match tokio::task::spawn_blocking(move || resolve(&name, port)).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => addresses,
        Ok(Err(error)) => return unknown(&host, &error.to_string()),
        _ => return unknown(&host, "no address"),
    };
    let listed = |addresses: &[IpAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let public: Vec<_> = addresses.iter().copied().filter(|address| !is_private(*address)).collect();
    if !public.is_empty() {
        return Finding::warning(
            Item::SageMakerAddress,
            format!("{host} is {}", listed(&public)),
            "give the VPC an interface endpoint com.amazonaws.REGION.sagemaker.api with private DNS, and check from inside",
        );
    }
    let note = if addresses.iter().any(IpAddr::is_loopback) { ", this machine: a stand-in or a tunnel" } else { "" };
    Finding::ok(Item::SageMakerAddress, format!("{host} is {}{note}", listed(&addresses)))
}

fn unknown(host: &str, reason: &str) -> Finding {
    Finding::error(
        Item::SageMakerAddress,
        format!("{host}: {reason}"),
        "check AWS_REGION, and let DNS of the network answer for AWS's names: enableDnsSupport, enableDnsHostnames, private DNS of the endpoint",
    )
}

/// RFC 1918, RFC 6598 (which VPCs may use), unique local (RFC 4193) and this machine.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private() || v4.is_loopback() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses() {
        for (address, private) in [
            ("10.0.3.7", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("127.0.0.1", true),
            ("::1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("::ffff:52.94.0.1", false),
            ("52.94.0.1", false),
            ("2600:1f14::1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }
}
