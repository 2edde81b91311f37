//! How deep expressions may be: bounded before parsing, so that neither the parser nor the evaluator is ever given more
//! than they were tried with. This scan does not recurse, and would rather refuse the text.

/// A limit that was passed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooComplex {
    /// Where, in bytes.
    pub(crate) offset: usize,
    /// The most.
    pub(crate) limit: usize,
    /// The counted things.
    pub(crate) what: &'static str,
}

/// Each is a turn through all levels of the grammar: a bracket in a bracket, an `if` in the policy.
const DEPTH: usize = 32;
/// Each may be the operand of the next. Optimised, so many are evaluated on 1 MiB of stack; unoptimised, on 8.
const OPERATORS: usize = 128;
/// Each reads from what stands before it.
const ACCESSES: usize = 16;

/// Looks through a text of policies, whether or not it is Cedar.
pub(crate) fn check(text: &str) -> Result<(), TooComplex> {
    let mut seen = Nesting::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let offset = text.len().saturating_sub(rest.len());
        let token = token(rest, first);
        seen.see(token).map_err(|(limit, what)| TooComplex { offset, limit, what })?;
        rest = rest.get(token.len()..).unwrap_or_default();
    }
    Ok(())
}

/// The first token of the text: a string, a comment, a word, an operator of two characters, or one character.
fn token(text: &str, first: char) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match first {
        '"' => string(text),
        _ if text.starts_with("//") => text.find('\n').unwrap_or(text.len()),
        _ if text.starts_with("&&") || text.starts_with("||") => 2,
        _ if is_word(first) => text.find(|c| !is_word(c)).unwrap_or(text.len()),
        _ => first.len_utf8(),
    };
    text.get(..length).unwrap_or(text)
}

/// The length of the string that begins the text, quotes included; or all of it, if the string does not end.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return offset.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// The counts of one policy so far.
#[derive(Default)]
struct Nesting {
    brackets: usize,
    ifs: usize,
    operators: usize,
    accesses: usize,
}

impl Nesting {
    fn see(&mut self, token: &str) -> Result<(), (usize, &'static str)> {
        match token {
            ";" => *self = Self::default(),
            "(" | "[" | "{" => self.brackets = self.brackets.saturating_add(1),
            ")" | "]" | "}" => self.brackets = self.brackets.saturating_sub(1),
            "if" => self.ifs = self.ifs.saturating_add(1),
            // Conditions are joined as by `&&`.
            "&&" | "||" | "+" | "-" | "*" | "when" | "unless" => {
                self.operators = self.operators.saturating_add(1);
                self.accesses = 0;
            }
            "." => self.accesses = self.accesses.saturating_add(1),
            "," => self.accesses = 0,
            _ => {}
        }
        if self.brackets.saturating_add(self.ifs) > DEPTH {
            return Err((DEPTH, "brackets and ifs in one another"));
        }
        if self.operators > OPERATORS {
            return Err((OPERATORS, "operators in a policy: a set may do, as in [\"a\", \"b\"].contains(…)"));
        }
        if self.accesses > ACCESSES {
            return Err((ACCESSES, "accesses in a row"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deep_is_refused_where_it_becomes_so_and_what_is_wide_is_not() {
        let at = |offset, limit| Err((offset, limit));
        for (text, expected) in [
            ("(".repeat(33), at(32, DEPTH)),
            ("()".repeat(1000), Ok(())),
            (format!("({}", "[{".repeat(16)), at(32, DEPTH)),
            ("if ".repeat(33), at(96, DEPTH)),
            ("iffy ".repeat(33), Ok(())),
            ("1+".repeat(129), at(257, OPERATORS)),
            ("a&&".repeat(129), at(385, OPERATORS)),
            ("a||b;".repeat(129), Ok(())),
            (".a".repeat(17), at(32, ACCESSES)),
            ("a.b, ".repeat(1000), Ok(())),
            (format!("\"{}\"", "(".repeat(33)), Ok(())),
            (format!("\"\\\"{}\"", "(".repeat(33)), Ok(())),
            (format!("// {}\n", "(".repeat(33)), Ok(())),
            (format!("\"{}", "(".repeat(33)), Ok(())),
            (format!("é\"\"{}", "(".repeat(33)), at(36, DEPTH)),
        ] {
            let found = check(&text).map_err(|error| (error.offset, error.limit));
            assert_eq!(found, expected, "{text}");
        }
    }
}
