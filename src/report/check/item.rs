//! The items of `check`: each once, with its stable id.

use super::severity::Severity;

/// The subject of an item; the headings of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The settings, taken by themselves.
    Settings,
    /// Access: ledger, policy, approvals, rates, records.
    Broker,
    /// One ACS URL.
    AcsUrl,
    /// The metadata as a whole.
    Metadata,
    /// One identity provider of the metadata.
    IdentityProvider,
    /// The token API.
    Tokens,
    /// Our clock.
    Clock,
    /// The caller that asks AWS, and the network in between.
    Aws,
    /// One Studio domain.
    Domain,
    /// One execution role.
    ExecutionRole,
    /// The role that mints.
    MintRole,
    /// One DynamoDB table.
    Table,
}

impl Subject {
    /// The heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Settings => "Settings",
            Self::Broker => "Broker",
            Self::AcsUrl => "ACS URL",
            Self::Metadata => "Metadata",
            Self::IdentityProvider => "Identity provider",
            Self::Tokens => "Tokens",
            Self::Clock => "Clock",
            Self::Aws => "AWS",
            Self::Domain => "Domain",
            Self::ExecutionRole => "Execution role",
            Self::MintRole => "Mint role",
            Self::Table => "Table",
        }
    }
}

macro_rules! items {
    ($($variant:ident: $subject:ident, $id:literal, $what:literal, [$($severity:ident $fault:literal),+];)+) => {
        /// One thing that is looked at. Ids are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Item {
            $(#[doc = $what] $variant,)+
        }

        impl Item {
            /// All of them, in the order of the report.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable id.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// The property that holds when it is well.
            pub fn what(self) -> &'static str {
                match self { $(Self::$variant => $what),+ }
            }

            /// The faults that it finds, each with its severity.
            pub fn faults(self) -> &'static [(Severity, &'static str)] {
                match self { $(Self::$variant => &[$((Severity::$severity, $fault)),+]),+ }
            }

            /// Its subject.
            pub fn subject(self) -> Subject {
                match self { $(Self::$variant => Subject::$subject),+ }
            }
        }
    };
}

