//! Parts that the tests of single crates share. Nothing of the service depends on it.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod identities;
pub mod wire;
