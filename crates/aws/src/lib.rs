//! AWS for studio-acs: the SDK's configuration and its roots of trust, texts that are kept at AWS or in files and read again,
//! DynamoDB tables, and HTTPS to other hosts.

#![forbid(unsafe_code)]

mod attempts;
mod cause;
pub mod https;
mod reason;
mod refreshed;
mod retries;
mod roots;
mod sdk;
mod source;
mod table;
mod words;

pub use attempts::Attempts;
pub use cause::AwsCause;
pub use reason::{AwsReason, why};
pub use refreshed::{Look, PATIENCE, RefreshRules, Refreshed, TooOld, later};
pub use sdk::{SdkStartError, region, sdk, timeouts};
pub use source::{Source, SourceError, Text, TextError, document, readable};
pub use table::{EXPIRES_AT, TableRules, is_table};