items! {
    Region: Settings, "region", "the region is known", [Error "AWS_REGION is not set, or is no region's name, such as an availability zone's"];
    Audience: Settings, "audience", "the audience is a name of ours", [Error "the audience is the identity provider's entity ID", Warning "the audience has another host than the ACS URL, has no slash at its end, is the ACS URL itself, has quotation marks, a query or a fragment, or is http beside an ACS URL of https", Skipped "it is an example's"];
    AllowedDomains: Settings, "allowed_domains", "the domains that may be opened are listed", [Warning "no list is set: a sign-in opens any domain that its assertion names; or it has more domains than one IAM policy can name"];
    ReplayShared: Settings, "replay_shared", "once only holds for all instances", [Warning "STUDIO_ACS_REPLAY_TABLE is not set; the line says what a restart of `serve` then costs, or lets in"];
    AssertionAge: Settings, "assertion_age", "assertions are taken for minutes, not for hours", [Warning "STUDIO_ACS_MAX_AGE is over 900 s"];
    AllowedOrigins: Settings, "allowed_origins", "responses are posted only by the pages that are listed", [Warning "`null` or `absent` is on the list, which then protects nothing; or an origin is not https"];
    UrlLifetime: Settings, "url_lifetime", "presigned URLs last for a browser's way, and no longer", [Warning "STUDIO_ACS_URL_EXPIRES is under 10 s or over 60 s"];
    StudioOrigin: Settings, "studio_origin", "browsers are sent to Studio alone", [Error "STUDIO_ACS_STUDIO_ORIGIN is set"];
    SettingValues: Settings, "setting_values", "settings have values of this deployment", [Error "a value is an example's, such as YOUR_AUDIENCE or <audience>, or has quotation marks around it", Warning "a host name is under example.com, example.net or example.org"];
    ArnRegion: Settings, "arn_region", "the ARNs in the settings are of our region", [Error "the ARN of a table, a parameter, a secret or a stream is of another region than AWS_REGION, where nothing asks for it"];
    Attributes: Settings, "attributes", "each attribute has one meaning", [Error "one attribute names the user and the groups, or, without a ledger, the user and the domain"];
    Environment: Settings, "environment", "the settings fit into a function's environment", [Warning "the variables have more than 4,096 bytes, which AWS Lambda does not take"];
    AwsSettings: Settings, "aws_settings", "AWS's own variables have values that its SDK takes", [Error "AWS_RETRY_MODE, AWS_MAX_ATTEMPTS, their keys in the profile, or AWS_CA_BUNDLE has a wrong value, and nothing starts", Skipped "the region is not known"];
    SecretFiles: Settings, "secret_files", "no other user of the host can read or change a secret", [Error "the file of an audit sink's secret or of the key of seals cannot be read", Warning "every user can read or write a secret's file, or its group can write it"];
    Ledger: Broker, "ledger", "the ledger can be read", [Error "the text is missing or not valid, or two people open one profile by it", Skipped "the ledger is kept at AWS, and --online is not given"];
    LedgerEntries: Broker, "ledger_entries", "each entry of the ledger can open a profile", [Error "the ledger has no entry, or none that opens a profile now", Warning "an entry's domain is not in STUDIO_ACS_ALLOWED_DOMAINS, its issuer is not trusted, or its region is not AWS_REGION", Skipped "the ledger is a table, or was not read"];
    LedgerNames: Broker, "ledger_names", "names in the ledger are written as they are sent", [Warning "a name has a space at an edge, a hidden character or quotation marks, or is a pattern, a list or an example", Skipped "the ledger is a table, or was not read"];
    LedgerAge: Broker, "ledger_age", "a revocation holds within minutes", [Warning "the ledger is read less often than every 300 s, is too old before it is read again, or counts for more than an hour while it is unreadable"];
    TrustAge: Broker, "trust_age", "what was taken out holds within days, whatever cannot be read", [Warning "metadata, a policy or token keys are read again and have no maximum age, or one of more than a week"];
    Names: Broker, "names", "a name is one user, whichever issuer gives it", [Error "several issuers are trusted, STUDIO_ACS_NAMES is per-issuer, and an entry or a permit names no issuer", Warning "several identity providers are trusted without a ledger: each may open any profile", Skipped "the metadata, the ledger or the policy is kept at AWS, and --online is not given"];
    Policy: Broker, "policy", "the access policy can be read", [Error "the policy stops the start", Warning "a place among several has no policy in it", Skipped "the policy is kept at AWS, and --online is not given"];
    PolicyGroups: Broker, "policy_groups", "nobody gets more because their groups are absent", [Warning "a policy restricts members of a group, by a `forbid` or a capped `permit` beside a `permit` for all, and STUDIO_ACS_REQUIRE_GROUPS is off"];
    GroupNames: Broker, "group_names", "a group has one spelling in policies and entries", [Warning "a policy's group has a space at an edge, a hidden character or quotation marks, or two names differ only in case or spaces; `policy show --ledger` compares entries of a table"];
    ApprovalsShared: Broker, "approvals_shared", "requests for approval are known to all instances", [Error "a policy asks for approval, instances share other tables, and STUDIO_ACS_APPROVAL_TABLE is not set", Warning "a policy asks for approval, and requests are kept by one process"];
    RatesShared: Broker, "rates_shared", "URLs are counted for all instances together", [Warning "instances share other tables, and STUDIO_ACS_RATE_TABLE is not set"];
    ResumeKey: Broker, "resume_key", "a sign-in goes on at any instance", [Error "instances share tables, a sign-in may take several steps, and STUDIO_ACS_RESUME_KEY is not set; or the key's file is unreadable or too short"];
    Provisioning: Broker, "provisioning", "profiles are made as the ledger says, by a role for it", [Warning "STUDIO_ACS_PROVISION is on without a ledger, or without STUDIO_ACS_MINT_ROLE"];
    AcsUrlHttps: AcsUrl, "acs_url_https", "responses travel by https", [Error "the URL is http, and not on loopback"];
    AcsUrlHost: AcsUrl, "acs_url_host", "the host is one that browsers reach as it is written", [Error "the host is the VPC endpoint's own name", Warning "the URL has capitals, `:443` or a query"];
    AcsUrlPath: AcsUrl, "acs_url_path", "the path ends with the one that is served", [Error "several slashes end the path, or API Gateway has another path", Warning "a slash ends the path; or the path is another one, which a proxy may change"];
    AcsUrlStage: AcsUrl, "acs_url_stage", "the stage is there where API Gateway has one", [Error "API Gateway's own address has no stage, or two; or nothing is served under the path before the ACS path", Warning "a path stands before the ACS path in another address: a base path, or a stage that does not belong there"];
    AcsUrlRegion: AcsUrl, "acs_url_region", "API Gateway is in our region", [Error "API Gateway's address is of another region than AWS_REGION"];
    Metadata: Metadata, "metadata", "the metadata can be trusted", [Error "the metadata stops the start", Warning "a signing certificate is left out: its key is weak, broken or of another algorithm, or its text is no certificate", Skipped "the metadata is kept at AWS, and --online is not given"];
    IdpOrigin: IdentityProvider, "idp_origin", "the entity ID says which application it is", [Warning "the entity ID is Identity Center's host without an application's name after it"];
    IdpMetadata: IdentityProvider, "idp_metadata", "the metadata lasts for 90 days and more", [Warning "`validUntil` of the metadata ends within 90 days"];
    IdpKeys: IdentityProvider, "idp_keys", "one key signs, or two in a rotation", [Warning "more than two keys sign"];
    IdpCertificate: IdentityProvider, "idp_certificate", "the certificate lasts for 90 days and more", [Warning "the certificate has ended, begins later, ends within 90 days, or is Identity Center's with SHA-1"];
    TokenIssuer: Tokens, "token_issuer", "the issuer is written as its tokens have it", [Error "Cognito, Entra ID, Okta, Keycloak or Auth0 writes the issuer otherwise, slash included; it is `common` or the like, or another address of the issuer", Warning "the issuer is no URL of https, has capitals, or has a slash at its end"];
    TokenUse: Tokens, "token_use", "the issuer makes such tokens for others to verify", [Error "`access` is set for Cognito (whose tokens need a `resource`) or for Okta's org authorization server, or `cognito-access` for another issuer"];
    TokenAudience: Tokens, "token_audience", "tokens are for us and for nobody else", [Error "the audience is Microsoft Graph, the issuer, Keycloak's `account`, or a URL where Entra ID and Cognito have an ID", Warning "the audience is Okta's `api://default`"];
    TokenScope: Tokens, "token_scope", "the scope is written as tokens have it", [Error "the scope is a URL for Entra ID, or Cognito's without its resource server"];
    TokenUser: Tokens, "token_user", "users are named by what they cannot change", [Error "Cognito's tokens of that kind do not have the claim, no claim is found by the path, such as `$.sub`, or the claim holds the groups", Warning "the claim is an address, a name, a login or `custom:…`, or the path looks like a list or an expression"];
    TokenGroups: Tokens, "token_groups", "groups are the issuer's to write", [Error "no claim is found by the path, such as `realm_access..roles`", Warning "the claim is `custom:…`, or `groups` for Cognito, which says `cognito:groups`; or the path looks like a list or an expression"];
    TokenKeysOrigin: Tokens, "token_keys_origin", "keys come from the issuer's own host, or are kept", [Warning "the keys come from another host, or their URL has a fragment"];
    TokenKeys: Tokens, "token_keys", "the issuer's keys can be read", [Error "the keys are missing or no key set, hold a private key, or fit none of STUDIO_ACS_TOKEN_ALGORITHMS; or the issuer's configuration is another issuer's", Warning "a key is left out: weak, broken, of the same ID as another, or with a misspelt member, such as `kty` in small letters; the line says why", Skipped "the keys are not a file, and --online is not given"];
    TokenDiscovery: Tokens, "token_discovery", "the issuer's own configuration says the same", [Error "it names another issuer", Warning "it names other keys than STUDIO_ACS_TOKEN_JWKS", Skipped "--online is not given, the issuer is no URL of https, or it has no configuration that can be read"];
    Clock: Clock, "clock", "our clock is right", [Error "the clock is before 2025, or further from AWS's than STUDIO_ACS_SKEW", Warning "the clock is half of STUDIO_ACS_SKEW away, or more", Skipped "--online is not given, or AWS did not answer"];
    Credentials: Aws, "credentials", "AWS knows who asks", [Error "credentials are missing or expired"];
    SageMakerAddress: Aws, "sagemaker_address", "SageMaker has a private address", [Error "the name has no address", Warning "the address is public"];
    SageMakerAnswers: Aws, "sagemaker_answers", "SageMaker answers", [Error "SageMaker is not reachable", Warning "SageMaker answers with an error"];
    Domain: Domain, "domain", "the domain is in service", [Error "the domain is missing or failed", Warning "the domain is being changed"];
    DomainAuthMode: Domain, "domain_auth_mode", "people come in by IAM", [Error "the mode is SSO"];
    DomainNetwork: Domain, "domain_network", "its apps have no way to the Internet but the VPC's", [Warning "the network access is PublicInternetOnly"];
    DomainSessionName: Domain, "domain_session_name", "sessions of its execution role are named after people", [Warning "the domain's sessions do not have `USER_IDENTITY`"];
    DomainSourceIdentity: Domain, "domain_source_identity", "its execution role's source identity is the user profile", [Warning "the domain's source identity is not `USER_PROFILE_NAME`"];
    ExecutionRole: ExecutionRole, "execution_role", "its policies can be read", [Skipped "IAM cannot be asked, as in most closed networks"];
    RoleFullAccess: ExecutionRole, "role_full_access", "no policy of AWS's gives it far too much", [Error "AdministratorAccess, AmazonSageMakerFullAccess, IAMFullAccess or PowerUserAccess is attached"];
    RoleWildcard: ExecutionRole, "role_wildcard", "no policy allows every action", [Error "a policy allows `*` on `*`", Warning "a policy allows `*` on `*` under a condition"];
    RolePresignedUrls: ExecutionRole, "role_presigned_urls", "it opens Studio as its own user alone", [Error "a policy allows sagemaker:CreatePresignedDomainUrl for the profiles of others", Warning "a policy does so under a condition"];
    RolePassRole: ExecutionRole, "role_pass_role", "it passes on roles by name alone", [Warning "a policy allows iam:PassRole on any role"];
    RoleS3: ExecutionRole, "role_s3", "it reaches buckets by name alone", [Warning "a policy allows s3:GetObject or s3:PutObject on any bucket"];
    MintRole: MintRole, "mint_role", "the role can be assumed", [Error "the role is missing, or STS is not reachable", Warning "the caller of the check may not assume the role, or STS answers with an error"];
    Table: Table, "table", "the table is in service", [Error "the table is missing, not in service, or not reachable"];
    TableKey: Table, "table_key", "its keys are those that we write", [Error "the keys are not these, as strings: `replay_key` (assertions), `window` (counters), `subject` and `entry` (ledger, approvals)"];
    TableIndex: Table, "table_index", "its index is the one that we read", [Error "requests for approval lack the index `pending`, by `subject` and `pending_until`, with all attributes: approvers see nothing"];
    TableTtl: Table, "table_ttl", "items are deleted when their time is over", [Warning "items are not deleted by `expires_at`; a ledger's table needs it where it also holds requests for approval"];
}
