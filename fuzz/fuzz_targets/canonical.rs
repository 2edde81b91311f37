//! Canonical output is canonical already, and says what the document says.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| studio_acs_fuzz::canonical::check(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    studio_acs_fuzz::mutation::mutate(data, size, max, seed, libfuzzer_sys::fuzzer_mutate)
});
