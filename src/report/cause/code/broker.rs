//! Causes in the broker: replay, ledger, policy, approval, rate, audit, mint and provision.

use super::general;
use crate::report::cause::{Cause, causes};

causes! {
    REPLAYED = "used_twice", ["replayed"],
        "the response was used before: the user went back or reloaded, or an attacker has a copy",
        "let the user sign in from the access portal again; if the user posted it once only, treat it as an attack";
    REPLAY_STORE = "replay_table_unreachable", ["replay_store_unavailable"],
        "the replay table does not answer, or the memory in its place is full",
        "check the replay table and the role's rights on it; without a table, raise STUDIO_ACS_REPLAY_CAPACITY";
    SIGN_INS = "user_signs_in_too_often", ["sign_in_too_many"],
        "one user has more live sign-ins than the memory grants one user",
        "find out why one user signs in so often; a replay table has no such limit";
    RESTARTED = "restarted_lately", ["restart_grace"],
        "the response may have been used before the restart, which nothing remembers",
        "let the user sign in again; to let sign-ins survive a restart, set STUDIO_ACS_REPLAY_TABLE";
    DOMAIN = "entry_domain_not_listed", ["domain_not_allowed"],
        "the ledger's entry names a domain that is not one of STUDIO_ACS_ALLOWED_DOMAINS",
        "add the domain to STUDIO_ACS_ALLOWED_DOMAINS, or correct the ledger's entry";
    LEDGER = "ledger_unreadable", ["ledger_unavailable"],
        "the ledger could not be read, and the last copy is too old",
        "look for the reason in the log, and make the ledger readable again";
    LEDGER_ENTRY = "ledger_entry_malformed", ["ledger_malformed"],
        "an entry of the user is not valid",
        "correct the entry that the reason names; studio-acs ledger list checks all of them";
    UNKNOWN_USER = "user_without_entry", ["unknown_user"],
        "no entry that is valid now is for the user or for one of their groups",
        "add an entry for the user or for one of their groups, or correct its dates";
    ENTRY_UNNAMED = "entry_of_no_issuer", ["ledger_issuer_unnamed"],
        "several issuers are trusted, names are not shared, and the user's entries name no issuer",
        "let the entry name the issuer, or set STUDIO_ACS_NAMES to shared if a name is the same user at all issuers";
    GROUPS = "user_in_too_many_groups", ["too_many_groups"],
        "the user has more groups than the ledger is asked for",
        "let the identity provider send only the groups that are assigned to the application";
    REVOKED = "user_revoked", ["access_revoked"],
        "the ledger revokes the user",
        "leave it so, or remove the revocation with studio-acs ledger";
    PROFILE_NAME = "profile_name_by_template", ["profile_name_invalid"],
        "the entry's template makes no valid profile name of this user's name",
        "change the entry's template, or name the profile in an entry of the user's own";
    ENTRY = "entry_gone", ["entry_unknown"],
        "the chosen entry is not one of this user's: it was removed since, or it is another user's",
        "let the user choose again";
    PROFILE = "profile_of_another_user", ["another_profile"],
        "the API client asks for a profile that no entry of this user names",
        "let the API client ask for a profile of this user, or add an entry that gives it to them";
    POLICY = "policy_unreadable", ["policy_unavailable"],
        "the access policy could not be read, and the last copy is too old",
        "look for the reason in the log, and make the access policy readable and valid again";
    POLICY_ERROR = "policy_with_error", ["policy_failed"],
        "a policy could not be evaluated for this sign-in",
        "look for the error in the log; studio-acs policy test tries the policy on cases";
    DENIED = "policy_forbids", ["policy_denied"],
        "the access policy denies the sign-in",
        "look at the policies that the line names; the user saw their reason";
    PERMIT_UNNAMED = "permit_of_no_issuer", ["policy_issuer_unnamed"],
        "several issuers are trusted, names are not shared, and the permit that would allow it names no issuer",
        "let the permit name the issuer, or set STUDIO_ACS_NAMES to shared if a name is the same user at all issuers";
    TICKET = "policy_wants_ticket", ["policy_needs_ticket"],
        "the access policy asks for a ticket number, and the page that asks for it was left",
        "let the user start again, and give the ticket number that the page asks for";
    APPROVAL = "policy_wants_approval", ["policy_needs_approval"],
        "the access policy asks for an approval, and the page that waits for it was left",
        "let the user start again, and wait for the approval that the page asks for";
    SESSION = "session_nearly_over", ["session_too_short"],
        "the session that remains is shorter than SageMaker's shortest",
        "let the user sign in again, or raise the session duration of the identity provider or the policy";
    APPROVALS = "approval_table_unreachable", ["approval_store_unavailable"],
        "the table of approvals does not answer",
        "look for the reason in the log: STUDIO_ACS_APPROVAL_TABLE, its VPC endpoint, the role's policy";
    APPROVALS_MANY = "user_asks_for_many_approvals", ["approval_too_many"],
        "the user has as many open requests as STUDIO_ACS_APPROVAL_PER_USER allows",
        "let the user use an approval or wait; STUDIO_ACS_APPROVAL_PER_USER is the limit";
    APPROVAL_TEXT = "approval_text_unusable", ["approval_text_invalid"],
        "the text of the request or the decision is too long or no plain text",
        "let the user send plain text within the limit that the reason names";
    APPROVAL_GONE = "approval_ended", ["approval_unknown"],
        "the request for approval has ended, or its link is incomplete",
        "let the approver reload the list";
    APPROVAL_DECIDED = "approval_decided_before", ["approval_decided"],
        "another decision was there first",
        "let the user ask again, if the answer was no";
    APPROVAL_OVER = "approval_waited_too_long", ["approval_expired"],
        "the request for approval waited longer than STUDIO_ACS_APPROVAL_WAITS",
        "let the user ask again; STUDIO_ACS_APPROVAL_WAITS says how long a request waits";
    APPROVAL_OWN = "approval_by_oneself", ["approval_own"],
        "the approver decides on their own request",
        "let another approver decide";
    RATE_USER = "user_opens_too_often", ["rate_limited_user"],
        "the user has opened as many URLs in this minute as STUDIO_ACS_RATE_PER_USER allows",
        "find out why one user asks so often; STUDIO_ACS_RATE_PER_USER is the limit";
    RATE_ALL = "all_open_too_often", ["rate_limited_global"],
        "all users together have opened as many URLs in this minute as STUDIO_ACS_RATE_GLOBAL allows",
        "find out who asks so often; STUDIO_ACS_RATE_GLOBAL is the limit";
    RATES = "rate_table_unreachable", ["rate_store_unavailable"],
        "the table of counters does not answer",
        "look for the reason in the log: STUDIO_ACS_RATE_TABLE, its VPC endpoint, the role's policy";
    AUDIT = "audit_sink_unreachable", ["audit_unavailable"],
        "a sink did not confirm the record, and nothing is opened unrecorded",
        "look for the sink and its error in the log, and make the sink reachable again";
    NO_CREDENTIALS = "mint_role_without_credentials", ["mint_role_failed"],
        "STS answered the request for the minting role without credentials",
        "check AWS_ENDPOINT_URL_STS: the endpoint may not be STS's";
    ROLE_ELSEWHERE = "mint_role_of_another_account", ["mint_role_failed"],
        "the ledger's entry is of another account than the minting role",
        "give the entry a role of its account, or correct its account";
    URL = "url_elsewhere", ["url_forbidden"],
        "the URL that SageMaker returned does not lead to Studio",
        "report it";
    PROVISION_OFF = "provision_switched_off", ["provision_off"],
        "the user profile is missing, and the service is not told to create it",
        "set STUDIO_ACS_PROVISION to on and let the ledger say how the profile is made, or create the profile";
    PROVISION_FAILED = "provision_error", ["provision_failed"],
        "the user profile that is being made did not come into service",
        "look for its state in the log, and delete a profile whose status is Failed";
}

/// Returns the cause of a refusal by the broker.
pub(super) fn cause(code: &str, reason: &str) -> Option<&'static Cause> {
    match code {
        "mint_role_failed" if reason.contains("is of account") => Some(&ROLE_ELSEWHERE),
        _ => general(ALL, code),
    }
}
