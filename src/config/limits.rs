//! The limits of the plain server.

use std::time::Duration;

/// The resources that clients may take of the server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many connections are open at a time. One more closes the one that has waited longest for a request.
    pub connections: u32,
    /// How long a connection may stand without a whole request head.
    pub idle: Duration,
    /// How long requests under way may take to finish once the process is told to end: longer than any answer takes.
    pub drain: Duration,
    /// Whether clients connect directly, so that a connection's other end is the client.
    pub tell_peers: bool,
}
