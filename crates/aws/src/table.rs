//! A DynamoDB table: which one, how long it may take, and why it did not answer.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;

/// The time-to-live attribute of every table, a number: seconds since 1970.
pub const EXPIRES_AT: &str = "expires_at";

/// Whether DynamoDB can have a table of this name or ARN: a name has 3 to 255 letters, digits, `_`, `-` and `.`
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>).
pub fn is_table(text: &str) -> bool {
    let name = match text.split(':').collect::<Vec<_>>()[..] {
        [name] => Some(name),
        ["arn", _, "dynamodb", region, account, table] if !region.is_empty() && !account.is_empty() => {
            table.strip_prefix("table/")
        }
        _ => None,
    };
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    name.is_some_and(|name| (3..=255).contains(&name.len()) && name.chars().all(is_of_name))
}

/// Which table, and how long it may take.
#[derive(Debug, Clone)]
pub struct TableRules {
    /// Its name or ARN.
    pub table: String,
    /// How long one call may take, retries included.
    pub timeout: Duration,
}

impl TableRules {
    /// A client that keeps to the time, and has some left for a second attempt where the first one hangs.
    pub fn client(&self, sdk: &SdkConfig) -> Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeout.min(Duration::from_secs(1)))
            .operation_attempt_timeout(self.timeout.checked_div(2).unwrap_or(self.timeout))
            .operation_timeout(self.timeout)
            .build();
        Client::from_conf(Builder::from(sdk).timeout_config(timeouts).build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_name_of_dynamodb() {
        for text in [
            "studio-acs",
            "a.b",
            "x_1",
            &"x".repeat(255),
            "arn:aws:dynamodb:eu-central-1:111122223333:table/ledger",
            "arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/ledger",
        ] {
            assert!(is_table(text), "{text}");
        }
        for text in [
            "",
            "ab",
            &"x".repeat(256),
            "dynamodb:x",
            "dynamodb:ledger",
            "table/x",
            "my table",
            "tabelle-ä",
            "arn:aws:dynamodb:eu-central-1:111122223333:ledger",
            "arn:aws:dynamodb:eu-central-1:111122223333:table/",
            "arn:aws:dynamodb:eu-central-1:111122223333:table/ledger/index/x",
            "arn:aws:dynamodb:::table/ledger",
            "arn:aws:ssm:eu-central-1:111122223333:parameter/x",
        ] {
            assert!(!is_table(text), "{text}");
        }
    }
}
