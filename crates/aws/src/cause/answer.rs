//! An error that AWS answered with → its [`AwsCause`], by code, message and status.
//!
//! Messages are not part of AWS's API, but the words for the type of a policy are documented
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>). An unknown message has the cause of its
//! code.

use super::AwsCause;

/// Codes of throttled calls, beside those that say so in their name.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "TooManyRequestsException",
];

/// The types of policies in AWS's words, the most telling first.
const POLICIES: &[(&str, AwsCause)] = &[
    ("service control policy", AwsCause::ServiceControlPolicy),
    ("resource control policy", AwsCause::ResourceControlPolicy),
    ("permissions boundary", AwsCause::PermissionsBoundary),
    ("vpc endpoint policy", AwsCause::EndpointPolicy),
    ("session policy", AwsCause::SessionPolicy),
];

/// Returns the cause of an answer with this HTTP status, error code and message.
pub(crate) fn cause_of(status: u16, code: Option<&str>, message: &str) -> AwsCause {
    let Some(code) = code else { return without_code(status) };
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if code == "ResourceNotFound" && message.is_empty() {
        // SageMaker's own code, which has no `Exception` in it.
        return AwsCause::ProfileNotFound;
    }
    let code = code.strip_suffix("Exception").unwrap_or(code);
    match code {
        _ if is_throttled(status, code) || says(&["rate exceeded"]) => AwsCause::Throttled,
        "RequestTimeTooSkewed" | "RequestInTheFuture" | "RequestExpired" => AwsCause::Clock,
        _ if says(&["signature expired", "signature not yet current", "request time and the current time"]) => {
            AwsCause::Clock
        }
        "AuthorizationHeaderMalformed" => AwsCause::RegionMismatch,
        _ if says(&["should be scoped to"]) => AwsCause::RegionMismatch,
        "ExpiredToken" | "TokenRefreshRequired" => AwsCause::CredentialsExpired,
        _ if says(&["security token included in the request is expired"]) => AwsCause::CredentialsExpired,
        "RegionDisabled" | "OptInRequired" | "SubscriptionRequired" => AwsCause::RegionOff,
        _ if says(&["not activated in this region", "not subscribed to this service", "opt-in region"]) => {
            AwsCause::RegionOff
        }
        "InvalidClientTokenId" | "UnrecognizedClient" | "InvalidAccessKeyId" | "InvalidToken" | "AuthFailure" => {
            AwsCause::CredentialsUnknown
        }
        "MissingAuthenticationToken" | "IncompleteSignature" | "InvalidSignature" | "SignatureDoesNotMatch" => {
            AwsCause::Signature
        }
        "UnknownOperation" | "InvalidAction" => AwsCause::WrongEndpoint,
        _ if is_denied(code) || says(&["not authorized to perform"]) => denied(&message),
        "PackedPolicyTooLarge" => AwsCause::SessionTooLarge,
        "ResourceNotFound" | "ParameterNotFound" | "NoSuchEntity" | "RecordNotFound" => absent(&message),
        "ResourceLimitExceeded" | "ServiceQuotaExceeded" | "AccountLimitExceeded" => AwsCause::Quota,
        "ResourceInUse" | "Conflict" => AwsCause::State,
        _ if code.starts_with("KMS") || code.contains("InvalidKeyId") => AwsCause::KmsKey,
        _ if is_invalid(code) => invalid(&message),
        _ if status >= 500 || code.starts_with("Internal") || code.starts_with("ServiceUnavailable") => {
            AwsCause::AwsFailed
        }
        _ => AwsCause::Other,
    }
}

/// An answer without a code is none of AWS's API, unless its servers are overloaded.
fn without_code(status: u16) -> AwsCause {
    match status {
        407 => AwsCause::ProxyAuth,
        429 => AwsCause::Throttled,
        500.. => AwsCause::GatewayFailed,
        _ => AwsCause::NotAws,
    }
}

fn is_throttled(status: u16, code: &str) -> bool {
    let listed = THROTTLED.iter().any(|known| code == known.strip_suffix("Exception").unwrap_or(known));
    status == 429 || code.contains("Throttl") || listed
}

fn is_denied(code: &str) -> bool {
    ["AccessDenied", "Unauthorized", "NotAuthorized", "Forbidden"].iter().any(|start| code.starts_with(start))
}

