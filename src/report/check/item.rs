//! What `check` asks: each item once, with its stable id.

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
    ($($variant:ident: $subject:ident, $id:literal, $what:literal;)+) => {
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

            /// Its subject.
            pub fn subject(self) -> Subject {
                match self { $(Self::$variant => Subject::$subject),+ }
            }
        }
    };
}

items! {
    Region: Settings, "region", "the region is known";
    Audience: Settings, "audience", "the audience is a name of ours";
    AllowedDomains: Settings, "allowed_domains", "the domains that may be opened are listed";
    ReplayShared: Settings, "replay_shared", "once only holds for all instances";
    AssertionAge: Settings, "assertion_age", "assertions are taken for minutes, not for hours";
    AllowedOrigins: Settings, "allowed_origins", "responses are posted only by the pages that are listed";
    UrlLifetime: Settings, "url_lifetime", "presigned URLs last for a browser's way, and no longer";
    StudioOrigin: Settings, "studio_origin", "browsers are sent to Studio alone";
    Ledger: Broker, "ledger", "the ledger can be read";
    LedgerAge: Broker, "ledger_age", "a revocation holds within minutes";
    TrustAge: Broker, "trust_age", "what was taken out holds within days, whatever cannot be read";
    Policy: Broker, "policy", "the access policy can be read";
    PolicyGroups: Broker, "policy_groups", "nobody gets more because their groups are absent";
    GroupNames: Broker, "group_names", "a group has one spelling in policies and entries";
    ApprovalsShared: Broker, "approvals_shared", "requests for approval are known to all instances";
    RatesShared: Broker, "rates_shared", "URLs are counted for all instances together";
    ResumeKey: Broker, "resume_key", "a sign-in goes on at any instance";
    Provisioning: Broker, "provisioning", "profiles are made as the ledger says, by a role for it";
    AcsUrlHttps: AcsUrl, "acs_url_https", "responses travel by https";
    AcsUrlHost: AcsUrl, "acs_url_host", "the host is one that browsers reach as it is written";
    AcsUrlPath: AcsUrl, "acs_url_path", "the path ends with the one that is served";
    AcsUrlStage: AcsUrl, "acs_url_stage", "the stage is there where API Gateway has one";
    AcsUrlRegion: AcsUrl, "acs_url_region", "API Gateway is in our region";
    Metadata: Metadata, "metadata", "the metadata can be trusted";
    IdpOrigin: IdentityProvider, "idp_origin", "the entity ID says which application it is";
    IdpKeys: IdentityProvider, "idp_keys", "one key signs, or two in a rotation";
    IdpCertificate: IdentityProvider, "idp_certificate", "the certificate lasts for 90 days and more";
    TokenIssuer: Tokens, "token_issuer", "the issuer is written as its tokens have it";
    TokenUse: Tokens, "token_use", "the issuer makes such tokens for others to verify";
    TokenAudience: Tokens, "token_audience", "tokens are for us and for nobody else";
    TokenScope: Tokens, "token_scope", "the scope is written as tokens have it";
    TokenUser: Tokens, "token_user", "users are named by what they cannot change";
    TokenGroups: Tokens, "token_groups", "groups are the issuer's to write";
    TokenKeysOrigin: Tokens, "token_keys_origin", "keys come from the issuer's own host, or are kept";
    TokenKeys: Tokens, "token_keys", "the issuer's keys can be read";
    Clock: Clock, "clock", "our clock is right";
    Credentials: Aws, "credentials", "AWS knows who asks";
    SageMakerAddress: Aws, "sagemaker_address", "SageMaker has a private address";
    SageMakerAnswers: Aws, "sagemaker_answers", "SageMaker answers";
    Domain: Domain, "domain", "the domain is in service";
    DomainAuthMode: Domain, "domain_auth_mode", "people come in by IAM";
    DomainNetwork: Domain, "domain_network", "its apps have no way to the Internet but the VPC's";
    DomainSessionName: Domain, "domain_session_name", "sessions of its execution role are named after people";
    DomainSourceIdentity: Domain, "domain_source_identity", "its execution role's source identity is the user profile";
    ExecutionRole: ExecutionRole, "execution_role", "its policies can be read";
    RoleFullAccess: ExecutionRole, "role_full_access", "no policy of AWS's gives it far too much";
    RoleWildcard: ExecutionRole, "role_wildcard", "no policy allows every action";
    RolePresignedUrls: ExecutionRole, "role_presigned_urls", "it opens Studio as its own user alone";
    RolePassRole: ExecutionRole, "role_pass_role", "it passes on roles by name alone";
    RoleS3: ExecutionRole, "role_s3", "it reaches buckets by name alone";
    MintRole: MintRole, "mint_role", "the role can be assumed";
    Table: Table, "table", "the table is in service";
    TableKey: Table, "table_key", "its keys are those that we write";
    TableIndex: Table, "table_index", "its index is the one that we read";
    TableTtl: Table, "table_ttl", "items are deleted when their time is over";
}
