//! Expected and found texts side by side: differences that readers do not see are made visible.

use std::collections::HashMap;

use unicode_security::confusable_detection::skeleton;

use crate::counted::counted;
use crate::printable::is_plain;

/// The most texts of a list that are shown.
const MOST_SHOWN: usize = 8;

/// The most characters of a text that are shown, and that are compared.
const LONGEST_SHOWN: usize = 120;
const LONGEST_COMPARED: usize = 400;

/// The most characters of all texts that are looked at: by [`compare`], whose texts a stranger may send; and by
/// [`list_beside`], of a sign-in that is verified.
const MOST_COMPARED: usize = 8_192;
const MOST_LISTED: usize = 1 << 20;

/// The most pairs of texts that are searched for one in the other.
const MOST_PAIRS: usize = 10_000;

/// Expected and found texts, as a message shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The expected texts, those first that are most like a found one.
    pub expected: String,
    /// The found texts, those first that are most like an expected one.
    pub found: String,
}

/// A difference that is easily overlooked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Only capital and small letters differ.
    Case,
    /// Only white space or characters without width differ.
    WhiteSpace,
    /// Other characters that look the same.
    LookAlike,
}

/// Compares the texts that a rule expects with those that it found. Spaces at an edge are quoted; other white space,
/// characters without width, and characters that only look like the other side's are written as code points.
pub fn compare(expected: &[&str], found: &[&str]) -> Compared {
    // The sender's texts first: they are few where the operator's are many.
    let mut budget = MOST_COMPARED;
    let found_keys = keys(found, &mut budget);
    let expected_keys = keys(expected, &mut budget);
    let (found, expected) = ((found, &*found_keys), (expected, &*expected_keys));
    Compared { expected: list(expected, found, " or ", false), found: list(found, expected, ", ", true) }
}

/// Lists `texts`, those first that are most like one of the `others`, as [`compare`] does with what a rule found.
pub fn list_beside(texts: &[&str], others: &[&str]) -> String {
    let mut budget = MOST_LISTED;
    let (text_keys, other_keys) = (keys(texts, &mut budget), keys(others, &mut budget));
    list((texts, &text_keys), (others, &other_keys), ", ", true)
}

/// Returns the overlooked difference of two texts; `None` where they are equal or differ plainly.
pub fn likeness(one: &str, other: &str) -> Option<Likeness> {
    if one == other || one.is_empty() || other.is_empty() {
        return None;
    }
    if !(fits(one) && fits(other)) {
        return None;
    }
    if one.to_lowercase() == other.to_lowercase() {
        Some(Likeness::Case)
    } else if visible_part(one) == visible_part(other) {
        Some(Likeness::WhiteSpace)
    } else {
        (look(one) == look(other)).then_some(Likeness::LookAlike)
    }
}

fn fits(text: &str) -> bool {
    text.chars().nth(LONGEST_COMPARED).is_none()
}

/// Texts, and the keys of as many of them as were looked at.
type Keyed<'a> = (&'a [&'a str], &'a [Key]);

/// `texts`, those first that are most like one of the `others`, whose overlooked differences it `tells` in words.
fn list((texts, text_keys): Keyed<'_>, (others, other_keys): Keyed<'_>, joint: &str, tells: bool) -> String {
    let nearest = Nearest::among(other_keys, texts.len());
    let mut ranked: Vec<_> = texts.iter().zip(text_keys).map(|(text, key)| (nearest.of(key), *text)).collect();
    ranked.sort_by_key(|((rank, _), _)| *rank);
    let mut shown: Vec<_> = ranked
        .iter()
        .take(MOST_SHOWN)
        .map(|((_, place), text)| beside(text, others.get(*place).copied().unwrap_or_default(), tells))
        .collect();
    let rest = texts.len().saturating_sub(shown.len());
    if rest > 0 {
        shown.push(counted(rest, "other"));
    }
    shown.join(joint)
}

