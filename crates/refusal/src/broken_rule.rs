//! The rule that a refusal broke, as reference pages and the deployment's checks list it.

/// One rule of a sign-in, with the code of a refusal that broke it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenRule {
    /// The stage of the sign-in that asks for the rule, such as `mint`.
    pub stage: &'static str,
    /// The stable code. Several rules may share one.
    pub code: &'static str,
    /// The rule as a sentence that holds when all is well.
    pub rule: &'static str,
}

/// Gives an error enum `code`, `broken_rule` and `examples` by one table, so that a variant without its rule does not
/// compile. A row is a pattern, an example that it matches, and stage, code and rule. A row of `each`
/// hands the question on: a pattern, its examples, and the rule of the error that the pattern binds.
#[macro_export]
macro_rules! broken_rules {
    ($error:ident {
        $($pattern:pat_param, $example:expr => $stage:literal, $code:literal, $rule:literal;)*
    } $(each {
        $($(#[$condition:meta])* $inner:pat_param in $examples:expr => $broken:expr;)*
    })?) => {
        impl $error {
            /// The stable code.
            pub fn code(&self) -> &'static str {
                self.broken_rule().code
            }

            /// The rule that was broken.
            pub fn broken_rule(&self) -> $crate::BrokenRule {
                match self {
                    $($pattern => $crate::BrokenRule { stage: $stage, code: $code, rule: $rule },)*
                    $($($(#[$condition])* $inner => $broken,)*)?
                }
            }

            /// One error for each rule, for lists of all of them.
            pub fn examples() -> Vec<Self> {
                let all = std::iter::empty();
                $(let all = all.chain([{
                    let example = $example;
                    debug_assert!(matches!(example, $pattern), "an example of another rule: {example:?}");
                    example
                }]);)*
                $($($(#[$condition])* let all = all.chain($examples);)*)?
                all.collect()
            }
        }
    };
}
