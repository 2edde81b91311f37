//! IAM policies, read for unintended rights: an action on a resource that no setting names.
//!
//! No simulation: conditions are not evaluated, but told of, and neither boundaries nor the organisation's policies are
//! known here. The grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde::Deserialize;
use serde_json::Value;

/// The statements of a role's policies, each with its policy's name.
#[derive(Debug, Default)]
pub(super) struct Policies {
    statements: Vec<(String, Statement)>,
}

/// How something is allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    /// By which policy.
    pub(super) policy: String,
    /// Whether only under a condition.
    pub(super) conditional: bool,
}

impl Policies {
    /// Adds the document of the policy `name`, URL-encoded as IAM returns it. `None` where it is no policy.
    pub(super) fn add(&mut self, name: &str, document: &str) -> Option<()> {
        let document: Document = serde_json::from_str(&decoded(document)?).ok()?;
        let statements = document.statement.into_vec().into_iter();
        self.statements.extend(statements.map(|statement| (name.to_owned(), statement)));
        Some(())
    }

    /// Whether `action` on `resource` is allowed; without a condition rather than with one.
    pub(super) fn allows(&self, action: &str, resource: &str) -> Option<Allowed> {
        let covering = |effect: &'static str| {
            self.statements.iter().filter(move |(_, statement)| statement.covers(effect, action, resource))
        };
        if covering("Deny").any(|(_, statement)| !statement.is_conditional()) {
            return None;
        }
        let (policy, statement) = covering("Allow").min_by_key(|(_, statement)| statement.is_conditional())?;
        let denied_sometimes = covering("Deny").next().is_some();
        Some(Allowed { policy: policy.clone(), conditional: statement.is_conditional() || denied_sometimes })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: OneOrMany<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
    not_resource: Option<OneOrMany<String>>,
    condition: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        }
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(many) => many,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

impl Statement {
    fn covers(&self, effect: &str, action: &str, resource: &str) -> bool {
        self.effect == effect
            && names(
                self.action.as_ref(),
                self.not_action.as_ref(),
                &action.to_ascii_lowercase(),
                str::to_ascii_lowercase,
            )
            && names(self.resource.as_ref(), self.not_resource.as_ref(), resource, str::to_owned)
    }

    fn is_conditional(&self) -> bool {
        self.condition.as_ref().is_some_and(|condition| condition.as_object().is_none_or(|all| !all.is_empty()))
    }
}

/// Whether `text` is among these patterns, or not among those.
fn names(
    these: Option<&OneOrMany<String>>,
    not_those: Option<&OneOrMany<String>>,
    text: &str,
    fold: fn(&str) -> String,
) -> bool {
    let any = |patterns: &OneOrMany<String>| patterns.as_slice().iter().any(|pattern| matches(&fold(pattern), text));
    match (these, not_those) {
        (Some(patterns), _) => any(patterns),
        (None, Some(patterns)) => !any(patterns),
        (None, None) => false,
    }
}

/// Whether `text` is of the `pattern`, in which `*` is anything and `?` one character. A policy variable stands for
/// itself. Each piece between asterisks is taken where it comes first, so that the work is bounded.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*').map(str::as_bytes);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = after(first, text.as_bytes()) else { return false };
    let mut pieces: Vec<_> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(found) = (0..=rest.len()).find_map(|skipped| after(piece, rest.get(skipped..)?)) else { return false };
        rest = found;
    }
    let end = rest.len().checked_sub(last.len()).and_then(|start| rest.get(start..));
    end.is_some_and(|end| after(last, end).is_some())
}

/// The rest of `text` after `piece` at its start.
fn after<'t>(piece: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(piece.len())?;
    piece.iter().zip(start).all(|(p, t)| *p == b'?' || p == t).then_some(rest)
}

/// Undoes the percent-encoding of RFC 3986.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(match byte {
            b'%' => (digit(rest.next())? << 4) | digit(rest.next())?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("s3:*", "s3:getobject", true),
            ("s3:get*", "s3:putobject", false),
            ("*:*", "s3:getobject", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("*ab", "aab", true),
            ("*aa", "a", false),
            ("a*a", "a", false),
            ("arn:aws:s3:::*SageMaker*", "arn:aws:s3:::any/key", false),
            ("arn:*:user-profile/*/*", "arn:aws:sagemaker:r:1:user-profile/d-a/b", true),
            ("arn:*:user-profile/${sagemaker:DomainId}/*", "arn:aws:sagemaker:r:1:user-profile/d-a/b", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        // A pattern that would take time without end if every place were tried for every piece.
        assert!(!matches(&"a*".repeat(5_000), &format!("{}b", "a".repeat(4_000))));
    }

    #[test]
    fn what_is_allowed() {
        let allow = r#""Effect":"Allow","Action":"s3:*","Resource":"*""#;
        let yes = |conditional| Some(Allowed { policy: "p".to_owned(), conditional });
        for (statements, expected) in [
            (format!("{{{allow}}}"), yes(false)),
            (format!("[{{{allow}}}]"), yes(false)),
            (format!(r#"{{{allow},"Condition":{{}}}}"#), yes(false)),
            (format!(r#"{{{allow},"Condition":{{"Bool":{{"a":"b"}}}}}}"#), yes(true)),
            (format!(r#"[{{{allow},"Condition":{{"Bool":{{"a":"b"}}}}}},{{{allow}}}]"#), yes(false)),
            (
                r#"{"Effect":"Allow","Action":["ec2:*","S3:getobject"],"Resource":["x","arn:aws:s3:::*"]}"#.to_owned(),
                yes(false),
            ),
            (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#.to_owned(), yes(false)),
            (r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#.to_owned(), None),
            (r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::*"}"#.to_owned(), None),
            (r#"{"Effect":"Allow","Action":"*"}"#.to_owned(), None),
            (format!(r#"[{{{allow}}},{{"Effect":"Deny","Action":"*","Resource":"*"}}]"#), None),
            (format!(r#"[{{{allow}}},{{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::mine/*"}}]"#), None),
            (format!(r#"[{{{allow}}},{{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}}]"#), yes(false)),
            (
                format!(
                    r#"[{{{allow}}},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"Bool":{{"a":"b"}}}}}}]"#
                ),
                yes(true),
            ),
        ] {
            let mut policies = Policies::default();
            policies.add("p", &format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)).expect("a policy");
            assert_eq!(policies.allows("s3:GetObject", "arn:aws:s3:::any/key"), expected, "{statements}");
        }
    }

    #[test]
    fn documents_as_iam_returns_them() {
        let mut policies = Policies::default();
        for (document, read) in [
            ("%7B%22Statement%22%3A%5B%5D%7D", true),
            ("{\"Statement\": []}", true),
            ("", false),
            ("%7", false),
            ("%zz", false),
            ("%ff", false),
            ("[]", false),
        ] {
            assert_eq!(policies.add("p", document).is_some(), read, "{document}");
        }
    }
}
