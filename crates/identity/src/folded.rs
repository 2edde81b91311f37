//! Comparison of names that differ only in case.

/// `text` in lower case, save where that would turn another alphabet's letter into an ASCII one: a user named by a
/// Kelvin sign (U+212A) is not the one who is called by a `k`.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii()) {
            folded.push(c);
        } else {
            folded.extend(c.to_lowercase());
        }
    }
    folded
}
