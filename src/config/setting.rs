//! The settings: each a flag, a variable of the same name, and a key of the configuration file.

use super::table::{self, Table};

/// One setting: the flag `--name`, the variable `STUDIO_ACS_NAME`, and a key of a table of the file.
#[derive(Debug)]
pub struct Setting {
    /// The flag's name, without dashes before it.
    pub name: &'static str,
    /// The file's table that holds it; `None` for a setting that a file cannot have.
    pub table: Option<&'static Table>,
    /// Its key in that table.
    pub key: &'static str,
    /// The type of its value in the file.
    pub kind: SettingKind,
    /// Its purpose.
    pub meaning: &'static str,
    /// The value without it; `None` where it must be given, empty where it is off.
    pub default: Option<&'static str>,
    /// Which values it takes.
    pub range: &'static str,
    /// A value that works.
    pub example: &'static str,
}

/// The type of a setting's value in the file. A flag and a variable have it as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`; as a text, `on` or `off`.
    Switch,
    /// A list of texts, or a text; as a text, comma-separated.
    List,
    /// The place of a secret: never the secret itself.
    Secret,
}

impl SettingKind {
    /// Returns the type in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a whole number",
            Self::Switch => "true or false",
            Self::List => "a list of texts",
            Self::Secret => "the place of a secret, as a text,",
        }
    }
}

