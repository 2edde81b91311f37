//! Policies and cases that are wrong, each with its very error; and facts that try to be policy.

use studio_acs_policy::{Action, Fact, Need, Policies, PolicyError, Question, Zone, cases};

const OPEN: &str = r#"@id("open") permit (principal, action, resource);"#;

#[test]
fn a_wrong_policy_is_refused_with_its_file_its_line_and_what_is_expected() {
    for (name, text, code, message) in [
        (
            "no Cedar",
            "permit (principal, action);",
            "policy_syntax",
            "x.cedar:1: this policy is missing the `resource` variable in the scope; policy scopes must contain a `principal`, `action`, and `resource` element in that order",
        ),
        (
            "a string that does not end",
            "\n@id(\"a)\npermit (principal, action, resource);",
            "policy_syntax",
            "x.cedar:2: invalid token; try checking that all strings are closed properly",
        ),
        (
            "Cedar cannot divide",
            "permit (principal, action, resource)\nwhen { context.hour / 2 == 5 };",
            "policy_syntax",
            "",
        ),
        (
            "an unknown attribute",
            "@id(\"p\")\npermit (principal, action, resource)\nwhen { context.hours == 5 };",
            "policy_invalid",
            "",
        ),
        ("an unknown entity type", "permit (principal in Role::\"admin\", action, resource);", "policy_invalid", ""),
        ("an unknown action", "permit (principal, action == Action::\"OpenStudios\", resource);", "policy_invalid", ""),
        (
            "a misspelt weekday",
            "permit (principal, action, resource) when { context.weekday == Weekday::\"Saturday\" };",
            "policy_invalid",
            "",
        ),
        (
            "a misspelt door",
            "permit (principal, action, resource) when { context.door == Door::\"SAML\" };",
            "policy_invalid",
            "",
        ),
        (
            "a comparison of unlike things",
            "permit (principal, action, resource) when { context.hour == \"5\" };",
            "policy_invalid",
            "",
        ),
        (
            "a text for a person",
            "permit (principal, action, resource) when { context has approved_by && context.approved_by == principal };",
            "policy_invalid",
            "",
        ),
        (
            "an optional fact that may be absent",
            "permit (principal, action, resource)\nwhen { context.ticket like \"CHG*\" };",
            "policy_invalid",
            "",
        ),
        (
            "a tag that may be absent",
            "permit (principal, action, resource) when { resource.getTag(\"a\") == \"b\" };",
            "policy_invalid",
            "",
        ),
        (
            "no address",
            "permit (principal, action, resource) when { context has source_ip && context.source_ip.isInRange(ip(\"10.0.0.0/33\")) };",
            "policy_invalid",
            "",
        ),
        (
            "a condition that never holds",
            "permit (principal, action, resource) when { principal in Weekday::\"Mon\" };",
            "policy_invalid",
            "",
        ),
        (
            "a template",
            "\n\npermit (principal == ?principal, action, resource);",
            "policy_template",
            "x.cedar:3: a template with ?principal or ?resource, expected a policy",
        ),
        (
            "no reason",
            "// why?\n\nforbid (principal, action, resource);",
            "policy_reason_missing",
            "x.cedar:3: the forbid `x.cedar#1` has no @reason(\"…\"): whoever is refused is told why",
        ),
        (
            "an empty reason",
            "@reason(\" \") forbid (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @reason of policy `x.cedar#1` is \" \", expected a sentence for the person who is refused, of at most 300 characters",
        ),
        (
            "a reason of two lines",
            "@reason(\"a\\nb\") forbid (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @reason of policy `x.cedar#1` is \"a\\nb\", expected a sentence for the person who is refused, of at most 300 characters",
        ),
        (
            "an id with a line break",
            "@id(\"a\\nb\") permit (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @id of policy `a\nb` is \"a\\nb\", expected 1 to 64 of A-Z, a-z, 0-9, - _ . : / #",
        ),
        ("an id without a value", "@id permit (principal, action, resource);", "policy_annotation_invalid", ""),
        (
            "an id twice",
            "permit (principal, action, resource);\n@id(\"a\") permit (principal, action, resource);\n// again\n@id(\"a\")\npermit (principal, action, resource);",
            "policy_id_taken",
            "x.cedar:4: the id `a` is taken by the policy at x.cedar:2",
        ),
        ("an annotation twice", "@id(\"a\") @id(\"b\") permit (principal, action, resource);", "policy_syntax", ""),
        (
            "a misspelt annotation",
            "@id(\"a\") @reasons(\"b\") forbid (principal, action, resource);",
            "policy_annotation_unknown",
            "x.cedar:1: policy `a` has @reasons, expected one of @id, @reason, @needs, @session_seconds",
        ),
        (
            "a need that nobody can answer",
            "@needs(\"tickets\") @reason(\"b\") forbid (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @needs of policy `x.cedar#1` is \"tickets\", expected `ticket` or `approval`",
        ),
        (
            "a need of a permit",
            "@id(\"a\") @needs(\"ticket\") permit (principal, action, resource);",
            "policy_annotation_misplaced",
            "x.cedar:1: policy `a` has @needs, which only a forbid may have",
        ),
        (
            "a reason of a permit",
            "@id(\"a\") @reason(\"b\") permit (principal, action, resource);",
            "policy_annotation_misplaced",
            "x.cedar:1: policy `a` has @reason, which only a forbid may have",
        ),
        (
            "a session of a forbid",
            "@id(\"a\") @reason(\"b\") @session_seconds(\"3600\") forbid (principal, action, resource);",
            "policy_annotation_misplaced",
            "x.cedar:1: policy `a` has @session_seconds, which only a permit may have",
        ),
        (
            "a session below SageMaker's shortest",
            "@session_seconds(\"1799\") permit (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @session_seconds of policy `x.cedar#1` is \"1799\", expected 1800 to 43200 seconds",
        ),
        (
            "a session beyond its longest",
            "@session_seconds(\"43201\") permit (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @session_seconds of policy `x.cedar#1` is \"43201\", expected 1800 to 43200 seconds",
        ),
        (
            "a session of an hour, in words",
            "@session_seconds(\"1h\") permit (principal, action, resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @session_seconds of policy `x.cedar#1` is \"1h\", expected 1800 to 43200 seconds",
        ),
        (
            "a person in capitals",
            "@id(\"a\") permit (principal == User::\"Alice\", action, resource);",
            "policy_name_not_lower",
            "x.cedar:1: policy `a` names User::\"Alice\", expected lower case: people's names are compared so",
        ),
        (
            "a person in capitals, in a condition",
            "@id(\"a\") permit (principal, action, resource) when { [User::\"Bob\"].contains(principal) };",
            "policy_name_not_lower",
            "x.cedar:1: policy `a` names User::\"Bob\", expected lower case: people's names are compared so",
        ),
        (
            "nothing",
            "// permit (principal, action, resource);",
            "policy_no_permit",
            "there is no permit among 0 policies, so nobody could sign in: is a file missing?",
        ),
        (
            "no permit",
            "@reason(\"b\") forbid (principal, action, resource);",
            "policy_no_permit",
            "there is no permit among 1 policies, so nobody could sign in: is a file missing?",
        ),
    ] {
        let error = parse(text).expect_err(name);
        assert_eq!((error.code(), &*error.to_string()), (code, message), "{name}");
    }
}

