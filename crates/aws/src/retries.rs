//! The settings of retries, which AWS's variables and the profile have. The SDK would panic at a wrong value of theirs, so
//! they are read here.

use std::str::FromStr as _;

use aws_config::SdkConfig;
use aws_config::retry::{RetryConfig, RetryMode};
use aws_types::service_config::ServiceConfigKey;

/// A setting of retries: its variable, its key in a profile, and the values that it takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) variable: &'static str,
    pub(crate) key: &'static str,
    pub(crate) values: &'static str,
}

const MODE: Setting = Setting { variable: "AWS_RETRY_MODE", key: "retry_mode", values: "standard or adaptive" };
const ATTEMPTS: Setting =
    Setting { variable: "AWS_MAX_ATTEMPTS", key: "max_attempts", values: "a whole number from 1 to 4294967295" };

/// Returns the retries that the environment or the profile of `sdk` asks for; the standard ones where neither does.
///
/// # Errors
/// The setting that has a wrong value.
pub(crate) fn read(sdk: &SdkConfig) -> Result<RetryConfig, Setting> {
    let retries = match value(sdk, MODE, mode)? {
        Some(RetryMode::Adaptive) => RetryConfig::adaptive(),
        _ => RetryConfig::standard(),
    };
    Ok(match value(sdk, ATTEMPTS, attempts)? {
        Some(attempts) => retries.with_max_attempts(attempts),
        None => retries,
    })
}

/// The value of a setting where the SDK finds it; `None` where it is not set.
fn value<T>(sdk: &SdkConfig, setting: Setting, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Setting> {
    // No service has this ID: the value is the one for all services.
    let key = ServiceConfigKey::builder().service_id("none").env(setting.variable).profile(setting.key).build().ok();
    let text = key.zip(sdk.service_config()).and_then(|(key, found)| found.load_config(key));
    text.map(|text| parse(&text).ok_or(setting)).transpose()
}

fn mode(text: &str) -> Option<RetryMode> {
    RetryMode::from_str(text).ok()
}

fn attempts(text: &str) -> Option<u32> {
    text.parse().ok().filter(|attempts| *attempts > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_takes_what_the_sdk_takes() {
        for (text, found) in [
            ("standard", Some(RetryMode::Standard)),
            (" Adaptive ", Some(RetryMode::Adaptive)),
            ("fast", None),
            ("legacy", None),
            ("", None),
        ] {
            assert_eq!(mode(text), found, "{text}");
        }
        for (text, found) in [
            ("1", Some(1)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("0", None),
            ("-1", None),
            ("three", None),
            (" 3", None),
            ("", None),
        ] {
            assert_eq!(attempts(text), found, "{text}");
        }
    }

    #[test]
    fn without_settings_retries_are_the_standard_ones() {
        let sdk = SdkConfig::builder().build();
        assert_eq!(read(&sdk), Ok(RetryConfig::standard()));
    }
}
