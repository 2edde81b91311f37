//! Identifiers that no one can guess.

use aws_lc_rs::rand;
use studio_acs_refusal::hex;

/// 128 random bits in hexadecimal; empty without randomness from the system.
pub(crate) fn new_id() -> String {
    let mut bytes = [0_u8; 16];
    match rand::fill(&mut bytes) {
        Ok(()) => hex(&bytes),
        Err(_) => String::new(),
    }
}
