//! Where the users' clocks are.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use time::UtcDateTime;

/// The time zone that hours, weekdays and dates are in; by default UTC.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name in the IANA time zone database, such as `Europe/Berlin`. The database is part of the
    /// program: none is looked for on the machine.
    ///
    /// # Errors
    /// [`ZoneUnknown`].
    pub fn named(name: &str) -> Result<Self, ZoneUnknown> {
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(|_| ZoneUnknown { found: name.to_owned() })
    }

    /// Returns the date and time that clocks there show; `None` beyond the year 9999.
    pub(crate) fn civil(&self, now: UtcDateTime) -> Option<DateTime> {
        Some(self.0.to_datetime(Timestamp::from_second(now.unix_timestamp()).ok()?))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

/// A time zone that is not in the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no time zone: expected a name of the IANA database, such as Europe/Berlin")]
pub struct ZoneUnknown {
    found: String,
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    fn civil(zone: &str, second: i64) -> DateTime {
        Zone::named(zone).unwrap().civil(UtcDateTime::from_unix_timestamp(second).unwrap()).unwrap()
    }

    #[test]
    fn a_weekend_begins_where_the_users_are() {
        // 2026-11-20T23:30:00Z.
        let friday_night = 1_795_217_400;
        assert_eq!(civil("UTC", friday_night).weekday(), Weekday::Friday);
        assert_eq!(civil("Europe/Berlin", friday_night).weekday(), Weekday::Saturday);
        assert_eq!(civil("America/New_York", friday_night).hour(), 18);
    }

    #[test]
    fn daylight_saving_is_known() {
        // 2026-10-25T00:30:00Z and an hour later: the same half past two in Berlin.
        for second in [1_792_888_200, 1_792_891_800] {
            assert_eq!((civil("Europe/Berlin", second).hour(), civil("Europe/Berlin", second).minute()), (2, 30));
        }
    }

    #[test]
    fn an_unknown_zone_is_named() {
        for name in ["Europe/Bonn", "", "CET-1CEST", "../etc/passwd"] {
            assert_eq!(Zone::named(name).unwrap_err(), ZoneUnknown { found: name.to_owned() });
        }
    }
}
