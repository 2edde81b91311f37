//! The peer of a connection, by facts that clients cannot write themselves.

use std::net::IpAddr;

/// The client as the connection or the gateway has it. The home of the router adds it to each request's extensions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// The address: of API Gateway's events, what the gateway saw; of a connection, its other end, where the operator
    /// says that this is the client.
    pub address: Option<IpAddr>,
    /// The VPC endpoint that the request came through, such as `vpce-0123456789abcdef0`; `None` unless a private REST API
    /// says so.
    pub vpc_endpoint: Option<String>,
    /// The VPC of that endpoint.
    pub vpc: Option<String>,
}
