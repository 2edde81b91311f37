//! Nothing is accepted without a valid signature over what is read.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| studio_acs_fuzz::verify::check(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    studio_acs_fuzz::mutation::mutate_and_sign(data, size, max, seed, libfuzzer_sys::fuzzer_mutate)
});
