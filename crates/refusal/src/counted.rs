//! Numbers with their nouns.

/// Returns the number and the noun, which is a plural in `s` except after 1: `1 day`, `2 days`.
pub fn counted(number: impl TryInto<u64> + std::fmt::Display + Copy, noun: &str) -> String {
    let plural = if matches!(number.try_into(), Ok(1)) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_no_plural() {
        let days = [0_i64, 1, 2, -1].map(|number| counted(number, "day"));
        assert_eq!(days, ["0 days", "1 day", "2 days", "-1 days"]);
        assert_eq!(counted(1_usize, "other"), "1 other");
    }
}
