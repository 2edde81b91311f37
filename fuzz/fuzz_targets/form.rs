//! Forms, as another decoder reads them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| studio_acs_fuzz::form::check(data));
