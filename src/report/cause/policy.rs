//! The causes of an access policy that is not valid, by the item `policy` of `check`.

use studio_acs_broker::PolicyStartError;
use studio_acs_policy::{PolicyError, PolicyFault};
use studio_acs_refusal::OtherText;

use super::text::{other_cause, source_cause};
use super::{Cause, causes};

causes! {
    JSON = "policy_is_json", ["policy"],
        "the file is JSON, such as an IAM policy or Cedar's JSON form",
        "write the policy as Cedar's text, permit (…) when { … };: docs/policy.md; an IAM policy belongs to a role";
    OTHER = "policy_is_other_text", ["policy"],
        "the file is TOML, YAML, XML or another text that is no Cedar, such as the ledger or the configuration",
        "let STUDIO_ACS_POLICY name files of Cedar policies: docs/policy.md";
    QUOTES = "policy_typographic_quotes", ["policy"],
        "a name stands in single or curly quotation marks",
        "write straight double quotation marks, as in Group::\"admins\", in an editor for plain text";
    COMMENT = "policy_comment", ["policy"],
        "a comment begins with # or /*, and Cedar's begin with //",
        "write // before the comment, on each of its lines";
    SEMICOLON = "policy_semicolon_missing", ["policy"],
        "a policy has no semicolon at its end",
        "write ; at the end of the policy before the line, after its last ) or }";
    SYNTAX = "policy_syntax_error", ["policy"],
        "the line is no Cedar",
        "correct the line as it says: the operators are ==, !=, &&, ! and two vertical bars for or, the effects permit and forbid, the conditions when and unless, each with { }";
    ENTITY_TYPE = "policy_entity_type_unknown", ["policy"],
        "no entity type has this name, in which small and capital letters count",
        "write User, Group, Profile, Action, Weekday or Protocol, as the line suggests: docs/policy.md";
    ACTION = "policy_action_unknown", ["policy"],
        "no action has this name, in which small and capital letters count",
        "write Action::\"OpenStudio\" or Action::\"Approve\"";
    ATTRIBUTE = "policy_attribute_unknown", ["policy"],
        "no attribute has this name",
        "write an attribute of the schema, as the line suggests: docs/policy.md; groups are asked for by principal in Group::\"NAME\", and own facts by tags";
    OPTIONAL = "policy_attribute_may_be_absent", ["policy"],
        "the policy reads an attribute that not every sign-in has",
        "ask for it first, as in resource has team && resource.team == \"fraud\"";
    NAME = "policy_name_unknown", ["policy"],
        "a weekday or a protocol is written otherwise than the schema writes it",
        "write one of the names that the line lists, such as Weekday::\"Mon\"";
    TYPE = "policy_types_differ", ["policy"],
        "the policy compares values of two types, such as a text and a number or a weekday",
        "write both sides in one type: numbers without quotation marks, weekdays as Weekday::\"Mon\", users as User::\"alice\"";
    IMPOSSIBLE = "policy_never_applies", ["policy"],
        "no sign-in can fulfil the policy, such as one for a user that is a group",
        "correct its scope and conditions: principal == User::\"alice\" for a user, principal in Group::\"admins\" for a group's members";
    INVALID = "policy_not_by_schema", ["policy"],
        "the policy breaks another rule of Cedar's validator",
        "correct the policy as the line says";
    ANNOTATION = "policy_annotation_unusable", ["policy"],
        "an annotation is misspelt, stands on the wrong kind of policy, or has a value that it does not take",
        "correct the annotation as the line says: @id, @reason, @needs and @session_seconds exist: docs/policy.md";
    REASON = "policy_reason_absent", ["policy"],
        "a forbid does not say what its user is told",
        "write @reason(\"…\") above the forbid";
    ID = "policy_id_twice", ["policy"],
        "two policies have one @id",
        "give each policy an @id of its own, and name no file twice";
    TEMPLATE = "policy_is_a_template", ["policy"],
        "the policy has ?principal or ?resource, and no program fills them in",
        "write the users, groups or entries in their place";
    NAME_CASE = "policy_user_with_capitals", ["policy"],
        "a user's name has capitals, and users are compared in small letters",
        "write the user's name in small letters";
    NETWORK = "policy_network_of_ipv6_form", ["policy"],
        "a network of IPv4 is written in IPv6's form, which no client's address is in",
        "write the network as the line does, in IPv4's form";
    ACTIONS = "policy_covers_both_actions", ["policy"],
        "a permit names no action, and would let the same users approve",
        "write action == Action::\"OpenStudio\" in the scope, or both actions if that is intended";
    NO_PERMIT = "policy_without_permit", ["policy"],
        "no file has a permit: a file is empty or missing, and no user could sign in",
        "name shipped:default or a file with a permit in STUDIO_ACS_POLICY, too";
    TOO_LARGE = "policy_too_large", ["policy"],
        "a file is too large, a policy too deep, or their number too high for one decision",
        "ask for groups and tags in place of many names, and spread deep conditions over several policies";
}

/// Returns the cause of an access policy that cannot be had at start.
pub fn policy_cause(error: &PolicyStartError) -> &'static Cause {
    match error {
        PolicyStartError::Unreadable(error) => source_cause(error, false),
        PolicyStartError::Invalid(error) => error_cause(error),
    }
}

fn error_cause(error: &PolicyError) -> &'static Cause {
    match error {
        PolicyError::Syntax { fault, .. } | PolicyError::Invalid { fault, .. } => fault_cause(*fault),
        PolicyError::AnnotationInvalid { .. }
        | PolicyError::AnnotationMisplaced { .. }
        | PolicyError::AnnotationUnknown { .. } => &ANNOTATION,
        PolicyError::ReasonMissing { .. } => &REASON,
        PolicyError::IdTaken { .. } => &ID,
        PolicyError::Template { .. } => &TEMPLATE,
        PolicyError::NameNotLower { .. } => &NAME_CASE,
        PolicyError::NetworkMapped { .. } => &NETWORK,
        PolicyError::ActionUnnamed { .. } => &ACTIONS,
        PolicyError::NoPermit { .. } => &NO_PERMIT,
        PolicyError::FileTooLarge { .. } | PolicyError::TooComplex { .. } | PolicyError::TooMany { .. } => &TOO_LARGE,
        _ => &INVALID,
    }
}

fn fault_cause(fault: PolicyFault) -> &'static Cause {
    match fault {
        PolicyFault::OtherText(other) => {
            other_cause(other).unwrap_or(if other == OtherText::Json { &JSON } else { &OTHER })
        }
        PolicyFault::Quotes => &QUOTES,
        PolicyFault::Comment => &COMMENT,
        PolicyFault::Semicolon => &SEMICOLON,
        PolicyFault::Syntax => &SYNTAX,
        PolicyFault::EntityType => &ENTITY_TYPE,
        PolicyFault::Action => &ACTION,
        PolicyFault::Attribute => &ATTRIBUTE,
        PolicyFault::OptionalAttribute => &OPTIONAL,
        PolicyFault::Name => &NAME,
        PolicyFault::Type => &TYPE,
        PolicyFault::Impossible => &IMPOSSIBLE,
        _ => &INVALID,
    }
}
