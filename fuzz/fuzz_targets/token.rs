//! No token is accepted without a valid signature over what is read.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| studio_acs_fuzz::token::check(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    studio_acs_fuzz::token_mutation::mutate(data, size, max, seed, libfuzzer_sys::fuzzer_mutate)
});
