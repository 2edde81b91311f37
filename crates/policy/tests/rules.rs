//! The description of policies and of decisions, and each bound where it is reached.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use studio_acs_identity::GroupUse;
use studio_acs_policy::{Need, Policies, PolicyError, Question, Rule, TICKET_NUMBER_LIMIT, Zone, cases};

const OPEN: &str = r#"@id("open") permit (principal, action == Action::"OpenStudio", resource);"#;

#[test]
fn each_bound_may_be_reached_and_not_passed() {
    let with = |length: usize, text: &dyn Fn(&str) -> String| text(&"a".repeat(length));
    let id = |id: &str| OPEN.replace("\"open\"", &format!("\"{id}\""));
    let reason =
        |reason: &str| format!("{OPEN} @reason(\"{reason}\") forbid (principal == User::\"bob\", action, resource);");
    let seconds = |seconds: &str| format!("@session_seconds(\"{seconds}\") {OPEN}");
    let file = |filler: &str| format!("{OPEN}//{filler}");
    let accents = |filler: &str| reason(&filler.replace('a', "é"));
    let within = [
        with(64, &id),
        with(300, &reason),
        with(300, &accents),
        with(262_144 - OPEN.len() - 2, &file),
        seconds("1800"),
        seconds("43200"),
        id("A-Z_a.z:0/9#"),
        OPEN.replace("@id(\"open\") ", "").repeat(500),
    ];
    for text in within {
        assert!(parse(&text).is_ok(), "{text:.100}");
    }
    for (text, code) in [
        (id(""), "policy_annotation_invalid"),
        (id("a b"), "policy_annotation_invalid"),
        (with(65, &id), "policy_annotation_invalid"),
        (reason(" "), "policy_annotation_invalid"),
        (reason("a\\u{7}b"), "policy_annotation_invalid"),
        (with(301, &reason), "policy_annotation_invalid"),
        (with(262_145 - OPEN.len() - 2, &file), "policy_file_too_large"),
        (seconds("1799"), "policy_annotation_invalid"),
        (seconds("43201"), "policy_annotation_invalid"),
        (OPEN.replace("@id(\"open\") ", "").repeat(501), "policy_too_many"),
    ] {
        assert_eq!(parse(&text).unwrap_err().code(), code, "{text:.100}");
    }
}

#[test]
fn a_ticket_number_counts_up_to_its_bound() {
    let asks = "@id(\"asks\") @reason(\"a\") @needs(\"ticket\") forbid (principal, action, resource) unless { context has ticket_number };";
    let policies = parse(&format!("{OPEN}{asks}")).unwrap();
    for (length, is_permitted) in [(1, true), (TICKET_NUMBER_LIMIT, true), (TICKET_NUMBER_LIMIT + 1, false)] {
        // Characters count, and not bytes.
        let decided = policies.decide(&ask(&format!("ticket_number = '{}'", "é".repeat(length))));
        assert_eq!(decided.is_ok(), is_permitted, "{length}");
    }
}

