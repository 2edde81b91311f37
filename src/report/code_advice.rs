//! The operator's next step for each code that no rule of a response or a token has: those of requests and of the broker.

/// Returns one line of advice for a code; `None` for a code of a response or a token, whose advice depends on the rule.
pub(crate) fn code_advice(code: &str) -> Option<&'static str> {
    let advice = match code {
        "origin_not_allowed" => {
            "find out which page posted the response; if it is the access portal, add its origin to STUDIO_ACS_ALLOWED_ORIGINS"
        }
        "overloaded" => "raise STUDIO_ACS_BODY_MEMORY, or find out who sends large forms slowly",
        "second_opinion" => "keep the response and report it: one of the two verifiers is wrong",
        "sign_in_declined" => {
            "ask the user how they came to the page: somebody may have posted their own response to the user's browser"
        }
        "resume_missing" => {
            "let the user start at the access portal; if it happens to many, a proxy may remove cookies"
        }
        "resume_invalid" => {
            "set the same STUDIO_ACS_RESUME_KEY for all instances; if it is set, treat the request as an attack"
        }
        "resume_expired" => {
            "let the user start at the access portal; if users need longer, raise STUDIO_ACS_RESUME_SECONDS"
        }
        "resume_issuer_untrusted" => {
            "see whether the identity provider or its key left the metadata on purpose, or the metadata has expired; then let the user sign in again"
        }
        "resume_another_page" => "let the user go on in the newest tab only, or start at the access portal",
        "resume_failed" => "map fewer groups at the identity provider: the identity has to fit into a cookie",
        "form_method_not_allowed" | "form_unsupported_media_type" | "form_too_large" | "form_invalid" => {
            "let the user start at the access portal; if it happens to many, a proxy changes what the pages send"
        }
        "replayed" => {
            "let the user sign in from the access portal again; if nobody posted the response twice, somebody has the first one"
        }
        "replay_store_unavailable" => {
            "check the replay table and the role's rights on it; without a table, raise STUDIO_ACS_REPLAY_CAPACITY"
        }
        "domain_not_allowed" => "add the domain to STUDIO_ACS_ALLOWED_DOMAINS, or correct the ledger's entry",
        "restart_grace" => "let the user sign in again; to let sign-ins survive a restart, set STUDIO_ACS_REPLAY_TABLE",
        "method_not_allowed" => "send the method that the header Allow names",
        "unsupported_media_type" => "send Content-Type: application/json",
        "too_large" => "send a body within the limit, and all of it in time",
        "malformed_request" => {
            "compare the request with /openapi.json; the answer's detail names the member or the column"
        }
        "token_keys_unavailable" => "look for the reason in the log, and make STUDIO_ACS_TOKEN_JWKS readable again",
        "sign_in_too_many" => "find out why one user signs in so often; a replay table has no such limit",
        "ledger_unavailable" => "look for the reason in the log, and make the ledger readable again",
        "ledger_malformed" => "correct the entry that the reason names; studio-acs ledger list checks all of them",
        "unknown_user" => "add an entry for the user or for one of their groups, or correct its dates",
        "too_many_groups" => "let the identity provider send only the groups that are assigned to the application",
        "access_revoked" => "leave it so, or remove the revocation with studio-acs ledger",
        "profile_name_invalid" => "change the entry's template, or name the profile in an entry of the user's own",
        "entry_unknown" => "let the user choose again: the entry was removed, or it is another user's",
        "another_profile" => "let the API client ask for a profile of this user, or add an entry that gives it to them",
        "policy_unavailable" => "look for the reason in the log, and make the access policy readable and valid again",
        "policy_failed" => "look for the error in the log; studio-acs policy test tries the policy on cases",
        "policy_denied" => "look at the policies that the line names; the user saw their reason",
        "policy_needs_ticket" => "let the user start again, and give the ticket number that the page asks for",
        "policy_needs_approval" => "let the user start again, and wait for the approval that the page asks for",
        "session_too_short" => {
            "let the user sign in again, or raise the session duration of the identity provider or the policy"
        }
        "approval_store_unavailable" => {
            "look for the reason in the log: STUDIO_ACS_APPROVAL_TABLE, its VPC endpoint, the role's policy"
        }
        "approval_too_many" => "let the user use an approval or wait; STUDIO_ACS_APPROVAL_PER_USER is the limit",
        "approval_text_invalid" => "let the user send plain text within the limit that the reason names",
        "approval_unknown" => "let the approver reload the list: the request has ended, or its link is incomplete",
        "approval_decided" => "let the user ask again, if the answer was no",
        "approval_expired" => "let the user ask again; STUDIO_ACS_APPROVAL_WAITS says how long a request waits",
        "approval_own" => "let another approver decide",
        "rate_limited_user" => "find out why one user asks so often; STUDIO_ACS_RATE_PER_USER is the limit",
        "rate_limited_global" => "find out who asks so often; STUDIO_ACS_RATE_GLOBAL is the limit",
        "rate_store_unavailable" => {
            "look for the reason in the log: STUDIO_ACS_RATE_TABLE, its VPC endpoint, the role's policy"
        }
        "audit_unavailable" => "look for the sink and its error in the log, and make the sink reachable again",
        "profile_not_found" => {
            "create the user profile, correct the name in the ledger or the attribute, or set STUDIO_ACS_PROVISION to on"
        }
        "mint_role_denied" => {
            "check the trust policy of the minting role, and the service's right to sts:AssumeRole and sts:SetSourceIdentity"
        }
        "mint_role_failed" => {
            "look for STS's error in the log; a ledger entry of another account needs a minting role of that account"
        }
        "mint_denied" => "check the role's policy for sagemaker:CreatePresignedDomainUrl on this profile",
        "mint_throttled" | "provision_throttled" => "wait a minute; if it lasts, ask AWS for a higher quota",
        "mint_timeout" => "check the VPC endpoints of SageMaker and STS; STUDIO_ACS_MINT_TIMEOUT is the limit",
        "mint_unreachable" => "check the VPC endpoints, their security groups, DNS and AWS_REGION",
        "mint_failed" => "look for SageMaker's error in the log; studio-acs check --online looks at the domain",
        "url_forbidden" => "report it: SageMaker returned a URL that does not lead to Studio",
        "provision_off" => {
            "set STUDIO_ACS_PROVISION to on and let the ledger say how the profile is made, or create the profile"
        }
        "provision_denied" => {
            "check the role's policy for sagemaker:CreateUserProfile, and for iam:PassRole on the execution role"
        }
        "provision_failed" => "look for SageMaker's error in the log, and delete a profile whose status is Failed",
        _ => return None,
    };
    Some(advice)
}
