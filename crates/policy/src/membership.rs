//! How a policy depends on the user's groups.

use std::collections::BTreeSet;

use cedar_policy::Effect;
use serde_json::{Map, Value};
use studio_acs_identity::GroupUse;

/// The questions that a policy asks about the user's groups.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    /// The groups that it names.
    pub(crate) named: BTreeSet<String>,
    /// Whether it asks if the user is in a group that it names.
    pub(crate) is_asked_by_name: bool,
    /// Where it asks for membership at all.
    asked: Senses,
}

/// How the answer to a condition follows the answer to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Senses {
    /// The condition may hold because the part does.
    with: bool,
    /// The condition may hold because the part does not.
    against: bool,
}

impl Senses {
    const WITH: Self = Self { with: true, against: false };
    const BOTH: Self = Self { with: true, against: true };

    fn flipped(self) -> Self {
        Self { with: self.against, against: self.with }
    }

    fn or(self, other: Self) -> Self {
        Self { with: self.with || other.with, against: self.against || other.against }
    }
}

impl Membership {
    /// Reads `policy`, which is in Cedar's JSON form.
    pub(crate) fn of(policy: &Value) -> Self {
        let mut membership = Self::default();
        if let Some(scope) = policy.get("principal")
            && (scope.get("op").is_some_and(|op| op == "in") || scope.get("in").is_some())
        {
            membership.asks(scope, Senses::WITH);
        }
        for condition in policy.get("conditions").and_then(Value::as_array).into_iter().flatten() {
            let is_unless = condition.get("kind").is_some_and(|kind| kind == "unless");
            let senses = if is_unless { Senses::WITH.flipped() } else { Senses::WITH };
            condition.get("body").into_iter().for_each(|body| membership.read(body, senses));
        }
        groups_in(policy, &mut membership.named);
        membership
    }

    /// Whether the policy gives more to a user whose groups are not known than to a member: a forbid that membership
    /// brings about, a permit that membership prevents, and a permit whose cap membership brings about.
    pub(crate) fn restricts(&self, effect: Effect, is_capped: bool) -> bool {
        match effect {
            Effect::Forbid => self.asked.with,
            Effect::Permit => self.asked.against || (is_capped && self.asked.with),
        }
    }

    /// The use that the policy makes of the user's groups. Every forbid that asks for membership needs all of them, and so
    /// does a permit that membership prevents or caps. A permit that asks for membership in an entry's group reads no
    /// more than the ledger did: the entry was found by that group.
    pub(crate) fn group_use(&self, effect: Effect, is_capped: bool) -> GroupUse {
        let needs_all = match effect {
            Effect::Forbid => self.asked.with || self.asked.against,
            Effect::Permit => self.restricts(effect, is_capped),
        };
        match (needs_all, self.is_asked_by_name) {
            (true, _) => GroupUse::Restricts,
            (false, true) => GroupUse::Widens,
            (false, false) => GroupUse::Unread,
        }
    }

    fn asks(&mut self, groups: &Value, senses: Senses) {
        let mut named = BTreeSet::new();
        groups_in(groups, &mut named);
        self.is_asked_by_name |= !named.is_empty();
        self.asked = self.asked.or(senses);
    }

    /// Each operator of the form is a member of an object of its own, and its operands are members of that.
    fn read(&mut self, expression: &Value, senses: Senses) {
        match expression {
            Value::Array(several) => several.iter().for_each(|one| self.read(one, Senses::BOTH)),
            Value::Object(operators) => {
                operators.iter().for_each(|(operator, operands)| self.read_operator(operator, operands, senses));
            }
            _ => {}
        }
    }

    fn read_operator(&mut self, operator: &str, operands: &Value, senses: Senses) {
        let operand = |name| operands.get(name).unwrap_or(&Value::Null);
        match operator {
            "in" if names_principal(operand("left")) => self.asks(operand("right"), senses),
            "is" if names_principal(operand("left")) && !operand("in").is_null() => self.asks(operand("in"), senses),
            "&&" | "||" => ["left", "right"].into_iter().for_each(|side| self.read(operand(side), senses)),
            "!" => self.read(operand("arg"), senses.flipped()),
            "if-then-else" => {
                self.read(operand("if"), Senses::BOTH);
                ["then", "else"].into_iter().for_each(|branch| self.read(operand(branch), senses));
            }
            // A comparison, a call, a record: it may hold by either answer.
            _ => self.read_operands(operands),
        }
    }

    fn read_operands(&mut self, operands: &Value) {
        match operands {
            Value::Object(named) => named.values().for_each(|operand| self.read(operand, Senses::BOTH)),
            other => self.read(other, Senses::BOTH),
        }
    }
}

fn names_principal(expression: &Value) -> bool {
    match expression {
        Value::Array(several) => several.iter().any(names_principal),
        Value::Object(members) => {
            members.get("Var").is_some_and(|variable| variable == "principal") || members.values().any(names_principal)
        }
        _ => false,
    }
}