/// `text`, with what a reader would not see in it beside `other` made visible; told in words where it `tells`.
fn beside(text: &str, other: &str, tells: bool) -> String {
    let likeness = likeness(text, other);
    let is_disguised = likeness == Some(Likeness::LookAlike) || looks_like_ascii(text);
    let stands_out = |c: char| {
        let is_hidden = c != ' ' && (c.is_whitespace() || !is_plain(c));
        is_hidden || (is_disguised && !c.is_ascii() && !other.contains(c))
    };
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST_SHOWN {
            shown.push('…');
            break;
        }
        if stands_out(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    if text.is_empty() || text.starts_with(' ') || text.ends_with(' ') {
        shown = format!("\"{shown}\"");
    }
    match likeness.filter(|_| tells) {
        Some(Likeness::Case) => shown + " (differs in case)",
        Some(Likeness::WhiteSpace) => shown + " (differs in white space)",
        Some(Likeness::LookAlike) => shown + " (differs in a character that looks the same)",
        None => shown,
    }
}

/// The forms in which a text is compared.
#[derive(Debug)]
struct Key {
    /// How it looks.
    look: String,
    /// How its last part looks, such as that of a URL or of a path.
    last: String,
    /// Its letters and digits.
    letters: String,
}

/// The keys of the texts, in their order. Beyond `budget`, which shrinks by the characters that are looked at, a text has
/// an empty key, which is like no other.
fn keys(texts: &[&str], budget: &mut usize) -> Vec<Key> {
    let key = |text: &&str| {
        let cut: String = text.chars().take(LONGEST_COMPARED.min(*budget)).collect();
        *budget = budget.saturating_sub(cut.chars().count());
        let parts = cut.rsplit(['/', '#', ':', '\\']);
        let last = parts.map(look).find(|last| !last.is_empty()).unwrap_or_default();
        let letters = cut.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Key { look: look(&cut), last, letters }
    };
    texts.iter().map(key).collect()
}

/// How `text` looks: without case, white space and characters without width.
fn look(text: &str) -> String {
    let seen: String = skeleton(&visible_part(text).to_lowercase()).collect();
    seen.to_lowercase()
}

/// Whether `text` has other characters than those of ASCII, and each of them looks like one of ASCII.
fn looks_like_ascii(text: &str) -> bool {
    !text.is_ascii() && fits(text) && look(text).is_ascii()
}

fn visible_part(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && is_plain(*c)).collect()
}

/// The place of the text that is most like another one.
struct Nearest<'k> {
    looks: HashMap<&'k str, usize>,
    lasts: HashMap<&'k str, usize>,
    letters: HashMap<&'k str, usize>,
    /// The texts to be searched; none where that would take too long.
    searched: &'k [Key],
}

impl<'k> Nearest<'k> {
    fn among(keys: &'k [Key], others: usize) -> Self {
        let map = |part: fn(&Key) -> &str| {
            // The first one of two places with the same part stays.
            let places = keys.iter().enumerate().rev().map(|(place, key)| (part(key), place));
            places.filter(|(part, _)| !part.is_empty()).collect()
        };
        let searched = if keys.len().saturating_mul(others) > MOST_PAIRS { &[] } else { keys };
        Self { looks: map(|key| &key.look), lasts: map(|key| &key.last), letters: map(|key| &key.letters), searched }
    }

