//! Whether a permit names the issuer beside each user and group that it names.
//!
//! The proof is of the policy's text, and holds for every sign-in. A comparison with a literal name counts for nothing
//! where the issuer is another one: it stands in a conjunction with a comparison of the issuer with a literal text, or with
//! the issuer that the ledger's entry names. Names that this reading
//! cannot judge count as unnamed.

use serde_json::{Map, Value};

/// Issuers by whose names they are: as far as they are needed, or named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Issuers {
    /// `principal.issuer`.
    user: bool,
    /// `resource.issuer`.
    entry: bool,
    /// `context.approved_by_issuer`.
    approver: bool,
    /// `context.requested_by_issuer`.
    requester: bool,
}

impl Issuers {
    const NONE: Self = Self { user: false, entry: false, approver: false, requester: false };
    const ALL: Self = Self { user: true, entry: true, approver: true, requester: true };

    fn and(self, other: Self) -> Self {
        Self {
            user: self.user || other.user,
            entry: self.entry || other.entry,
            approver: self.approver || other.approver,
            requester: self.requester || other.requester,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            user: self.user && other.user,
            entry: self.entry && other.entry,
            approver: self.approver && other.approver,
            requester: self.requester && other.requester,
        }
    }

    fn cover(self, needed: Self) -> bool {
        self.and(needed) == self
    }
}

/// Whether `permit`, in Cedar's JSON form, names a user or a group and may hold for that name of any issuer.
pub(crate) fn are_missing(permit: &Value) -> bool {
    let conditions = permit.get("conditions").and_then(Value::as_array).into_iter().flatten();
    let conditions: Vec<_> = conditions
        .map(|condition| {
            let is_unless = condition.get("kind").is_some_and(|kind| kind == "unless");
            (condition.get("body").unwrap_or(&Value::Null), !is_unless)
        })
        .collect();
    // All conditions hold together, or the permit does not.
    let named = conditions.iter().map(|(body, holds)| proven(body, *holds)).fold(Issuers::NONE, Issuers::and);
    let scope = ["principal", "resource"].iter().filter_map(|part| permit.get(part));
    let is_named_in_scope = scope.into_iter().any(names_entity);
    (is_named_in_scope && !named.user) || conditions.iter().any(|(body, _)| is_unnamed(body, named))
}

/// The issuers that are certainly named where the expression is `holds`.
fn proven(expression: &Value, holds: bool) -> Issuers {
    let Some((operator, operands)) = operation(expression) else { return Issuers::NONE };
    let operand = |name: &str| operands.get(name).unwrap_or(&Value::Null);
    let both = || (proven(operand("left"), holds), proven(operand("right"), holds));
    match (operator, holds) {
        ("&&", true) | ("||", false) => {
            let (left, right) = both();
            left.and(right)
        }
        ("||", true) | ("&&", false) => {
            let (left, right) = both();
            left.or(right)
        }
        ("!", _) => proven(operand("arg"), !holds),
        ("if-then-else", _) => {
            let branch = |condition, name| proven(operand("if"), condition).and(proven(operand(name), holds));
            branch(true, "then").or(branch(false, "else"))
        }
        ("==", true) | ("!=", false) => match (is_text(operand("left")), is_text(operand("right"))) {
            (true, false) => compared(operand("right")),
            (false, true) => compared(operand("left")),
            _ => related(operand("left"), operand("right")),
        },
        // Where names are not shared, no entry without an issuer is given to any user.
        ("has", false) if is_entrys_issuer(operands) => Issuers::ALL,
        ("contains", true) if is_list_of_texts(operand("left")) => compared(operand("right")),
        _ => Issuers::NONE,
    }
}

/// Whether a name in the expression may matter where the issuer is another one than those that are `named`.
fn is_unnamed(expression: &Value, named: Issuers) -> bool {
    let Some((operator, operands)) = operation(expression) else { return !named.cover(needed(expression)) };
    let operand = |name: &str| operands.get(name).unwrap_or(&Value::Null);
    match operator {
        // One side decides only where the other is true, or for `||` false.
        "&&" | "||" => {
            let other = |name| proven(operand(name), operator == "&&").and(named);
            is_unnamed(operand("left"), other("right")) || is_unnamed(operand("right"), other("left"))
        }
        "!" => is_unnamed(operand("arg"), named),
        "if-then-else" => {
            let branch = |holds, name| is_unnamed(operand(name), proven(operand("if"), holds).and(named));
            is_unnamed(operand("if"), named) || branch(true, "then") || branch(false, "else")
        }
        _ => !named.cover(needed(expression)),
    }
}