#[test]
fn each_policy_is_told_with_its_place_and_what_it_reads() {
    let text = "// The first line.
@id(\"members\") @session_seconds(\"3600\")
permit (principal in Group::\"staff\", action == Action::\"OpenStudio\", resource)
when { context.hour < 20 && resource.production };

@reason(\"Bring a ticket.\") @needs(\"ticket\")
forbid (principal, action, resource) when { principal in [Group::\"b\", Group::\"a\"] };
@id(\"plain\") permit (principal, action == Action::\"Approve\", resource);";
    let policies = Policies::parse(&[file("x.cedar", text), file("y.cedar", OPEN)], Zone::default()).unwrap();
    let told: Vec<_> = policies.rules().iter().map(told).collect();
    assert_eq!(
        told,
        [
            "members at x.cedar:2 permits for 3600 reads hour, production of staff, restricts",
            "x.cedar#2 at x.cedar:6 forbids needs ticket: Bring a ticket. reads  of a, b, restricts",
            "plain at x.cedar:8 permits reads  of ",
            "open at y.cedar:1 permits reads  of ",
        ]
    );
    assert!(policies.ids().eq(["members", "x.cedar#2", "plain", "open"]));
    assert_ne!(policies.group_use(), GroupUse::Unread);
    assert_eq!(parse(OPEN).unwrap().group_use(), GroupUse::Unread);
}

/// A rule as one line.
fn told(rule: &Rule) -> String {
    let mut line = format!("{} at {} {}", rule.id(), rule.place(), if rule.permits() { "permits" } else { "forbids" });
    line.extend(rule.session_seconds().map(|seconds| format!(" for {seconds}")));
    line.extend(rule.needs().map(|need| format!(" needs {}", need.as_str())));
    line.extend(rule.reason().map(|reason| format!(": {reason}")));
    let lists = [rule.reads().collect::<Vec<_>>().join(", "), rule.groups().collect::<Vec<_>>().join(", ")];
    line += &format!(" reads {} of {}", lists[0], lists[1]);
    line + if rule.restricts_members() { ", restricts" } else { "" }
}

/// Policies see each fact of a question by its name in the schema; an unknown one is absent.
#[test]
fn each_fact_is_seen_as_the_schema_names_it() {
    let all = "groups = ['g']\nfor_user = 'Alice'\nfor_group = 'g'\ntitle = 'T'\nprofile = 'p'\ndomain = 'd-1'
        account = '111122223333'\nregion = 'eu-central-1'\nteam = 't'\nproduction = true\nover_budget = true
        own_profile = false\ntags = { cost = '4711' }\nnow = 2026-12-24T23:59:58Z\nsession_seconds = 1800
        authenticated_at = 2026-12-24T23:00:00Z\nauthentication_methods = ['mfa']\nprotocol = 'jwt'
        source_ip = '::ffff:10.0.0.1'\nvpc_endpoint = 'vpce-1'\nvpc = 'vpc-1'\nurls_this_minute = 7
        approved_by = 'Bob'\nrequested_by = 'Carol'\nuser = 'ALICE'\nentry = 'e'";
    for condition in [
        "context.date == 20261224 && context.hour == 23 && context.minute == 59",
        "context.weekday == Weekday::\"Thu\" && context.unix_seconds == 1798156798",
        "context.protocol == Protocol::\"jwt\" && context.session_seconds == 1800",
        "context has authentication_age_seconds && context.authentication_age_seconds == 3598",
        "context.authentication_methods.contains(\"mfa\")",
        "context has source_ip && context.source_ip.isInRange(ip(\"10.0.0.0/8\"))",
        "context has vpc_endpoint && context.vpc_endpoint == \"vpce-1\" && context has vpc && context.vpc == \"vpc-1\"",
        "context has urls_this_minute && context.urls_this_minute == 7",
        "context has approved_by && context.approved_by == \"bob\"",
        "context has requested_by && context.requested_by == \"carol\"",
        "principal == User::\"alice\" && principal.name == \"alice\" && principal in Group::\"g\"",
        "resource == Profile::\"e\" && resource.title == \"T\" && resource.profile == \"p\" && resource.domain == \"d-1\"",
        "resource has for_user && resource.for_user == principal && resource has for_group && principal in resource.for_group",
        "resource has account && resource.account == \"111122223333\" && resource has region && resource.region == \"eu-central-1\"",
        "resource has team && resource.team == \"t\" && resource.production && resource.over_budget && !resource.own_profile",
        "resource.hasTag(\"cost\") && resource.getTag(\"cost\") == \"4711\"",
    ] {
        let open = OPEN.replace(';', &format!(" when {{ {condition} }};"));
        let policies = parse(&open).unwrap();
        let decided = policies.decide(&ask(all));
        assert!(decided.is_ok(), "{condition}: {decided:?}");
        let other = "for_user = ''\nprotocol = 'saml'\ntitle = 'U'\nnow = 2026-12-25T00:00:00Z";
        assert!(policies.decide(&ask(other)).is_err(), "{condition}");
    }
}

/// A name in several scripts is no mistake, and a group may be written in capitals: only users are compared without case.
#[test]
fn a_group_is_named_as_the_identity_provider_names_it() {
    let open = OPEN.replace("principal,", "principal in Group::\"Бetrieb Süd\",");
    let policies = parse(&open).unwrap();
    assert!(policies.decide(&ask("groups = ['Бetrieb Süd']")).is_ok());
    assert!(policies.decide(&ask("groups = ['бetrieb süd']")).is_err());
}

#[test]
fn a_fault_is_told_with_the_file_that_has_it() {
    let wrong =
        "\n\n@id(\"p\") permit (principal, action == Action::\"OpenStudio\", resource)\nwhen { context.hours == 5 };";
    let files = [file("x.cedar", OPEN), file("y.cedar", wrong), file("z.cedar", &OPEN.replace("open", "other"))];
    let error = Policies::parse(&files, Zone::default()).unwrap_err().to_string();
    assert!(error.starts_with("y.cedar:4: for policy `p`, attribute `hours` in context"), "{error}");
    let again = Policies::parse(&[file("x.cedar", OPEN), file("y.cedar", &format!("\n{OPEN}"))], Zone::default());
    assert_eq!(again.unwrap_err().to_string(), "y.cedar:2: the id `open` is taken by the policy at x.cedar:1");
}

#[test]
fn a_denial_tells_its_policies_its_reason_and_its_errors() {
    let forbid = |id: &str| {
        format!(
            "@id(\"{id}\") @reason(\"Because of {id}.\") @needs(\"approval\") forbid (principal, action, resource);"
        )
    };
    let denial = parse(&format!("{OPEN}{}{}", forbid("z"), forbid("a"))).unwrap().decide(&ask("")).unwrap_err();
    assert_eq!(denial.policies(), ["z", "a"], "in the order of the file");
    assert_eq!((denial.reason(), denial.to_string().as_str()), ("Because of z.", "Because of z."));
    assert_eq!((denial.needs(), denial.errors()), (Some(Need::Approval), &[][..]));

    let overflow = "permit (principal, action == Action::\"OpenStudio\", resource) when { 9223372036854775807 + context.hour > 0 };";
    let denial = parse(&format!("{OPEN}{overflow}")).unwrap().decide(&ask("")).unwrap_err();
    assert!(denial.policies().is_empty() && denial.errors()[0].contains("overflow"), "{denial:?}");
    assert_eq!(denial.code(), "policy_failed");
}

#[test]
fn a_case_is_told_by_its_name_and_policies_that_decide_none_are_named() {
    let forbid = "@id(\"never\") @reason(\"a\") forbid (principal == User::\"bob\", action, resource);";
    let policies = parse(&format!("{OPEN}{forbid}")).unwrap();
    let run = |text: &str| cases::run(text, &policies).unwrap();
    let alice = "[[case]]\nname = \"alice\"\nexpect = \"allow\"\nby = [\"open\"]\n";
    let bob = "[[case]]\nname = \"bob\"\ngiven.user = \"bob\"\nexpect = \"deny\"\nby = [\"never\"]\nreason = \"a\"\n";
    let outcomes = run(alice);
    assert!(outcomes[0].name() == "alice" && outcomes[0].allowed());
    assert_eq!(cases::undecided(&outcomes, &policies), ["never"]);
    let outcomes = run(&format!("{bob}{alice}"));
    assert_eq!(
        outcomes.iter().map(|outcome| (outcome.name(), outcome.allowed(), outcome.passed())).collect::<Vec<_>>(),
        [("bob", false, true), ("alice", true, true),]
    );
    assert!(cases::undecided(&outcomes, &policies).is_empty());
}

fn file(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

fn parse(text: &str) -> Result<Policies, PolicyError> {
    Policies::parse(&[file("x.cedar", text)], Zone::default())
}

/// The question of a case that gives these facts.
fn ask(given: &str) -> Question {
    toml::from_str::<cases::Given>(given).unwrap().question().unwrap()
}