    /// Returns how far the nearest text is from this one, and its place.
    fn of(&self, key: &Key) -> (u8, usize) {
        let place = |rank, place: Option<&usize>| place.map(|place| (rank, *place));
        let within = || {
            let is_within = |other: &Key| {
                let (short, long) = if other.letters.len() < key.letters.len() { (other, key) } else { (key, other) };
                short.letters.len() > 2 && long.letters.contains(&short.letters)
            };
            self.searched.iter().position(is_within).map(|place| (3, place))
        };
        if key.look.is_empty() {
            return (4, 0);
        }
        place(0, self.looks.get(&*key.look))
            .or_else(|| place(1, self.lasts.get(&*key.last)))
            .or_else(|| place(2, self.letters.get(&*key.letters)))
            .or_else(within)
            .unwrap_or((4, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_do_not_see_is_made_visible() {
        for (expected, found, shown) in [
            ("studio", "studio ", "\"studio \" (differs in white space)"),
            ("studio", "studio\u{a0}", "studio\\u{a0} (differs in white space)"),
            ("studio", "stu\u{200b}dio", "stu\\u{200b}dio (differs in white space)"),
            ("studio", "Studio", "Studio (differs in case)"),
            ("studio", "studi\u{43e}", "studi\\u{43e} (differs in a character that looks the same)"),
            ("https://studio.corp.example/", "https://studio.corp.example", "https://studio.corp.example"),
            ("m\u{fc}ller", "mu\u{308}ller", "mu\\u{308}ller (differs in a character that looks the same)"),
            ("all1", "alll", "alll (differs in a character that looks the same)"),
            ("a b", "a  b", "a  b (differs in white space)"),
            ("a", "", "\"\""),
            ("m\u{fc}ller", "m\u{fc}ller-2", "m\u{fc}ller-2"),
            ("studio-acs", "studio\u{2010}acs", "studio\\u{2010}acs (differs in a character that looks the same)"),
            ("studio", "\u{ff53}tudio", "\\u{ff53}tudio (differs in a character that looks the same)"),
            // Beside another text, too, what looks like plain letters is shown.
            (
                "https://studio.corp.example/",
                "https://stud\u{456}o.other.example",
                "https://stud\\u{456}o.other.example",
            ),
            ("studio", "\u{424}\u{43e}\u{43d}\u{434}", "\u{424}\u{43e}\u{43d}\u{434}"),
        ] {
            assert_eq!(compare(&[expected], &[found]).found, shown, "{expected:?} {found:?}");
        }
        // The operator's own text may be the strange one.
        let compared = compare(&["https://studio.corp.ex\u{430}mple/\u{a0}"], &["https://studio.corp.example/"]);
        assert_eq!(compared.expected, "https://studio.corp.ex\\u{430}mple/\\u{a0}");
    }

    #[test]
    fn what_is_most_alike_comes_first_in_any_list() {
        let mut names: Vec<_> = (0..150).map(|number| format!("attribute-{number}")).collect();
        for (near, shown) in [
            ("UserName", "UserName (differs in case)"),
            ("user-name", "user-name"),
            ("http://schemas.example/claims/username", "http://schemas.example/claims/username"),
            ("urn:username-alias", "urn:username-alias"),
        ] {
            names.push(near.to_owned());
            let names_now: Vec<_> = names.iter().map(String::as_str).collect();
            let found = compare(&["username"], &names_now).found;
            assert!(found.starts_with(&format!("{shown}, attribute-0")), "{found}");
            assert!(found.ends_with("143 others"), "{found}");
            names.pop();
        }
        let urls = compare(&["https://a.example/saml", "https://b.example/saml"], &["https://b.example/saml "]);
        assert_eq!(urls.expected, "https://b.example/saml or https://a.example/saml");
    }

    #[test]
    fn texts_and_lists_are_bounded() {
        let (long, many) = ("x".repeat(10_000), vec!["y"; 5_000]);
        let compared = compare(&[&long], &many);
        assert!(compared.expected.chars().count() <= LONGEST_SHOWN + 1 && compared.found.len() < 1_000);
        assert_eq!(likeness(&long, &long.to_uppercase()), None);
        // The work is bounded as a whole: the last of very many texts is not looked at, and listed all the same.
        let many: Vec<_> = (0..5_000).map(|number| format!("https://idp-{number}.example/\u{456}")).collect();
        let texts: Vec<_> = many.iter().map(String::as_str).collect();
        let mut budget = MOST_COMPARED;
        let looked_at = keys(&texts, &mut budget).iter().filter(|key| !key.look.is_empty()).count();
        assert!((200..500).contains(&looked_at) && budget == 0, "{looked_at}");
        let compared = compare(&texts, &["https://idp-7.example/i", "x"]);
        assert!(compared.expected.starts_with("https://idp-7.example/"), "{}", compared.expected);
        assert!(compared.expected.ends_with("4992 others"), "{}", compared.expected);
    }
}