fn is_invalid(code: &str) -> bool {
    code.starts_with("Validation") || code.starts_with("Invalid") || code.starts_with("Malformed")
}

fn denied(message: &str) -> AwsCause {
    let says = |words: &str| message.contains(words);
    if let Some((_, cause)) = POLICIES.iter().find(|(words, _)| says(words)) {
        return *cause;
    }
    let action = message.split_once("authorized to perform").map_or("", |(_, rest)| rest);
    let action = action.trim_start_matches([':', ' ']).split([' ', ',']).next().unwrap_or_default();
    match action {
        "sts:tagsession" => AwsCause::TagSession,
        "sts:setsourceidentity" => AwsCause::SetSourceIdentity,
        "iam:passrole" => AwsCause::PassRole,
        _ if action.starts_with("kms:") || says("kms key") || says("access to kms") || says("ciphertext") => {
            AwsCause::KmsKey
        }
        _ if says("trust policy") => AwsCause::TrustPolicy,
        _ if says("resource-based policy") => AwsCause::ResourcePolicy,
        _ if says("identity-based policy") => AwsCause::IdentityPolicy,
        _ if says("explicit deny") => AwsCause::ExplicitDeny,
        "sts:assumerole" => AwsCause::AssumeRole,
        _ => AwsCause::Denied,
    }
}

/// The kind of thing that does not exist, by the message.
fn absent(message: &str) -> AwsCause {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if says(&["userprofile", "user profile", "user-profile"]) {
        return AwsCause::ProfileNotFound;
    }
    if says(&["space", "table", "parameter", "secret", "stream"]) {
        return AwsCause::NotFound;
    }
    if says(&["domain"]) { AwsCause::DomainNotFound } else { AwsCause::NotFound }
}

fn invalid(message: &str) -> AwsCause {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    let word = |wanted: &str| message.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == wanted);
    if message.contains("sourceidentity") && says(&["length less than", "member must have length"]) {
        return AwsCause::SourceIdentityTooLong;
    }
    let modes = ["authmode", "auth mode", "authentication mode", "identity center", "single sign-on", "use iam"];
    if says(&modes) || word("sso") {
        return AwsCause::AuthMode;
    }
    if says(&["does not exist", "not found", "no longer exists", "unable to find", "cannot find"]) {
        return absent(message);
    }
    let states = ["inservice", "pending", "deleting", "updating", "being created", "being deleted"];
    if says(&states) || (word("status") || word("state")) {
        return AwsCause::State;
    }
    AwsCause::Invalid
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers that the mint does not get; `fixtures/aws/answers.json` has those that it does.
    #[test]
    fn other_services_answers_have_their_causes() {
        let me = "User: arn:aws:sts::111122223333:assumed-role/studio-acs-function/x is not authorized to perform: ";
        for (status, code, message, cause) in [
            (400, "AccessDeniedException", format!("{me}iam:PassRole on resource: arn:aws:iam::111122223333:role/notebooks"), AwsCause::PassRole),
            (400, "AccessDeniedException", format!("KMS key access denied error: {me}kms:Decrypt on the resource"), AwsCause::KmsKey),
            (400, "AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.".into(), AwsCause::KmsKey),
            (400, "KMSInvalidStateException", "the key is pending deletion".into(), AwsCause::KmsKey),
            (400, "AccessDeniedException", format!("{me}secretsmanager:GetSecretValue on resource: x because no resource-based policy allows the secretsmanager:GetSecretValue action"), AwsCause::ResourcePolicy),
            (400, "AccessDeniedException", format!("{me}dynamodb:PutItem on resource: x because no VPC endpoint policy allows the dynamodb:PutItem action"), AwsCause::EndpointPolicy),
            (400, "ResourceNotFoundException", "Requested resource not found".into(), AwsCause::NotFound),
            (400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.".into(), AwsCause::NotFound),
            (400, "ParameterNotFound", String::new(), AwsCause::NotFound),
            (400, "ProvisionedThroughputExceededException", String::new(), AwsCause::Throttled),
            (400, "LimitExceededException", String::new(), AwsCause::Throttled),
            (400, "ValidationException", "The provided key element does not match the schema".into(), AwsCause::Invalid),
            (418, "Teapot", "short and stout".into(), AwsCause::Other),
        ] {
            assert_eq!(cause_of(status, Some(code), &message), cause, "{code}: {message}");
        }
    }
}
