//! Networks in a policy: one in IPv4-mapped form would never match, since clients' addresses are compared as IPv4.

use std::net::{IpAddr, Ipv6Addr};

use serde_json::Value;

/// The bits of an IPv4-mapped address before the IPv4 address (RFC 4291 2.5.5.2).
const BEFORE_IPV4: u8 = 96;

/// A network in IPv4-mapped form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MappedNetwork {
    /// As it is written.
    pub(crate) found: String,
    /// The same network in IPv4's form.
    pub(crate) expected: String,
}

/// Returns the first network in IPv4-mapped form of `policy`, which is in Cedar's JSON form: a call of `ip` with a text.
pub(crate) fn mapped(policy: &Value) -> Option<MappedNetwork> {
    match policy {
        Value::Array(several) => several.iter().find_map(mapped),
        Value::Object(members) => {
            let written = members.get("ip").and_then(|operands| operands.get(0)?.get("Value")?.as_str());
            written.and_then(read).or_else(|| members.values().find_map(mapped))
        }
        _ => None,
    }
}

fn read(written: &str) -> Option<MappedNetwork> {
    let (address, prefix) = written.split_once('/').map_or((written, None), |(address, bits)| (address, Some(bits)));
    let ipv4 = address.parse::<Ipv6Addr>().ok()?.to_ipv4_mapped()?;
    // A shorter prefix than 96 bits has no IPv4 form, and its author meant one of IPv4 all the same.
    let prefix = prefix.and_then(|bits| bits.parse::<u8>().ok());
    let bits = prefix.map(|bits| bits.checked_sub(BEFORE_IPV4).unwrap_or(bits));
    let expected = bits.map_or_else(|| IpAddr::V4(ipv4).to_string(), |bits| format!("{ipv4}/{bits}"));
    Some(MappedNetwork { found: written.to_owned(), expected })
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use cedar_policy::Policy;

    use super::*;

    #[test]
    fn a_mapped_network_is_found_wherever_it_stands() {
        for (condition, expected) in [
            ("context.source_ip.isInRange(ip(\"10.0.0.0/8\"))", None),
            ("context.source_ip.isInRange(ip(\"2001:db8::/32\"))", None),
            ("context.source_ip == ip(\"::1\")", None),
            // 64:ff9b::/96 is a network of IPv6 (RFC 6052), and an IPv4-compatible address is one too.
            ("context.source_ip.isInRange(ip(\"64:ff9b::/96\")) || context.source_ip == ip(\"::a00:1\")", None),
            ("context.source_ip == ip(\"::ffff:a00:1\")", Some("10.0.0.1")),
            ("context.source_ip.isInRange(ip(\"::ffff:a00:0/104\"))", Some("10.0.0.0/8")),
            ("context.source_ip.isInRange(ip(\"::FFFF:0:0/96\"))", Some("0.0.0.0/0")),
            ("context.source_ip.isInRange(ip(\"0:0:0:0:0:ffff:c0a8:0/24\"))", Some("192.168.0.0/24")),
            ("context.source_ip.isInRange(ip(\"::ffff:10.0.0.0/104\"))", Some("10.0.0.0/8")),
            ("if true then !context.source_ip.isInRange(ip(\"::ffff:a00:0/104\")) else false", Some("10.0.0.0/8")),
            ("[ip(\"10.0.0.1\"), ip(\"::ffff:a00:2\")].contains(context.source_ip)", Some("10.0.0.2")),
            // A text that is no network.
            ("principal.name == \"::ffff:a00:1\"", None),
        ] {
            let text = format!("permit (principal, action, resource) when {{ {condition} }};");
            let found = mapped(&Policy::from_str(&text).unwrap().to_json().unwrap());
            assert_eq!(found.map(|network| network.expected).as_deref(), expected, "{condition}");
        }
    }
}
