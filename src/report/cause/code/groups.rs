//! Causes in the user's groups.

use crate::report::cause::{Cause, causes};

causes! {
    ENTRA_LINK = "groups_by_link", ["groups_incomplete", "attribute_missing"],
        "Entra ID put a link into the assertion in place of the groups, since the user is in more than 150",
        "at Entra ID, Token configuration, groups claim: choose Groups assigned to the application (or filter them), so that each person has 150 at most; policies and the ledger cannot follow a link";
    TOKEN_OVERAGE = "groups_beyond_the_token", ["groups_incomplete", "token_claim_missing"],
        "the token says that its groups are elsewhere, since the user is in more than it holds",
        "at Entra ID, Token configuration, groups claim: choose Groups assigned to the application, or app roles (claim roles), so that a token holds all of them";
    MANY = "groups_beyond_the_limit", ["groups_incomplete"],
        "the user is in more groups than are read, and a policy restricts by groups",
        "let the identity provider send only the groups that are assigned to the application";
    LONG = "group_name_too_long", ["groups_incomplete"],
        "a group value is longer than a name may be, such as a long distinguished name, and a policy restricts by groups",
        "let the identity provider send the group's name or ID (at AD FS and Shibboleth the unqualified name) in place of its distinguished name";
    SPACE = "group_value_pretty_printed", ["groups_incomplete"],
        "white space stands around a group value, as when a message is formatted, and a policy restricts by groups",
        "let the identity provider write the value without white space around it; a value is compared as it is";
    COMMENT = "group_value_with_comment", ["groups_incomplete"],
        "a comment stands in a group value; no signature covers it, so that a user could be rid of a group by it",
        "treat it as an attack, and look for its source: no identity provider writes it";
    ELEMENT = "group_value_with_element", ["groups_incomplete"],
        "a group value holds an element, such as a NameID, and a policy restricts by groups",
        "let the identity provider send groups as plain text: at Shibboleth and simplesamlphp by another encoder or mapping of this attribute";
    TYPE = "group_value_of_another_type", ["groups_incomplete"],
        "a group value of the token is no text but a number, an object, a list, or true or false, and a policy restricts by groups",
        "let the issuer write a list of texts, or set STUDIO_ACS_TOKEN_GROUP_CLAIM to the claim that holds the names, such as realm_access.roles in place of realm_access";
    EMPTY = "group_value_empty", ["groups_incomplete"],
        "a group value is empty or nil, which may stand for no group or for one that is not known, and a policy restricts by groups",
        "let the identity provider leave out the attribute or the claim for users without groups, or permit members in place of restricting them";
    UNUSABLE = "group_value_unusable", ["groups_incomplete"],
        "a group value is no name that can be compared, and a policy restricts by groups",
        "let the identity provider send the group's name or ID in plain text";
    NAMED = "groups_under_another_name", ["unknown_user", "attribute_missing", "token_claim_missing"],
        "the attribute or the claim of groups is absent, and one of another name may hold them: with other capitals, a URI, in the plural, or in a claim",
        "set STUDIO_ACS_GROUP_ATTRIBUTE or STUDIO_ACS_TOKEN_GROUP_CLAIM to the name that the reason shows, letter for letter";
    PATH = "groups_by_path", ["unknown_user"],
        "a group of the user and one of the ledger have one name, and one of them has a path before it",
        "write the group into the ledger's entry as it came, path included; or at Keycloak switch off Full group path in the mapper, if no two groups share a name";
    DOMAIN = "groups_with_a_domain", ["unknown_user"],
        "a group of the user and one of the ledger have one name, and one of them has the domain of Windows beside it",
        "write the group into the ledger's entry as it came, or let the identity provider send it without the domain (AD FS: Token-Groups - Unqualified Names)";
    JOINED = "groups_in_one_value", ["unknown_user"],
        "the identity provider sends several groups in one value, and the ledger has one of them",
        "let the identity provider send a value for each group: at Okta a group attribute statement, at OneLogin a multi-value parameter";
    IDS = "groups_by_id", ["unknown_user"],
        "the identity provider sends the IDs of groups, and the ledger's entries have names",
        "write the IDs of the groups into the ledger's entries, as verify shows them, or let the identity provider send names";
    DISTINGUISHED = "groups_by_distinguished_name", ["unknown_user"],
        "the identity provider sends distinguished names of groups, and the ledger's entries have other names, or the other way round",
        "write the groups into the ledger's entries as they came, whole, or let the identity provider send the names only";
    NAMES = "groups_by_name", ["unknown_user"],
        "the identity provider sends the names of groups, and the ledger's entries have IDs or distinguished names",
        "write the groups into the ledger's entries as the identity provider sends them, as verify shows them";
    SPELLING = "group_spelled_otherwise", ["unknown_user"],
        "a group of the user and one of the ledger differ in case, in white space or by a character that looks the same",
        "copy the group's name from verify into the ledger's entry: groups are compared letter for letter";
    NOT_SENT = "groups_not_sent", ["unknown_user"],
        "no entry names the user, and the identity provider sent no usable group",
        "add an entry for the user, or map the user's groups to the attribute of STUDIO_ACS_GROUP_ATTRIBUTE or the claim of STUDIO_ACS_TOKEN_GROUP_CLAIM";
    DATES = "entry_out_of_its_dates", ["unknown_user"],
        "an entry names the user or a group of theirs, and does not hold at this time",
        "correct the dates of the entry that the reason names";
}