/// The groups that stand in `value`, wherever they do.
fn groups_in(value: &Value, named: &mut BTreeSet<String>) {
    let is_group = |members: &Map<String, Value>| members.get("type").is_some_and(|name| name == "Group");
    match value {
        Value::Array(several) => several.iter().for_each(|one| groups_in(one, named)),
        Value::Object(members) => {
            if let Some(id) = members.get("id").and_then(Value::as_str).filter(|_| is_group(members)) {
                named.insert(id.to_owned());
            }
            members.values().for_each(|member| groups_in(member, named));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use cedar_policy::Policy;

    use super::*;

    #[test]
    fn a_policy_restricts_where_a_person_without_groups_gets_more() {
        let open = r#"(principal, action == Action::"OpenStudio", resource)"#;
        let member = r#"(principal in Group::"g", action == Action::"OpenStudio", resource)"#;
        let capped = "@session_seconds(\"3600\") permit";
        let (inside, entry) = (r#"principal in Group::"g""#, "principal in resource.for_group");
        for (text, restricts, by_name) in [
            (format!("permit {open};"), false, false),
            (format!("permit {member};"), false, true),
            (format!("forbid {member};"), true, true),
            (format!("{capped} {open};"), false, false),
            (format!("{capped} {member};"), true, true),
            (format!("permit {open} when {{ {inside} }};"), false, true),
            (format!("permit {open} unless {{ {inside} }};"), true, true),
            (format!("permit {open} when {{ !({inside}) }};"), true, true),
            (format!("permit {open} unless {{ !({inside}) }};"), false, true),
            (format!("forbid {open} when {{ {inside} }};"), true, true),
            (format!("forbid {open} unless {{ {inside} }};"), false, true),
            (format!("forbid {open} unless {{ !(!({inside})) || resource.production }};"), false, true),
            (format!("forbid {open} when {{ resource.production && {inside} }};"), true, true),
            (format!("forbid {open} unless {{ ({inside}) == false }};"), true, true),
            (format!("permit {open} when {{ if {inside} then true else resource.production }};"), true, true),
            (format!("permit {open} when {{ if resource.production then {inside} else false }};"), false, true),
            (format!("permit {open} when {{ [{inside}].contains(false) }};"), true, true),
            (format!("permit {open} unless {{ principal is User in Group::\"g\" }};"), true, true),
            (
                r#"forbid (principal is User in Group::"g", action == Action::"OpenStudio", resource);"#.to_owned(),
                true,
                true,
            ),
            (format!("permit {open} unless {{ principal in [Group::\"g\", Group::\"h\"] }};"), true, true),
            (format!("permit {open} when {{ resource has for_group && {entry} }};"), false, false),
            (format!("forbid {open} when {{ resource has for_group && {entry} }};"), true, false),
            (
                format!("forbid {open} when {{ resource has for_group && resource.for_group == Group::\"g\" }};"),
                false,
                false,
            ),
            (format!("forbid {open} when {{ resource in resource }};"), false, false),
            (format!("forbid {open} when {{ principal is User }};"), false, false),
            (format!("forbid {open} when {{ resource is Profile in Group::\"g\" }};"), false, false),
        ] {
            let policy = Policy::from_str(&text).unwrap();
            let membership = Membership::of(&policy.to_json().unwrap());
            let is_capped = policy.annotation("session_seconds").is_some();
            let found = (membership.restricts(policy.effect(), is_capped), membership.is_asked_by_name);
            assert_eq!(found, (restricts, by_name), "{text}");
            let needs_all = restricts || (policy.effect() == Effect::Forbid && membership.asked != Senses::default());
            let expected = match (needs_all, by_name) {
                (true, _) => GroupUse::Restricts,
                (false, true) => GroupUse::Widens,
                (false, false) => GroupUse::Unread,
            };
            assert_eq!(membership.group_use(policy.effect(), is_capped), expected, "{text}");
            let named = if text.contains("\"h\"") { vec!["g", "h"] } else { vec!["g"] };
            assert!(!text.contains("Group::") || membership.named.iter().eq(named), "{text}");
        }
    }

    /// Whatever stands on the left: that it names the user at all is enough. The validator takes less than this reads.
    #[test]
    fn a_membership_is_asked_for_wherever_the_user_is_named() {
        for (left, asks) in [
            ("principal", true),
            (r#"(if [principal].contains(User::"a") then User::"b" else User::"c")"#, true),
            (r#"(if resource.production then User::"b" else User::"c")"#, false),
        ] {
            let text = format!(r#"forbid (principal, action, resource) when {{ {left} in Group::"g" }};"#);
            let membership = Membership::of(&Policy::from_str(&text).unwrap().to_json().unwrap());
            assert_eq!(
                (membership.restricts(Effect::Forbid, false), membership.is_asked_by_name),
                (asks, asks),
                "{left}"
            );
        }
    }
}
