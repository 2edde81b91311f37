//! The tables of the configuration file: one a subject.

/// One table of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, such as `saml`.
    pub name: &'static str,
    /// Whether it stands in the file once for each of several, as `[[…]]`.
    pub repeats: bool,
    /// The subject of its settings.
    pub meaning: &'static str,
}

impl Table {
    /// Returns its heading in the file.
    pub fn heading(&self) -> String {
        if self.repeats { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

macro_rules! tables {
    ($($constant:ident = $name:literal, $repeats:literal, $meaning:literal;)+) => {
        $(pub(super) const $constant: Table = Table { name: $name, repeats: $repeats, meaning: $meaning };)+

        /// Every table.
        pub const TABLES: &[Table] = &[$($constant),+];
    };
}

tables! {
    SAML = "saml", false, "SAML sign-in: who we are, and which assertions are accepted";
    SAML_IDP = "saml.idp", true, "an identity provider; repeat the table for each";
    TOKEN_API_ISSUER = "token_api.issuer", true, "an issuer whose tokens open the token API; repeat the table for each. A token is judged by the table whose issuer is exactly its `iss`. With names = \"shared\" each issuer is trusted to name any user of the ledger";
    LEDGER = "ledger", false, "which user may open which profile";
    POLICY = "policy", false, "the access policy";
    REPLAY = "replay", false, "replay protection: each assertion is accepted once";
    APPROVAL = "approval", false, "requests for approval";
    RATE = "rate", false, "limits to how many URLs are minted";
    AUDIT = "audit", false, "the audit log and its sinks";
    MINT = "mint", false, "the presigned URL and the Studio session";
    PROVISION = "provision", false, "user profiles that are missing";
    RESUME = "resume", false, "sign-ins that take several steps";
    AWS = "aws", false, "calls of AWS";
    ORGANIZATION = "organization", false, "the organisation that runs the service, as the pages name it";
    SERVER = "server", false, "the server, for `studio-acs serve`, and the log";
}