impl Setting {
    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("STUDIO_ACS_{}", self.name.to_ascii_uppercase().replace('-', "_"))
    }

    /// Returns its table and key, such as `saml.skew`; `None` for a setting that a file cannot have.
    pub fn path(&self) -> Option<String> {
        self.table.map(|table| format!("{}.{}", table.name, self.key))
    }

    /// Returns the values that it takes in the file.
    pub fn range_in_toml(&self) -> &'static str {
        if self.kind == SettingKind::Switch { "true, false" } else { self.range }
    }

    /// Returns `text` as the file writes it.
    pub fn in_toml(&self, text: &str) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        match self.kind {
            SettingKind::Text | SettingKind::Secret => quoted(text),
            SettingKind::Number => text.to_owned(),
            SettingKind::Switch => (text == "on").to_string(),
            SettingKind::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                format!("[{}]", items.map(quoted).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Returns the line of the file that gives it this value.
    pub fn assignment(&self, text: &str) -> String {
        format!("{} = {}", self.key, self.in_toml(text))
    }
}

macro_rules! in_table {
    (NONE) => {
        None
    };
    ($table:ident) => {
        Some(&table::$table)
    };
}

macro_rules! settings {
    ($([$table:ident] $(
        $constant:ident = $name:literal, $key:literal, $kind:ident, $default:expr, $range:literal, $example:literal,
            $meaning:literal;
    )+)+) => {
        $($(pub(super) const $constant: Setting = Setting {
            name: $name,
            table: in_table!($table),
            key: $key,
            kind: SettingKind::$kind,
            meaning: $meaning,
            default: $default,
            range: $range,
            example: $example,
        };)+)+

        /// Every setting, by table.
        pub const SETTINGS: &[Setting] = &[$($($constant),+),+];
    };
}

settings! {
    [NONE]
    CONFIG = "config", "", Text, Some(""), "a path, ssm:NAME or secretsmanager:NAME; empty for none", "studio-acs.toml", "the configuration file, in TOML; a flag goes before a variable, and a variable before the file; docs/configuration.md";
    [SAML]
    AUDIENCE = "audience", "audience", Text, None, "any text", "https://abc123.execute-api.eu-central-1.amazonaws.com/", "our entity ID: the Application SAML audience in Identity Center";
    ACS_URL = "acs-url", "acs_url", List, None, "URLs, comma-separated; to serve, https, or http on loopback", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml", "where responses are posted to: the Application ACS URL in Identity Center";
    ACS_PATH = "acs-path", "acs_path", Text, Some("/saml"), "a path", "/saml", "the path that the server answers at, without the stage";
    METADATA_REFRESH = "metadata-refresh", "metadata_refresh", Number, Some("300"), "0 to 86400 seconds; 0 for never", "300", "how often the metadata is read again; what can be read of it is in force from then on";
    METADATA_MAX_AGE = "metadata-max-age", "metadata_max_age", Number, Some("86400"), "0 to 2592000 seconds; 0 for no bound", "86400", "how old metadata may be that cannot be read again; then nobody is let in by it";
    ALLOWED_ORIGINS = "allowed-origins", "allowed_origins", List, Some(""), "origins, comma-separated; null and absent protect nothing; empty for any", "https://d-1234567890.awsapps.com", "the origins of the pages that may post responses: the access portal's; docs/confirm.md";
    CONFIRM = "confirm", "confirm", Text, Some("never"), "never, new-browser, always", "new-browser", "when a page first names the user, and opens nothing before they confirm that the sign-in is theirs; docs/confirm.md";
    USER_ATTRIBUTE = "user-attribute", "user_attribute", Text, Some("username"), "any text", "username", "the attribute that names the user profile";
    DOMAIN_ATTRIBUTE = "domain-attribute", "domain_attribute", Text, Some("domain-id"), "any text", "domain-id", "the attribute that names the Studio domain";
    GROUP_ATTRIBUTE = "group-attribute", "group_attribute", Text, Some("groups"), "any text", "groups", "the attribute that names the user's groups, if there is one";
    REQUIRE_GROUPS = "require-groups", "require_groups", Switch, Some("off"), "off, on", "on", "whether a sign-in without the group attribute, or a token without the group claim, is refused";
    REQUIRE_SIGNED = "require-signed", "require_signed", Text, Some("any"), "any, assertion, response, both", "both", "which element must carry a signature of its own";
    SKEW = "skew", "skew", Number, Some("60"), "0 to 300 seconds", "60", "how far the identity provider's clock may be from ours";
    MAX_AGE = "max-age", "max_age", Number, Some("300"), "1 to 31536000 seconds", "300", "how old an assertion may be";
    [SAML_IDP]
    METADATA = "metadata", "metadata", List, None, "a path, ssm:NAME or secretsmanager:NAME; or several, comma-separated", "saml-metadata", "IdP metadata: a file, a directory of .xml files, a parameter, a secret";
    [TOKEN_API_ISSUER]
    TOKEN_ISSUER = "token-issuer", "issuer", Text, Some(""), "a text without spaces, for most issuers a URL of https; empty for no token API", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example12", "whose tokens the token API takes: their exact `iss`; docs/api.md";
    TOKEN_JWKS = "token-jwks", "jwks", Text, Some(""), "discovery, a URL (https, or http on loopback), a path, ssm:NAME or secretsmanager:NAME", "ssm:/studio-acs/jwks", "where the issuer's keys are; `discovery` or the URL of its openid-configuration for the place that it names; docs/api.md";
    TOKEN_JWKS_REFRESH = "token-jwks-refresh", "jwks_refresh", Number, Some("3600"), "60 to 86400 seconds", "3600", "how often they are read again; also when a token names a key that is not there, at most every 30 s (10 while there are none)";
    TOKEN_JWKS_MAX_AGE = "token-jwks-max-age", "jwks_max_age", Number, Some("86400"), "0 to 2592000 seconds; 0 for no bound", "86400", "how old keys may be that cannot be read again; then no token is accepted";
    TOKEN_AUDIENCE = "token-audience", "audience", List, Some(""), "names, comma-separated", "1example23456789", "whom tokens are for: their `aud`, or with cognito-access their `client_id`";
    TOKEN_USE = "token-use", "use", Text, Some("id"), "id, access, cognito-access", "access", "which tokens are taken: ID tokens, access tokens, or those of Cognito";
    TOKEN_SCOPE = "token-scope", "scope", Text, Some(""), "a scope; empty for any", "studio/open", "the scope that an access token must carry";
    TOKEN_ALGORITHMS = "token-algorithms", "algorithms", List, Some("RS256,ES256"), "of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, comma-separated", "ES256,EdDSA", "how tokens may be signed; a key's own type and `alg` decide among these";
    TOKEN_USER_CLAIM = "token-user-claim", "user_claim", Text, Some("sub"), "a name, or a path such as /act/sub or act.sub", "oid", "the claim that names the user as the ledger does";
    TOKEN_GROUP_CLAIM = "token-group-claim", "group_claim", Text, Some("groups"), "a name, or a path such as /realm_access/roles or realm_access.roles", "cognito:groups", "the claim that holds the user's groups, if there is one";
    TOKEN_MAX_AGE = "token-max-age", "max_age", Number, Some("3600"), "1 to 86400 seconds", "3600", "how old a token may be, by its `iat`";
    [LEDGER]
    LEDGER = "ledger", "source", Text, Some(""), "a path, ssm:NAME, secretsmanager:NAME or dynamodb:TABLE; empty for the assertion's own attributes", "dynamodb:studio-acs-ledger", "the ledger: who may open which profile; docs/ledger.md";
    NAMES = "names", "names", Text, Some("per-issuer"), "per-issuer, shared", "shared", "with several trusted issuers: whether a name is the same user whichever gives it; else entries and permits name the issuer; docs/ledger.md";
    LEDGER_REFRESH = "ledger-refresh", "refresh", Number, Some("30"), "0 to 3600 seconds", "30", "how old what is known of the ledger may be: a revocation holds after it";
    LEDGER_MAX_AGE = "ledger-max-age", "max_age", Number, Some("900"), "0 to 86400 seconds", "900", "how old a ledger's text may be that cannot be read again; then nobody is let in";
    [POLICY]
    POLICY = "policy", "source", List, Some("shipped:default"), "paths, ssm:NAME, secretsmanager:NAME or shipped:NAME, comma-separated", "shipped:default,shipped:no-weekends", "the access policy, in Cedar: all of these together; docs/policy.md";
    POLICY_REFRESH = "policy-refresh", "refresh", Number, Some("300"), "0 to 86400 seconds; 0 for never", "300", "how often a policy that does not come with the program is read again";
    POLICY_MAX_AGE = "policy-max-age", "max_age", Number, Some("86400"), "0 to 2592000 seconds; 0 for no bound", "86400", "how old a policy may be that cannot be read again, or is not valid any more; then nobody is let in";
    TIME_ZONE = "time-zone", "time_zone", Text, Some("UTC"), "a name of the IANA database", "Europe/Berlin", "in which zone the policy tells hours and weekdays";
    [REPLAY]
    REPLAY_TABLE = "replay-table", "table", Text, Some(""), "a name or ARN; empty for a memory of this process", "studio-acs-assertions", "the DynamoDB table of used assertions, for all processes";
    REPLAY_CAPACITY = "replay-capacity", "capacity", Number, Some("100000"), "1 to 10000000", "100000", "how many used assertions are remembered at a time, without a table";
    REPLAY_AFTER_RESTART = "replay-after-restart", "after_restart", Text, Some("refuse"), "refuse, accept", "refuse", "what `serve` does without a table with assertions that may have been used before it started; `accept` lets each be used once more";
    [APPROVAL]
    APPROVAL_TABLE = "approval-table", "table", Text, Some(""), "a name or ARN; empty for a memory of this process", "studio-acs-ledger", "the DynamoDB table of requests for approval, for all processes; it may be the ledger's";
    APPROVAL_WAITS = "approval-waits", "waits", Number, Some("28800"), "60 to 604800 seconds", "28800", "how long a request for approval may wait for somebody to decide, and how long a denial holds from then on";
    APPROVAL_LASTS = "approval-lasts", "lasts", Number, Some("3600"), "60 to 86400 seconds", "3600", "how long after an approval Studio may be opened by it";
    APPROVAL_PER_USER = "approval-per-user", "per_user", Number, Some("10"), "1 to 20", "10", "how many requests for approval one user may have at a time, pending or decided and not over";
    [RATE]
    RATE_PER_USER = "rate-per-user", "per_user", Number, Some("10"), "1 to 10000 a minute", "10", "how many URLs one user may ask for";
    RATE_GLOBAL = "rate-global", "global", Number, Some("600"), "1 to 1000000 a minute", "600", "how many URLs all users together may ask for";
    RATE_ALERT = "rate-alert", "alert", Number, Some("50"), "0 to 1000000 a minute; 0 for never", "50", "with which attempt of one user the log has an alert, refused ones counted";
    RATE_TABLE = "rate-table", "table", Text, Some(""), "a name or ARN; empty for counters of this process", "studio-acs-rates", "the DynamoDB table of counters, for all processes";
    [AUDIT]
    AUDIT_WEBHOOK = "audit-webhook", "webhook", Text, Some(""), "a URL: https, or http on loopback; empty for none", "https://siem.corp.example/studio-acs", "where records are posted as lines of JSON, signed by HMAC-SHA256 in x-studio-acs-signature";
    AUDIT_WEBHOOK_SECRET = "audit-webhook-secret", "webhook_secret", Secret, Some(""), "a path, ssm:NAME or secretsmanager:NAME", "secretsmanager:studio-acs/webhook", "where the key of that signature is, of 32 characters or more";
    AUDIT_FIREHOSE = "audit-firehose", "firehose", Text, Some(""), "a stream's name; empty for none", "studio-acs-audit", "the Firehose stream that records are put to";
    AUDIT_SPLUNK = "audit-splunk", "splunk", Text, Some(""), "an origin: https, or http on loopback; empty for none", "https://http-inputs-acme.splunkcloud.com", "the Splunk HTTP Event Collector that records are sent to, with acknowledgement where its token has it";
    AUDIT_SPLUNK_TOKEN = "audit-splunk-token", "splunk_token", Secret, Some(""), "a path, ssm:NAME or secretsmanager:NAME", "ssm:/studio-acs/splunk-token", "where the collector's token is";
    AUDIT_DATADOG = "audit-datadog", "datadog", Text, Some(""), "an origin: https, or http on loopback; empty for none", "https://http-intake.logs.datadoghq.eu", "the Datadog log intake that records are sent to";
    AUDIT_DATADOG_KEY = "audit-datadog-key", "datadog_key", Secret, Some(""), "a path, ssm:NAME or secretsmanager:NAME", "ssm:/studio-acs/datadog-key", "where the intake's API key is";
    AUDIT_SUMO_LOGIC = "audit-sumo-logic", "sumo_logic", Secret, Some(""), "a path, ssm:NAME or secretsmanager:NAME; empty for none", "ssm:/studio-acs/sumo-logic-url", "where the URL is, a secret, of the Sumo Logic HTTP source that records are sent to";
    AUDIT_REQUIRED = "audit-required", "required", List, Some("all"), "all, none, or of log, webhook, firehose, splunk, datadog, sumo-logic, comma-separated", "all", "the sinks that must have confirmed an intent before it is minted; the others are best effort. Where none is required, the log is";
    AUDIT_TIMEOUT = "audit-timeout", "timeout", Number, Some("3"), "1 to 25 seconds", "3", "how long a sign-in waits for its record, before the mint and after it, retries included";
    AUDIT_ON_FAILURE = "audit-on-failure", "on_failure", Text, Some("refuse"), "refuse, allow", "refuse", "what happens to a sign-in that a required sink has not confirmed; what is allowed is flagged";
    AUDIT_SEAL_KEY = "audit-seal-key", "seal_key", Secret, Some(""), "a path, ssm:NAME or secretsmanager:NAME; empty for records without seals", "secretsmanager:studio-acs/seal-key", "where the key is, of 32 characters or more, that seals each record";
    [MINT]
    ALLOWED_DOMAINS = "allowed-domains", "allowed_domains", List, Some(""), "domain IDs, comma-separated; empty for any", "d-abcdefghijkl", "the Studio domains that may be opened";
    URL_EXPIRES = "url-expires", "url_expires", Number, Some("30"), "5 to 300 seconds", "30", "how long a presigned URL may be used";
    SESSION_SECONDS = "session-seconds", "session_seconds", Number, Some("3600"), "1800 to 43200 seconds", "28800", "how long a Studio session lasts at most";
    MINT_ROLE = "mint-role", "role", Text, Some(""), "the ARN of an IAM role; empty for the service's own", "arn:aws:iam::111122223333:role/studio-acs-mint", "the role that mints: assumed for each sign-in, with the user's name, for their profile alone";
    MINT_TIMEOUT = "mint-timeout", "timeout", Number, Some("10"), "1 to 25 seconds", "10", "how long a mint may take, with all that it asks of AWS";
    STUDIO_ORIGIN = "studio-origin", "studio_origin", Text, Some(""), "an origin; empty for https under sagemaker.aws", "http://127.0.0.1:8403", "a stand-in for Studio, for tests alone";
    [PROVISION]
    PROVISION = "provision", "enabled", Switch, Some("off"), "off, on", "on", "whether user profiles are made that are missing, where the ledger says how";
    [RESUME]
    RESUME_KEY = "resume-key", "key", Secret, Some(""), "a path, ssm:NAME or secretsmanager:NAME; empty for a key of this process", "secretsmanager:studio-acs/resume-key", "the key, of 32 characters or more, that signs what a browser brings back when a sign-in goes on";
    RESUME_SECONDS = "resume-seconds", "seconds", Number, Some("300"), "30 to 900 seconds", "300", "how long a user may take for what a sign-in asks, or a profile to be made";
    [AWS]
    TABLE_TIMEOUT = "table-timeout", "table_timeout", Number, Some("3"), "1 to 25 seconds", "3", "how long a call of a table may take, retries included";
    [ORGANIZATION]
    ORGANIZATION_NAME = "organization-name", "name", Text, Some(""), "plain text of at most 64 characters; empty for none", "Example Corp", "the organisation that runs the service, at the foot of each page";
    HELP_CONTACT = "help-contact", "help_contact", Text, Some(""), "plain text of at most 128 characters; empty for none", "Data platform team, extension 4711", "the people who help users, at the foot of each page";
    HELP_URL = "help-url", "help_url", Text, Some(""), "a link of https: or mailto:, at most 512 characters; empty for none", "https://help.example.com/studio", "the link to that help, at the foot of each page";
    [SERVER]
    LISTEN = "listen", "listen", Text, Some("127.0.0.1:8080"), "address and port", "0.0.0.0:8080", "where `serve` listens; TLS ends before it";
    CLIENT_ADDRESS = "client-address", "client_address", Text, Some("unknown"), "unknown, connection", "connection", "what `serve` tells policies of a client's address; `connection` only where nothing stands in front, or it would be the proxy's";
    REQUEST_TIMEOUT = "request-timeout", "request_timeout", Number, Some("10"), "1 to 60 seconds", "10", "how long a client may take to send a form";
    IDLE_TIMEOUT = "idle-timeout", "idle_timeout", Number, Some("75"), "1 to 3600 seconds", "75", "how long a connection to `serve` may stand without a whole request head; longer than the load balancer's own";
    BODY_MEMORY = "body-memory", "body_memory", Number, Some("24"), "1 to 1000000 MiB", "24", "how much the bodies of all requests may take together, the first 32 KiB of each not counted; then the one that has waited longest gives way";
    MAX_CONNECTIONS = "max-connections", "max_connections", Number, Some("512"), "1 to 1000000", "512", "how many connections `serve` keeps open; one more closes the one that has waited longest for a request";
    LOG = "log", "log", Text, Some("info"), "info, debug, trace", "debug", "what is logged, as JSON on standard output";
}
