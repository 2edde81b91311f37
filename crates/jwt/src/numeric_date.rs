//! NumericDate (RFC 7519 2): a JSON number of seconds, which may have a fraction and an exponent. It is decided on the
//! decimal text, exactly: in binary, a fraction could become a whole second.

/// The most digits of the seconds: year 9999 has 12.
const MOST_DIGITS: usize = 13;

/// Where a time between two whole seconds goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// To the second before: an end comes earlier.
    Down,
    /// To the second after: a beginning comes later.
    Up,
}

/// Returns the whole seconds of a JSON number; `None` beyond any year that there is. It takes time by the text's length
/// only, whatever the exponent says.
pub(crate) fn whole_seconds(number: &str, rounding: Rounding) -> Option<i64> {
    let (is_negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // The decimal point stands behind so many significant digits.
    let leading = i64::try_from(digits.len().checked_sub(significant.len())?).ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_sub(leading)?.saturating_add(saturated(exponent)?);
    let before = usize::try_from(point.max(0)).ok()?;
    if before > MOST_DIGITS {
        return None;
    }
    let cut = before.min(significant.len());
    let (kept, rest) = significant.split_at_checked(cut)?;
    let kept: i64 = if kept.is_empty() { 0 } else { format!("{kept:0<before$}").parse().ok()? };
    let has_fraction = rest.bytes().any(|digit| digit != b'0');
    let away_from_zero = has_fraction && (rounding == Rounding::Up) != is_negative;
    let magnitude = if away_from_zero { kept.checked_add(1)? } else { kept };
    if is_negative { magnitude.checked_neg() } else { Some(magnitude) }
}

/// An exponent; a million for any that is greater, since a token has fewer digits.
fn saturated(exponent: &str) -> Option<i64> {
    const MOST: i64 = 1_000_000;
    let (is_negative, digits) =
        exponent.strip_prefix('-').map_or((false, exponent.strip_prefix('+').unwrap_or(exponent)), |rest| (true, rest));
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse().unwrap_or(MOST).min(MOST);
    if is_negative { value.checked_neg() } else { Some(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_as_it_is_written() {
        for (number, down, up) in [
            ("0", 0, 0),
            ("-0", 0, 0),
            ("-0.0", 0, 0),
            ("-0e5", 0, 0),
            ("0e999999999999999999999", 0, 0),
            ("1777885520", 1_777_885_520, 1_777_885_520),
            ("1777885520.0", 1_777_885_520, 1_777_885_520),
            ("1777885520.000", 1_777_885_520, 1_777_885_520),
            ("1777885520.75", 1_777_885_520, 1_777_885_521),
            ("1796000518.387446", 1_796_000_518, 1_796_000_519),
            // In binary these are whole seconds.
            ("1777885519.99999999999999999999", 1_777_885_519, 1_777_885_520),
            ("1777885520.00000000000000000001", 1_777_885_520, 1_777_885_521),
            ("1.777885520E+09", 1_777_885_520, 1_777_885_520),
            ("1.7778855205e9", 1_777_885_520, 1_777_885_521),
            ("17778855205e-1", 1_777_885_520, 1_777_885_521),
            ("0.17778855205e10", 1_777_885_520, 1_777_885_521),
            ("177788552e1", 1_777_885_520, 1_777_885_520),
            ("1e10", 10_000_000_000, 10_000_000_000),
            ("0.5", 0, 1),
            ("5e-1", 0, 1),
            ("1e-400", 0, 1),
            ("1e-99999999999999999999", 0, 1),
            ("-0.5", -1, 0),
            ("-1.5", -2, -1),
            ("-1e-400", -1, 0),
            ("-15e-1", -2, -1),
            ("9999999999999", 9_999_999_999_999, 9_999_999_999_999),
        ] {
            assert_eq!(whole_seconds(number, Rounding::Down), Some(down), "{number} down");
            assert_eq!(whole_seconds(number, Rounding::Up), Some(up), "{number} up");
        }
    }

    #[test]
    fn a_number_beyond_all_years_is_none() {
        let (long, small) = ("9".repeat(8_000), format!("0.{}1", "0".repeat(8_000)));
        for number in ["1e13", "-1e13", "1e308", "1e400", "9e999999999999999999999", "99999999999999", &long] {
            assert_eq!(whole_seconds(number, Rounding::Down), None, "{number}");
            assert_eq!(whole_seconds(number, Rounding::Up), None, "{number}");
        }
        assert_eq!(whole_seconds(&small, Rounding::Up), Some(1));
        assert_eq!(whole_seconds(&format!("{small}e8001"), Rounding::Down), Some(1));
    }

    #[test]
    fn text_that_is_no_number_of_json_is_none() {
        for number in ["x1", "1e+-1", "1ex", "x", "1.x", "NaN", "1e1e1", "1 "] {
            assert_eq!(whole_seconds(number, Rounding::Down), None, "{number}");
        }
    }
}