fn parse(text: &str) -> Result<Policies, PolicyError> {
    Policies::parse(&[("x.cedar".to_owned(), text.to_owned())], Zone::default())
}
#[test]
fn probe_depth() {
    let deep = |n: usize, a: &str, m: &str, b: &str| {
        format!("permit (principal, action, resource) when {{ {}{m}{} }};", a.repeat(n), b.repeat(n))
    };
    let which: usize = std::env::var("WHICH").unwrap().parse().unwrap();
    let n: usize = std::env::var("N").unwrap().parse().unwrap();
    let text = match which {
        0 => deep(n, "(", "true", ")"),
        1 => deep(n, "[", "1", "]"),
        2 => deep(n, "", "true", "&&true"),
        3 => deep(n, "if true then ", "true", " else true"),
        4 => deep(n, "", "context", ".a"),
        5 => deep(n, "{a:", "1", "}"),
        6 => deep(n, "", "1 == 1", "+1"),
        7 => deep(n, "", "true", "||true"),
        8 => deep(n, "", "context has a", ".a"),
        _ => deep(n, "!(", "true", ")"),
    };
    let t = std::time::Instant::now();
    let e = parse(&text).map(|_| ()).map_err(|e| e.to_string().chars().take(150).collect::<String>());
    println!("{which} {n} {} bytes {:?} {e:?}", text.len(), t.elapsed());
}
