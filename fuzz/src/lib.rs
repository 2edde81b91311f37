//! Properties that hold for any bytes: one module per input, each with a function `check` that panics where one fails.
//! The fuzz targets call them; so does the test that replays the seeds.

pub mod canonical;
pub mod form;
pub mod metadata;
pub mod mutation;
pub mod seeds;
pub mod token;
pub mod token_mutation;
pub mod verify;
pub mod xml;

mod agreement;
mod signatures;
mod token_keys;

/// The operators of the mutation test.
#[allow(missing_docs)]
#[path = "../../crates/saml/tests/mutation/mutate/mod.rs"]
pub mod mutate;

#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "../../fixtures/manifest.rs"]
mod manifest;

#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "../../fixtures/tokens.rs"]
mod tokens;
