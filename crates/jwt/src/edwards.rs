//! Points of edwards25519 that no issuer has for a key: anything is signed by them.

/// The bytes of a point (RFC 8032 5.1.2).
pub(crate) const LENGTH: usize = 32;

/// The y coordinates of the eight points of small order, little-endian: 1, −1, 0, and the two of order eight.
const SMALL_ORDER: [[u8; LENGTH]; 5] = [
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [0; LENGTH],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// The prime 2^255 − 19, little-endian.
const PRIME: [u8; LENGTH] = {
    let mut prime = [0xff; LENGTH];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// Whether the point is of a large order, and its coordinate below the prime (RFC 8032 5.1.3).
pub(crate) fn is_sound(point: &[u8]) -> bool {
    let Ok(mut y) = <[u8; LENGTH]>::try_from(point) else { return false };
    // The highest bit is the sign of the other coordinate.
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    y.iter().rev().lt(PRIME.iter().rev()) && !SMALL_ORDER.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_small_order_and_other_spellings_of_a_point_are_no_keys() {
        let signed = |point: &[u8; LENGTH]| {
            let mut point = *point;
            point[31] |= 0x80;
            point
        };
        for point in &SMALL_ORDER {
            assert!(!is_sound(point) && !is_sound(&signed(point)), "{point:x?}");
        }
        for above in 0..19 {
            let mut point = PRIME;
            point[0] += above;
            assert!(!is_sound(&point) && !is_sound(&signed(&point)), "{point:x?}");
        }
        let mut large = PRIME;
        large[0] -= 2;
        // A base point's coordinate is four fifths.
        let mut base = [0x66; LENGTH];
        base[0] = 0x58;
        assert!(is_sound(&large) && is_sound(&base) && is_sound(&signed(&base)));
        assert!(!is_sound(&base[1..]) && !is_sound(&[0; 33]));
    }
}
