//! A claim of an assertion.

/// The key that an assertion is remembered by: issuer and ID, hashed.
pub(crate) type Digest = [u8; 32];

/// Why nothing is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unclaimed {
    /// The store cannot tell.
    Unavailable(String),
    /// The user holds as much of a memory that all users share as is left for the others.
    Share { held: usize, free: usize },
}