/// The issuers that have to be named beside an expression without parts that are conditions.
fn needed(expression: &Value) -> Issuers {
    let mut words = Words::default();
    words.read(expression);
    let is_entrys = words.has_entity && words.has_entry;
    Issuers {
        user: (words.has_entity && (!is_entrys || words.has_principal)) || (words.has_text && words.has_name),
        entry: is_entrys,
        approver: words.has_text && words.has_approver,
        requester: words.has_text && words.has_requester,
    }
}

/// The parts of an expression that names are made of.
#[derive(Debug, Default)]
struct Words {
    has_entity: bool,
    has_text: bool,
    has_principal: bool,
    has_entry: bool,
    has_name: bool,
    has_approver: bool,
    has_requester: bool,
}

impl Words {
    fn read(&mut self, expression: &Value) {
        match expression {
            Value::Array(several) => several.iter().for_each(|one| self.read(one)),
            Value::Object(members) => {
                self.has_entity |= is_entity(members);
                self.has_text |= members.contains_key("pattern") || members.get("Value").is_some_and(has_text);
                self.has_principal |= members.get("Var").is_some_and(|variable| variable == "principal");
                match members.get("attr").and_then(Value::as_str) {
                    Some("for_user" | "for_group") => self.has_entry = true,
                    Some("name") => self.has_name = true,
                    Some("approved_by") => self.has_approver = true,
                    Some("requested_by") => self.has_requester = true,
                    _ => {}
                }
                members.values().for_each(|member| self.read(member));
            }
            _ => {}
        }
    }
}

/// The one operator of an expression, and its operands.
fn operation(expression: &Value) -> Option<(&str, &Value)> {
    let (operator, operands) = expression.as_object()?.iter().next()?;
    Some((operator, operands))
}

/// The issuer that this expression reads.
fn compared(expression: &Value) -> Issuers {
    let read = expression.get(".");
    let variable = read.and_then(|read| read.get("left")?.get("Var")?.as_str());
    let attribute = read.and_then(|read| read.get("attr")?.as_str());
    match (variable, attribute) {
        (Some("principal"), Some("issuer")) => Issuers { user: true, ..Issuers::NONE },
        (Some("resource"), Some("issuer")) => Issuers { entry: true, ..Issuers::NONE },
        (Some("context"), Some("approved_by_issuer")) => Issuers { approver: true, ..Issuers::NONE },
        (Some("context"), Some("requested_by_issuer")) => Issuers { requester: true, ..Issuers::NONE },
        _ => Issuers::NONE,
    }
}

/// The user's issuer, where both are compared: the entry's is named in the ledger.
fn related(left: &Value, right: &Value) -> Issuers {
    let both = compared(left).and(compared(right));
    if both.user && both.entry { Issuers { user: true, ..Issuers::NONE } } else { Issuers::NONE }
}

/// Whether these parts of an access, or of a question for presence, are `resource` and `issuer`.
fn is_entrys_issuer(parts: &Value) -> bool {
    let is_entry = parts.get("left").and_then(|left| left.get("Var")).is_some_and(|variable| variable == "resource");
    is_entry && parts.get("attr").is_some_and(|attribute| attribute == "issuer")
}

fn is_text(expression: &Value) -> bool {
    expression.get("Value").is_some_and(Value::is_string)
}

fn is_list_of_texts(expression: &Value) -> bool {
    expression.get("Set").and_then(Value::as_array).is_some_and(|several| several.iter().all(is_text))
}

fn has_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(several) => several.iter().any(has_text),
        _ => false,
    }
}

fn names_entity(value: &Value) -> bool {
    let mut words = Words::default();
    words.read(value);
    words.has_entity
}

/// Whether it is a user or a group that is named.
fn is_entity(members: &Map<String, Value>) -> bool {
    let is_name = members.get("type").is_some_and(|name| name == "User" || name == "Group");
    is_name && members.get("id").is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests;
