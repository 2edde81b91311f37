//! The settings of retries, which the SDK takes from AWS's variables and the profile, and at which it panics where they
//! have a wrong value.

use std::str::FromStr as _;

use aws_config::retry::{RetryConfig, RetryMode};
use aws_config::{BehaviorVersion, Region};
use aws_types::service_config::ServiceConfigKey;

/// A setting of retries: its variable, its key in a profile, and the values that it takes.
pub(crate) struct Setting {
    pub(crate) variable: &'static str,
    pub(crate) key: &'static str,
    pub(crate) values: &'static str,
    takes: fn(&str) -> bool,
}

const SETTINGS: [Setting; 2] = [
    Setting {
        variable: "AWS_RETRY_MODE",
        key: "retry_mode",
        values: "standard or adaptive",
        takes: |value| RetryMode::from_str(value).is_ok(),
    },
    Setting {
        variable: "AWS_MAX_ATTEMPTS",
        key: "max_attempts",
        values: "a whole number from 1 to 4294967295",
        takes: |value| value.parse::<u32>().is_ok_and(|attempts| attempts > 0),
    },
];

/// The first setting of retries that has a wrong value where the SDK finds it; to be asked before the SDK takes them.
pub(crate) async fn wrong(region: Region) -> Option<Setting> {
    // With retries given, the SDK does not look at these settings itself.
    let loader = aws_config::defaults(BehaviorVersion::latest()).region(region).no_credentials();
    let sdk = loader.retry_config(RetryConfig::standard()).load().await;
    SETTINGS.into_iter().find(|setting| {
        // No service has this ID: the value is the one for all services.
        let asked = ServiceConfigKey::builder().service_id("none").env(setting.variable).profile(setting.key);
        let value = asked.build().ok().zip(sdk.service_config()).and_then(|(asked, found)| found.load_config(asked));
        value.is_some_and(|value| !(setting.takes)(&value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_takes_what_the_sdk_takes() {
        for (variable, value, taken) in [
            ("AWS_RETRY_MODE", "standard", true),
            ("AWS_RETRY_MODE", " Adaptive ", true),
            ("AWS_RETRY_MODE", "fast", false),
            ("AWS_RETRY_MODE", "legacy", false),
            ("AWS_RETRY_MODE", "", false),
            ("AWS_MAX_ATTEMPTS", "1", true),
            ("AWS_MAX_ATTEMPTS", "4294967295", true),
            ("AWS_MAX_ATTEMPTS", "4294967296", false),
            ("AWS_MAX_ATTEMPTS", "0", false),
            ("AWS_MAX_ATTEMPTS", "-1", false),
            ("AWS_MAX_ATTEMPTS", "three", false),
            ("AWS_MAX_ATTEMPTS", " 3", false),
            ("AWS_MAX_ATTEMPTS", "", false),
        ] {
            let setting = SETTINGS.iter().find(|setting| setting.variable == variable).expect("a setting");
            assert_eq!((setting.takes)(value), taken, "{variable}={value}");
        }
    }
}
