//! The declaration of rules.

/// Declares the rules of a protocol or of a step: an enum with one variant a rule, its stable code, the variant of `Stage`
/// that it belongs to, and the rule in a few words. `Stage` is an enum in the scope of the call. Each rule's documentation
/// names its source.
#[macro_export]
macro_rules! rules {
    ($(#[doc = $about:literal])+ $visibility:vis enum $Check:ident;
     $($(#[doc = $doc:literal])+ $name:ident = $code:literal, $stage:ident, $rule:literal;)+) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $Check { $($(#[doc = $doc])+ $name),+ }

        impl $Check {
            /// Every rule, in the order in which they are checked.
            pub const ALL: &[$Check] = &[$($Check::$name),+];

            /// Returns the stable code that a breach is reported under. Several rules may share one.
            pub fn code(self) -> &'static str {
                match self { $($Check::$name => $code),+ }
            }

            /// Returns the stage that the rule belongs to.
            pub fn stage(self) -> Stage {
                match self { $($Check::$name => Stage::$stage),+ }
            }

            /// Returns the rule in a few words.
            pub fn rule(self) -> &'static str {
                match self { $($Check::$name => $rule),+ }
            }

            /// Returns the rejection for a breach of this rule.
            pub fn reject(
                self,
                expected: impl Into<std::borrow::Cow<'static, str>>,
                found: impl std::fmt::Display,
            ) -> $crate::Rejection<$Check> {
                $crate::Rejection::new(self, expected, found)
            }

            /// Returns the rejection for texts that are none of the expected ones, with their differences made visible.
            #[allow(dead_code, reason = "not every list of rules compares texts")]
            pub fn reject_texts(self, expected: &[&str], found: &[&str]) -> $crate::Rejection<$Check> {
                let $crate::Compared { expected, found } = $crate::compare(expected, found);
                $crate::Rejection::new(self, expected, found)
            }
        }

        impl $crate::Rule for $Check {
            fn code(self) -> &'static str {
                self.code()
            }

            fn rule(self) -> &'static str {
                self.rule()
            }
        }
    };
}
