//! Days of the calendar. The core has no clock: whoever calls says what day it is.

use std::fmt;

/// A day, as `2026-01-31`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Date {
    /// The year, 0 to 9999.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; nothing else is a date (RFC 3339, 5.6: full-date), nor is a day that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(n, b)| if n == 4 || n == 7 { *b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            return None;
        }
        let (year, month, day) =
            (text.get(..4)?.parse().ok()?, text.get(5..7)?.parse().ok()?, text.get(8..)?.parse().ok()?);
        (day >= 1 && day <= days(year, month)?).then_some(Self { year, month, day })
    }

    /// The day so many days after 1 January 1970.
    pub fn from_days_since_1970(days_since: u32) -> Self {
        let (mut year, mut left) = (1970_u16, days_since);
        let length = |year| if is_leap(year) { 366 } else { 365 };
        while left >= length(year) && year < 9999 {
            left -= length(year);
            year += 1;
        }
        let mut month = 1_u8;
        while let Some(length) = days(year, month).filter(|d| left >= u32::from(*d) && month < 12) {
            left -= u32::from(length);
            month += 1;
        }
        Self { year, month, day: u8::try_from(left + 1).unwrap_or(31) }
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days(year: u16, month: u8) -> Option<u8> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if is_leap(year) { 29 } else { 28 }),
        _ => None,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_and_no_others() {
        for right in ["2026-01-31", "2024-02-29", "2000-02-29", "0000-12-31"] {
            assert_eq!(Date::parse(right).map(|d| d.to_string()).as_deref(), Some(right));
        }
        for wrong in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-1",
            "26-01-01",
            "2026/01/01",
            "",
        ] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
        assert!(Date::parse("2025-12-31") < Date::parse("2026-01-01"));
    }

    #[test]
    fn days_are_counted_from_1970() {
        // Source: `date -u -d @SECONDS` for the multiples of 86,400.
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_453, "2025-12-31"),
        ] {
            assert_eq!(Date::from_days_since_1970(days).to_string(), date);
        }
    }
}
