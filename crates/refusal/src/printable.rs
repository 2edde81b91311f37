//! Text of a sender as it may be shown.

/// The most characters of a sender's text that are shown.
const FOUND_LIMIT: usize = 200;

/// Returns `text` on one line, bounded: it must not forge a line of a log, or the colours of a terminal.
pub fn printable(text: &str) -> String {
    printable_within(text, FOUND_LIMIT)
}

/// Returns the same of at most so many characters of the text.
pub fn printable_within(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == limit {
            shown.push('…');
            break;
        }
        if is_plain(c) && (c == ' ' || !c.is_whitespace()) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// Returns whether readers see `c` as it is: no control character, and none that hides or reorders its neighbours.
pub fn is_plain(c: char) -> bool {
    !c.is_control() && !is_format(c)
}

/// Returns whether `c` reorders or hides its neighbours.
fn is_format(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}