/// The words after names under which groups may be.
pub(in crate::report::cause) const MAY_HOLD: &str = ", which may hold them";

/// Returns the cause of groups that are under another name than the configured one.
pub(in crate::report::cause) fn named_otherwise() -> &'static Cause {
    &NAMED
}

/// Returns the cause of groups that are absent and required, where the credential says that they are elsewhere.
pub(in crate::report::cause) fn elsewhere(found: &str) -> Option<&'static Cause> {
    let causes = [("a link: http", &ENTRA_LINK), ("a token that is too small", &TOKEN_OVERAGE)];
    causes.into_iter().find(|(words, _)| found.starts_with(words)).map(|(_, cause)| cause)
}

/// Returns the cause of a user without an entry, or without known groups; `None` for another code, and where an entry is
/// all that is missing.
pub(super) fn cause(code: &str, reason: &str) -> Option<&'static Cause> {
    let says = |words: &[&str]| words.iter().any(|words| reason.contains(words));
    match code {
        "groups_incomplete" => Some(unusable(reason)),
        "unknown_user" if says(&["it holds from", "it held until"]) => Some(&DATES),
        "unknown_user" if says(&[MAY_HOLD]) && says(&["no group came"]) => Some(&NAMED),
        "unknown_user" if says(&["(differs in "]) => Some(&SPELLING),
        "unknown_user" if says(&["a distinguished name came", "and the ledger has a distinguished name"]) => {
            Some(&DISTINGUISHED)
        }
        "unknown_user" if says(&["a path came", "and the ledger has a path"]) => Some(&PATH),
        "unknown_user" if says(&["a name with a domain came", "and the ledger has a name with a domain"]) => {
            Some(&DOMAIN)
        }
        "unknown_user" if says(&["several groups came in one value"]) => Some(&JOINED),
        "unknown_user" if says(&["IDs came"]) => Some(&IDS),
        "unknown_user" if says(&["distinguished names came"]) => Some(&DISTINGUISHED),
        "unknown_user" if says(&["names came"]) => Some(&NAMES),
        "unknown_user" if says(&["no group came"]) && !says(&["no entry for a group"]) => Some(&NOT_SENT),
        _ => None,
    }
}

/// Returns the cause of groups that are not known well enough, by the found ones.
pub(super) fn unusable(found: &str) -> &'static Cause {
    let says = |words: &[&str]| words.iter().any(|words| found.contains(words));
    if says(&["a link: http"]) {
        &ENTRA_LINK
    } else if says(&["a token that is too small"]) {
        &TOKEN_OVERAGE
    } else if says(&["a value with a comment in it"]) {
        &COMMENT
    } else if says(&["after the first"]) {
        &MANY
    } else if says(&["is the most"]) {
        &LONG
    } else if says(&["with white space around it"]) {
        &SPACE
    } else if says(&["a value with an element"]) {
        &ELEMENT
    } else if says(&["a value that is a", "a value that is true"]) {
        &TYPE
    } else if says(&["an empty value", "a value that is nil", "a value that is null"]) {
        &EMPTY
    } else {
        &UNUSABLE
    }
}
