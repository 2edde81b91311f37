//! AWS for studio-acs: the SDK's configuration and its roots of trust, texts that are kept at AWS or in files and read again,
//! DynamoDB tables, and HTTPS to other hosts.

#![forbid(unsafe_code)]

mod attempts;
pub mod https;
mod refreshed;
mod roots;
mod sdk;
mod source;
mod table;
mod why;

pub use attempts::Attempts;
pub use refreshed::{Look, PATIENCE, RefreshRules, Refreshed, TooOld, later};
pub use sdk::{SdkStartError, region, sdk, timeouts};
pub use source::{Source, SourceError, Text, readable};
pub use table::{EXPIRES_AT, TableRules};
pub use why::why;
