//! The known name that a misspelt one most likely stands for.

/// Returns the known name that is nearest to `wrong`: the one with the same last part, such as a key in the wrong table,
/// and else the one that takes the fewest changes of a character. `None` where no name is known.
pub fn nearest(wrong: &str, known: impl IntoIterator<Item = String>) -> Option<String> {
    let distance = |name: &String| if last(name) == last(wrong) { 0 } else { changes(wrong, name) };
    known.into_iter().min_by_key(distance)
}

/// Returns the same where `wrong` looks like a misspelling of it: at most half of its characters change.
pub fn near_miss<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wrong = wrong.to_lowercase();
    let known = nearest(&wrong, known.into_iter().map(str::to_owned))?;
    (changes(&wrong, &known).saturating_mul(2) <= wrong.chars().count()).then_some(known)
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// Returns the Levenshtein distance: the number of characters to insert, remove or replace.
fn changes(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (place, from) in (1..).zip(from.chars()) {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), place);
        let mut left = place;
        for (above, to) in row.iter_mut().skip(1).zip(to.chars()) {
            let replaced = diagonal.saturating_add(usize::from(from != to));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = std::mem::replace(above, left);
        }
    }
    row.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted() {
        for (from, to, count) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("skew", "skw", 1), ("ab", "ba", 2)]
        {
            assert_eq!(changes(from, to), count, "{from} {to}");
        }
    }

    #[test]
    fn a_key_in_another_table_is_nearer_than_any_misspelling() {
        let known = ["saml.skew", "saml.max_age", "ledger.refresh"].map(str::to_owned);
        for (wrong, right) in [
            ("saml.skw", "saml.skew"),
            ("skew", "saml.skew"),
            ("policy.refresh", "ledger.refresh"),
            ("saml.max-age", "saml.max_age"),
        ] {
            assert_eq!(nearest(wrong, known.clone()).as_deref(), Some(right), "{wrong}");
        }
        assert_eq!(nearest("skew", []), None);
    }

    #[test]
    fn a_near_miss_shares_half_of_its_characters() {
        let known = ["entry", "team", "revoked", "links"];
        for (wrong, right) in [
            ("entries", Some("entry")),
            ("Entry", Some("entry")),
            ("link", Some("links")),
            ("Items", None),
            ("x", None),
        ] {
            assert_eq!(near_miss(wrong, known).as_deref(), right, "{wrong}");
        }
    }
}
