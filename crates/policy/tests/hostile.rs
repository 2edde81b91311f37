//! Policies and cases that are wrong, each with its very error; and facts that try to be policy.

#![allow(clippy::unwrap_used)]

use studio_acs_policy::{Fact, Need, Policies, PolicyError, Question, Zone, cases};

const OPEN: &str = r#"@id("open") permit (principal, action == Action::"OpenStudio", resource);"#;

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
            "permit (principal, action == Action::\"OpenStudio\", resource)\nwhen { context.hour / 2 == 5 };",
            "policy_syntax",
            "x.cedar:2: division is not supported",
        ),
        (
            "an unknown attribute",
            "@id(\"p\")\npermit (principal, action == Action::\"OpenStudio\", resource)\nwhen { context.hours == 5 };",
            "policy_invalid",
            "x.cedar:3: for policy `p`, attribute `hours` in context for Action::\"OpenStudio\" not found; did you mean `hour`?",
        ),
        (
            "an unknown entity type",
            // One whose nearest neighbour is the only one: of two, Cedar names either.
            "permit (principal in Groups::\"admin\", action == Action::\"OpenStudio\", resource);",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, unrecognized entity type `Groups`; did you mean `Group`?",
        ),
        (
            "an unknown action",
            "permit (principal, action == Action::\"OpenStudios\", resource);",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, unrecognized action `Action::\"OpenStudios\"`; did you mean `Action::\"OpenStudio\"`?",
        ),
        (
            "a misspelt weekday",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context.weekday == Weekday::\"Saturday\" };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`: entity `Weekday::\"Saturday\"` is of an enumerated entity type, but `\"Saturday\"` is not declared as a valid eid; valid entity eids: \"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"",
        ),
        (
            "a misspelt protocol",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context.protocol == Protocol::\"SAML\" };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`: entity `Protocol::\"SAML\"` is of an enumerated entity type, but `\"SAML\"` is not declared as a valid eid; valid entity eids: \"saml\", \"jwt\"",
        ),
        (
            "a comparison of unlike things",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context.hour == \"5\" };",
            "policy_invalid",
            "x.cedar:1: the types Long and String are not compatible; for policy `x.cedar#1`, both operands to a `==` expression must have compatible types. Types must be exactly equal to be compatible",
        ),
        (
            "a text for a person",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context has approved_by && context.approved_by == principal };",
            "policy_invalid",
            "x.cedar:1: the types String and User are not compatible; for policy `x.cedar#1`, both operands to a `==` expression must have compatible types. Types must be exactly equal to be compatible",
        ),
        (
            "an optional fact that may be absent",
            "permit (principal, action == Action::\"OpenStudio\", resource)\nwhen { context.ticket_number like \"CHG*\" };",
            "policy_invalid",
            "x.cedar:2: for policy `x.cedar#1`, unable to guarantee safety of access to optional attribute `ticket_number` in context for Action::\"OpenStudio\"; try testing for the attribute's presence with `context has ticket_number && ..`",
        ),
        (
            "a tag that may be absent",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { resource.getTag(\"a\") == \"b\" };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, unable to guarantee safety of access to tag `\"a\"` on entity type `Profile`; try testing for the tag's presence with `.hasTag(\"a\") && ..`",
        ),
        (
            "what is known of nobody but the person",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { resource has for_user && resource.for_user.name == \"a\" };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, this policy requires level 2, which exceeds the maximum allowed level (1)",
        ),
        (
            "groups that are known of nobody but the person",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { resource has for_user && resource.for_user in Group::\"a\" };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, this policy requires level 2, which exceeds the maximum allowed level (1)",
        ),
        (
            "all facts at once",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context == { hour: 1 } };",
            "policy_invalid",
            "x.cedar:1: the types {approved_by?: String,approved_by_issuer?: String,authentication_age_seconds?: Long,authentication_methods: Set<String>,date: Long,hour: Long,minute: Long,protocol: Protocol,requested_by?: String,requested_by_issuer?: String,session_seconds: Long,source_ip?: ipaddr,ticket_number?: String,u",
        ),
        (
            "no address",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context has source_ip && context.source_ip.isInRange(ip(\"10.0.0.0/33\")) };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, error during extension function argument validation: failed to parse as IP address: `\"10.0.0.0/33\"`; valid IP strings are IPv4/IPv6 addresses or CIDR ranges like `127.0.0.1`, `127.0.0.1/24`, or `ffee::/64`",
        ),
        (
            "a network in a form that no client's address has",
            "@id(\"office\")\npermit (principal, action == Action::\"OpenStudio\", resource)\nwhen { context has source_ip && context.source_ip.isInRange(ip(\"::ffff:a00:0/104\")) };",
            "policy_network_mapped",
            "x.cedar:1: policy `office` has ip(\"::ffff:a00:0/104\"), an IPv4 network in IPv6's form, which no client is in, expected ip(\"10.0.0.0/8\")",
        ),
        (
            "the same with dots",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { context has source_ip && context.source_ip == ip(\"::ffff:192.0.2.7\") };",
            "policy_network_mapped",
            "x.cedar:1: policy `x.cedar#1` has ip(\"::ffff:192.0.2.7\"), an IPv4 network in IPv6's form, which no client is in, expected ip(\"192.0.2.7\")",
        ),
        (
            "a condition that never holds",
            "permit (principal, action == Action::\"OpenStudio\", resource) when { principal in Weekday::\"Mon\" };",
            "policy_invalid",
            "x.cedar:1: for policy `x.cedar#1`, policy is impossible: the policy expression evaluates to false for all valid requests",
        ),
        (
            "a template",
            "\n\npermit (principal == ?principal, action == Action::\"OpenStudio\", resource);",
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
            "@id(\"a\\nb\") permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @id of policy `x.cedar#1` is \"a\\nb\", expected 1 to 64 of A-Z, a-z, 0-9, - _ . : / #",
        ),
        (
            "an id without a value",
            "@id permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @id of policy `x.cedar#1` is \"\", expected 1 to 64 of A-Z, a-z, 0-9, - _ . : / #",
        ),
        (
            "an id twice",
            "permit (principal, action == Action::\"OpenStudio\", resource);\n@id(\"a\") permit (principal, action == Action::\"OpenStudio\", resource);\n// again\n@id(\"a\")\npermit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_id_taken",
            "x.cedar:4: the id `a` is taken by the policy at x.cedar:2",
        ),
        (
            "an annotation twice",
            "@id(\"a\") @id(\"b\") permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_syntax",
            "x.cedar:1: duplicate annotation: @id",
        ),
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
            "@id(\"a\") @needs(\"ticket\") permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_annotation_misplaced",
            "x.cedar:1: policy `a` has @needs, which only a forbid may have",
        ),
        (
            "a reason of a permit",
            "@id(\"a\") @reason(\"b\") permit (principal, action == Action::\"OpenStudio\", resource);",
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
            "@session_seconds(\"1799\") permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @session_seconds of policy `x.cedar#1` is \"1799\", expected 1800 to 43200 seconds",
        ),
        (
            "a session beyond its longest",
            "@session_seconds(\"43201\") permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @session_seconds of policy `x.cedar#1` is \"43201\", expected 1800 to 43200 seconds",
        ),
        (
            "a session of an hour, in words",
            "@session_seconds(\"1h\") permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_annotation_invalid",
            "x.cedar:1: @session_seconds of policy `x.cedar#1` is \"1h\", expected 1800 to 43200 seconds",
        ),
        (
            "a person in capitals",
            "@id(\"a\") permit (principal == User::\"Alice\", action == Action::\"OpenStudio\", resource);",
            "policy_name_not_lower",
            "x.cedar:1: policy `a` names User::\"Alice\", expected lower case: people's names are compared so",
        ),
        (
            "a person in capitals, in a condition",
            "@id(\"a\") permit (principal, action == Action::\"OpenStudio\", resource) when { [User::\"Bob\"].contains(principal) };",
            "policy_name_not_lower",
            "x.cedar:1: policy `a` names User::\"Bob\", expected lower case: people's names are compared so",
        ),
        (
            "a permit for whatever action",
            "// one\n@id(\"a\")\npermit (principal in Group::\"approvers\", action, resource)\nwhen { resource.production };",
            "policy_action_unnamed",
            "x.cedar:2: the permit `a` covers Action::\"Approve\" without naming it, expected `action == Action::\"OpenStudio\"`, or `action in [Action::\"OpenStudio\", Action::\"Approve\"]` for both",
        ),
        (
            "a permit whose condition names the action",
            "permit (principal, action, resource) when { action == Action::\"OpenStudio\" };",
            "policy_action_unnamed",
            "x.cedar:1: the permit `x.cedar#1` covers Action::\"Approve\" without naming it, expected `action == Action::\"OpenStudio\"`, or `action in [Action::\"OpenStudio\", Action::\"Approve\"]` for both",
        ),
        (
            "nothing",
            "// permit (principal, action == Action::\"OpenStudio\", resource);",
            "policy_no_permit",
            "there is no permit (number of policies: 0), so nobody could sign in: is a file missing?",
        ),
        (
            "no permit",
            "@reason(\"b\") forbid (principal, action, resource);",
            "policy_no_permit",
            "there is no permit (number of policies: 1), so nobody could sign in: is a file missing?",
        ),
    ] {
        let error = parse(text).expect_err(name);
        assert_eq!((error.code(), &*error.to_string()), (code, message), "{name}");
    }
}

#[test]
fn a_permit_that_names_its_actions_and_a_forbid_that_names_none_are_taken() {
    for action in [
        r#"action == Action::"OpenStudio""#,
        r#"action == Action::"Approve""#,
        r#"action in [Action::"OpenStudio"]"#,
        r#"action in [Action::"Approve", Action::"OpenStudio"]"#,
        r#"action in Action::"Approve""#,
    ] {
        let forbid = r#"@id("forbid") @reason("b") forbid (principal == User::"bob", action, resource);"#;
        let policies = parse(&format!(r#"@id("permit") permit (principal, {action}, resource); {forbid}"#)).unwrap();
        for named in ["OpenStudio", "Approve"] {
            let decide = |user: &str| policies.decide(&ask(&format!("action = '{named}'\nuser = '{user}'")));
            assert_eq!(decide("alice").is_ok(), action.contains(named), "{action}: {named}");
            assert!(decide("bob").is_err(), "{action}: {named}");
        }
    }
}

#[test]
fn a_step_beyond_each_bound_is_refused_before_it_is_parsed() {
    let policy = |condition: String| {
        format!("permit (principal, action == Action::\"OpenStudio\", resource) when {{ {condition} }};")
    };
    let nested = |n: usize, before: &str, inner: &str, after: &str| {
        policy(format!("{}{inner}{}", before.repeat(n), after.repeat(n)))
    };
    for (text, expected) in [
        (nested(32, "(", "true", ")"), "x.cedar:1: more than 32 brackets and ifs in one another"),
        (nested(32, "[", "1", "]"), "x.cedar:1: more than 32 brackets and ifs in one another"),
        (nested(32, "{a:", "1", "}"), "x.cedar:1: more than 32 brackets and ifs in one another"),
        (
            nested(32, "if true then\n", "true", " else true"),
            "x.cedar:32: more than 32 brackets and ifs in one another",
        ),
        (
            nested(128, "", "true", " && true"),
            "x.cedar:1: more than 128 operators in a policy: a set may do, as in [\"a\", \"b\"].contains(…)",
        ),
        (
            format!(
                "permit (principal, action == Action::\"OpenStudio\", resource) {};",
                "when { context.hour == 1 }\n".repeat(129)
            ),
            "x.cedar:129: more than 128 operators in a policy: a set may do, as in [\"a\", \"b\"].contains(…)",
        ),
        (nested(17, "", "context", ".a"), "x.cedar:1: more than 16 accesses in a row"),
        ("x".repeat(262_145), "x.cedar: 262145 bytes, expected at most 262144"),
        (OPEN.replace("@id(\"open\")", "\n").repeat(501), "x.cedar:502: more than 500 policies"),
    ] {
        assert_eq!(parse(&text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn what_is_parsed_can_be_decided_on_half_a_threads_stack() {
    let stack = if cfg!(debug_assertions) { 8 } else { 1 } * 1024 * 1024;
    let chain = |operator: &str| {
        format!(
            "{OPEN} permit (principal, action == Action::\"OpenStudio\", resource) when {{ context.hour == 1{} }};",
            format!(" {operator} context.hour == 1").repeat(126)
        )
    };
    for text in [
        chain("&&"),
        chain("||"),
        format!(
            "{OPEN} permit (principal, action == Action::\"OpenStudio\", resource) when {{ {}context.hour == 1{} }};",
            "(if true then ".repeat(15),
            " else false)".repeat(15)
        ),
    ] {
        let policies = parse(&text).unwrap();
        let permit = std::thread::Builder::new().stack_size(stack).spawn(move || policies.decide(&ask(""))).unwrap();
        assert_eq!(permit.join().unwrap().unwrap().policies(), ["open"]);
    }
}

#[test]
fn wide_policies_are_parsed() {
    let groups = (0..5_000).map(|n| format!("Group::\"g{n}\"")).collect::<Vec<_>>().join(", ");
    parse(&format!(
        "permit (principal, action == Action::\"OpenStudio\", resource) when {{ principal in [{groups}] }};"
    ))
    .unwrap();
}

#[test]
fn a_policy_that_cannot_be_evaluated_denies_whatever_others_say() {
    let overflow = "context.session_seconds * 9223372036854775807 > 0";
    for policy in [
        format!("@id(\"broken\") @reason(\"Too long.\") forbid (principal, action, resource) when {{ {overflow} }};"),
        format!(
            "@id(\"broken\") permit (principal, action == Action::\"OpenStudio\", resource) when {{ {overflow} }};"
        ),
    ] {
        let denial = parse(&format!("{OPEN}{policy}")).unwrap().decide(&ask("")).unwrap_err();
        assert_eq!(denial.code(), "policy_failed");
        assert_eq!(denial.reason(), "The access policy could not be evaluated. Please tell your administrator.");
        assert!(denial.errors()[0].contains("broken") && denial.errors()[0].contains("overflow"), "{denial:?}");
        assert_eq!((denial.policies(), denial.needs()), (&[][..], None));
    }
}

#[test]
fn a_sign_in_at_the_end_of_time_is_denied() {
    let mut question = ask("");
    question.facts.now = time::UtcDateTime::MAX;
    assert_eq!(parse(OPEN).unwrap().decide(&question).unwrap_err().code(), "policy_failed");
}

#[test]
fn what_a_person_is_called_or_types_is_never_policy() {
    let policies = parse(
        r#"@id("alice") permit (principal == User::"alice", action == Action::"OpenStudio", resource);
           @id("admins") permit (principal in Group::"admins", action == Action::"OpenStudio", resource);
           @id("ticket") permit (principal, action == Action::"OpenStudio", resource) when { resource.production };
           @id("asks") @reason("Which ticket?") @needs("ticket") forbid (principal, action == Action::"OpenStudio", resource)
           when { resource.production } unless { context has ticket_number && context.ticket_number == "CHG1" };
           @id("tag") permit (principal, action == Action::"OpenStudio", resource) when { resource.hasTag("a") && resource.getTag("a") == "b" };"#,
    )
    .unwrap();
    for given in [
        r#"user = "alice\"""#,
        r#"user = "User::\"alice\"""#,
        r#"user = "bob\", action, resource); permit (principal, action, resource); //""#,
        r#"user = "alice\u0000""#,
        "user = \"\"",
        "user = \"admins\"",
        r#"user = "bob"
           groups = ["Group::\"admins\"", "Admins", "admins ", "User::\"alice\"", "alice", "*", ""]"#,
        r#"user = "bob"
           ticket_number = "CHG1""#,
        r#"user = "bob"
           production = true"#,
        r#"user = "bob"
           production = true
           ticket_number = "*""#,
        r#"user = "bob"
           production = true
           ticket_number = "CHG1\" || true""#,
        r#"user = "bob"
           tags = { A = "b", "a\"" = "b", "" = "b", b = "a" }"#,
    ] {
        let reason = if given.contains("production") { "Which ticket?" } else { "No policy allows this." };
        assert_eq!(policies.decide(&ask(given)).unwrap_err().reason(), reason, "{given}");
    }
    for (given, id) in [
        ("user = 'ALICE'", "alice"),
        ("user = 'bob'\ngroups = ['admins']", "admins"),
        ("user = 'bob'\nproduction = true\nticket_number = 'CHG1'", "ticket"),
        ("user = 'bob'\ntags = { a = 'b' }", "tag"),
    ] {
        assert_eq!(policies.decide(&ask(given)).unwrap().policies(), [id], "{given}");
    }
}

#[test]
fn attack_a_ticket_number_counts_only_where_a_policy_asks_for_one() {
    let forbid = |id: &str, needs: &str, unless: &str| {
        format!("@id(\"{id}\") @reason(\"{id}\") {needs} forbid (principal, action, resource) {unless};")
    };
    let by_ticket = "unless { context has ticket_number && context.ticket_number like \"CHG*\" }";
    let asks = forbid("asks", "@needs(\"ticket\")", by_ticket);
    let reads = forbid("reads", "", by_ticket);
    let second = forbid("second", "@needs(\"approval\")", "unless { context has approved_by }");
    let permits = OPEN.replace(';', " when { context has ticket_number };").replace("open", "permits");
    let given = "ticket_number = 'CHG1'";
    for (text, expected, counts) in [
        (OPEN.to_owned(), Ok("open"), false),
        (format!("{OPEN}{asks}"), Ok("open"), true),
        (format!("{OPEN}{second}"), Err("second"), false),
        (format!("{OPEN}{asks}{second}"), Err("second"), true),
        // It is read, and nobody was asked for it.
        (format!("{OPEN}{reads}"), Err("reads"), false),
        (permits, Err("No policy allows this."), false),
    ] {
        let decided = parse(&text).unwrap().decide(&ask(given));
        let counted = decided.as_ref().map_or_else(|denial| denial.counts_ticket(), |permit| permit.counts_ticket());
        let found = decided.as_ref().map(|permit| &*permit.policies()[0]).map_err(|denial| denial.reason());
        assert_eq!((found, counted), (expected, counts), "{text}");
    }
    let other = parse(&format!("{OPEN}{asks}")).unwrap().decide(&ask("ticket_number = 'INC1'")).unwrap_err();
    assert_eq!((other.needs(), other.counts_ticket()), (Some(Need::Ticket), true), "one that the policy does not take");
}

#[test]
fn a_need_is_told_only_if_all_that_forbids_has_one_and_the_quicker_first() {
    let forbid = |id: &str, needs: &str| {
        format!("@id(\"{id}\") @reason(\"{id}\") {needs} forbid (principal, action, resource);")
    };
    let (ticket, approval) = (forbid("t", "@needs(\"ticket\")"), forbid("a", "@needs(\"approval\")"));
    let never = forbid("never", "");
    for (text, needs, reason, code) in [
        (format!("{OPEN}{approval}"), Some(Need::Approval), "a", "policy_needs_approval"),
        (format!("{OPEN}{approval}{ticket}"), Some(Need::Ticket), "t", "policy_needs_ticket"),
        (format!("{OPEN}{approval}{ticket}{never}"), None, "never", "policy_denied"),
        (
            format!("{approval}permit (principal == User::\"bob\", action == Action::\"OpenStudio\", resource);"),
            None,
            "a",
            "policy_denied",
        ),
    ] {
        let denial = parse(&text).unwrap().decide(&ask("")).unwrap_err();
        assert_eq!((denial.needs(), denial.reason(), denial.code()), (needs, reason, code), "{text}");
    }
}

#[test]
fn the_shortest_session_counts_and_policies_are_told_in_the_order_of_the_files() {
    let permit = |id: &str, seconds: &str| {
        format!(
            "@id(\"{id}\") @session_seconds(\"{seconds}\") permit (principal, action == Action::\"OpenStudio\", resource);"
        )
    };
    let files = [("z", permit("z", "7200")), ("a", permit("a", "1800") + OPEN), ("b", permit("b", "43200"))];
    let policies = Policies::parse(&files.map(|(name, text)| (name.to_owned(), text)), Zone::default()).unwrap();
    let permit = policies.decide(&ask("")).unwrap();
    assert_eq!(
        (permit.session_seconds(), permit.policies()),
        (Some(1800), &["z", "a", "open", "b"].map(str::to_owned)[..])
    );
}

#[test]
fn a_fact_that_costs_something_is_read_only_if_a_policy_reads_it() {
    let read = |condition: &str| {
        let policies = parse(&format!(
            "{OPEN} permit (principal, action == Action::\"OpenStudio\", resource) when {{ {condition} }};"
        ))
        .unwrap();
        Fact::ALL.into_iter().filter(|fact| policies.read(*fact)).collect::<Vec<_>>()
    };
    assert_eq!(read("true // context.urls_this_minute\n"), []);
    assert_eq!(read("context has urls_this_minute"), [Fact::UrlsThisMinute]);
    assert_eq!(
        read(r#"context has "urls_this\u{5f}minute" && context["urls_this_minute"] < 1"#),
        [Fact::UrlsThisMinute]
    );
    assert_eq!(read("resource.over_budget || context has approved_by"), [Fact::ApprovedBy, Fact::OverBudget]);
}

#[test]
fn cases_that_are_wrong_are_refused_and_cases_that_fail_say_how() {
    let policies = parse(OPEN).unwrap();
    let row = "[[case]]\nname = \"a\"\n";
    for (text, expected) in [
        (String::new(), "there is no [[case]]"),
        (format!("{row}expect = \"allowed\""), "unknown variant `allowed`, expected `allow` or `deny`"),
        (format!("{row}by = [\"open\"]"), "missing field `expect`"),
        (
            format!("{row}expect = \"allow\"\nneed = \"ticket\""),
            "unknown field `need`, expected one of `name`, `given`,",
        ),
        (format!("{row}expect = \"allow\"\ngiven.group = \"b\""), "case `a`: unknown field `group`, expected one of"),
        (
            format!("{row}expect = \"allow\"\ngiven.now = 2026-01-15T10:00:00"),
            "case `a`: now is 2026-01-15T10:00:00, expected an instant such as 2026-01-15T10:00:00Z",
        ),
        (
            format!("[common]\nsource_ip = \"10.0.0.0/8\"\n{row}expect = \"allow\""),
            "case `a`: invalid IP address syntax, in `source_ip`",
        ),
    ] {
        let error = cases::run(&text, &policies).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    for (case, expected) in [
        ("expect = \"allow\"\nby = [\"open\"]", "ok    a: allow by open"),
        ("expect = \"deny\"", "FAIL  a\n      expected deny by no policy\n      found    allow by open"),
        ("expect = \"allow\"", "FAIL  a\n      expected allow by no policy\n      found    allow by open"),
        (
            "expect = \"allow\"\nby = [\"open\"]\nsession_seconds = 3600",
            "FAIL  a\n      expected allow by open, for 3600 s\n      found    allow by open",
        ),
        (
            "expect = \"allow\"\nby = [\"open\"]\nneeds = \"ticket\"",
            "FAIL  a\n      expected allow by open, needs ticket\n      found    allow by open",
        ),
        (
            "expect = \"allow\"\nby = [\"open\"]\nreason = \"b\"",
            "FAIL  a\n      expected allow by open: b\n      found    allow by open",
        ),
    ] {
        let outcomes = cases::run(&format!("[[case]]\nname = \"a\"\n{case}"), &policies).unwrap();
        assert_eq!((outcomes[0].to_string(), outcomes[0].passed()), (expected.to_owned(), expected.starts_with("ok")));
    }
}

fn parse(text: &str) -> Result<Policies, PolicyError> {
    Policies::parse(&[("x.cedar".to_owned(), text.to_owned())], Zone::default())
}

/// The question of a case that gives these facts.
fn ask(given: &str) -> Question {
    toml::from_str::<cases::Given>(given).unwrap().question().unwrap()
}
