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
