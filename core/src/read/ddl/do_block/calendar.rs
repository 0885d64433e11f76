//! Days, times of day and spans of time, as far as blocks compute the names and bounds of partitions with them.
//!
//! Source: PostgreSQL manual, 8.5 "Date/Time Types", 9.8 "Data Type Formatting Functions", 9.9 "Date/Time Functions and Operators".

/// How many seconds a day has: these clocks know no time zone.
const DAY: i64 = 86_400;
/// The years that are computed with.
const YEARS: std::ops::RangeInclusive<i64> = 1..=9_999;

/// Seconds since 1 January 1970, without time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Moment(i64);

/// A span of time: months and days have no fixed length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Interval {
    months: i64,
    days: i64,
    seconds: i64,
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Moment {
    /// A day of the calendar, at midnight.
    pub(super) fn day(year: i64, month: i64, day: i64) -> Option<Self> {
        if !YEARS.contains(&year) || !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        // Years begin in March, so that the leap day is a year's last.
        let shifted = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        Some(Self(days * DAY))
    }

    /// Year, month and day.
    fn date(self) -> (i64, i64, i64) {
        let days = self.0.div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, of_year - (153 * shifted + 2) / 5 + 1)
    }

    /// `2026-01-31` and `2026-01-31 10:20[:30]`, where nothing else is written.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
        let numbers = |text: &str, by: char| -> Option<Vec<i64>> {
            text.split(by)
                .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten())
                .collect()
        };
        let (date, time) = (numbers(date, '-')?, numbers(time, ':')?);
        let ([year, month, day], [hour, minute, rest @ ..]) = (date.as_slice(), time.as_slice()) else { return None };
        let second = match rest {
            [] => 0,
            [second] => *second,
            _ => return None,
        };
        if *year < 1_000 || *hour > 23 || *minute > 59 || second > 59 {
            return None;
        }
        Some(Self(Self::day(*year, *month, *day)?.0 + hour * 3_600 + minute * 60 + second))
    }

    /// The day, without the time.
    pub(super) fn midnight(self) -> Self {
        Self(self.0.div_euclid(DAY) * DAY)
    }

    /// So many days later.
    pub(super) fn plus_days(self, days: i64) -> Option<Self> {
        self.plus(Interval { days, ..Interval::default() })
    }

    /// How many days after `other` this day comes.
    pub(super) fn days_since(self, other: Self) -> i64 {
        (self.0 - other.0).div_euclid(DAY)
    }

    /// That much later: months first, the day cut to the month's last.
    pub(super) fn plus(self, interval: Interval) -> Option<Self> {
        let (year, month, day) = self.date();
        let months = (year * 12 + month - 1).checked_add(interval.months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let date = Self::day(year, month, day.min(days_of(year, month)))?;
        let days = interval.days.checked_mul(DAY)?.checked_add(interval.seconds)?;
        let out = Self(date.0.checked_add(self.0.rem_euclid(DAY))?.checked_add(days)?);
        YEARS.contains(&out.date().0).then_some(out)
    }

    /// date_trunc(): the start of the unit.
    pub(super) fn truncate(self, unit: &str) -> Option<Self> {
        let (year, month, _) = self.date();
        match unit.to_ascii_lowercase().as_str() {
            "year" => Self::day(year, 1, 1),
            "quarter" => Self::day(year, (month - 1) / 3 * 3 + 1, 1),
            "month" => Self::day(year, month, 1),
            // 1 January 1970 was a Thursday.
            "week" => self.midnight().plus_days(-(self.0.div_euclid(DAY) + 3).rem_euclid(7)),
            "day" => Some(self.midnight()),
            "hour" => Some(Self(self.0.div_euclid(3_600) * 3_600)),
            _ => None,
        }
    }

    /// extract() and date_part(), for the fields that are whole numbers.
    pub(super) fn field(self, field: &str) -> Option<i64> {
        let (year, month, day) = self.date();
        match field.to_ascii_lowercase().as_str() {
            "year" => Some(year),
            "quarter" => Some((month - 1) / 3 + 1),
            "month" => Some(month),
            "day" => Some(day),
            "hour" => Some(self.0.rem_euclid(DAY) / 3_600),
            _ => None,
        }
    }

    /// As text: a day, or a day and a time.
    pub(super) fn text(self, with_time: bool) -> String {
        let (year, month, day) = self.date();
        let time = self.0.rem_euclid(DAY);
        let date = format!("{year:04}-{month:02}-{day:02}");
        if with_time { format!("{date} {:02}:{:02}:{:02}", time / 3_600, time / 60 % 60, time % 60) } else { date }
    }

    /// to_char(), for patterns of numbers and marks.
    pub(super) fn format(self, pattern: &str) -> Option<String> {
        let (year, month, day) = self.date();
        let time = self.0.rem_euclid(DAY);
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(next) = rest.chars().next() {
            if let Some(quoted) = rest.strip_prefix('"') {
                let (inside, behind) = quoted.split_once('"')?;
                out.push_str(inside);
                rest = behind;
                continue;
            }
            let fields: [(&str, String); 8] = [
                ("YYYY", format!("{year:04}")),
                ("YY", format!("{:02}", year % 100)),
                ("MM", format!("{month:02}")),
                ("DD", format!("{day:02}")),
                ("HH24", format!("{:02}", time / 3_600)),
                ("MI", format!("{:02}", time / 60 % 60)),
                ("SS", format!("{:02}", time % 60)),
                ("Q", ((month - 1) / 3 + 1).to_string()),
            ];
            let upper = rest.to_ascii_uppercase();
            if let Some((field, value)) = fields.iter().find(|(field, _)| upper.starts_with(field)) {
                out.push_str(value);
                rest = rest.get(field.len()..)?;
            } else if next.is_alphanumeric() || next == '\\' {
                return None;
            } else {
                out.push(next);
                rest = rest.get(next.len_utf8()..)?;
            }
        }
        Some(out)
    }
}

impl Interval {
    /// `1 month`, `2 days 3 hours`: numbers with units.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut out = Self::default();
        let mut words = text.split_whitespace();
        let mut any = false;
        while let Some(number) = words.next() {
            let number: i64 = number.parse().ok().filter(|n: &i64| n.abs() < 1_000_000)?;
            let unit = words.next()?.to_ascii_lowercase();
            let unit = unit.strip_suffix('s').unwrap_or(&unit);
            match unit {
                "year" => out.months += 12 * number,
                "month" | "mon" => out.months += number,
                "week" => out.days += 7 * number,
                "day" => out.days += number,
                "hour" => out.seconds += 3_600 * number,
                "minute" | "min" => out.seconds += 60 * number,
                _ => return None,
            }
            any = true;
        }
        any.then_some(out)
    }

    /// So many times.
    pub(super) fn times(self, factor: i64) -> Option<Self> {
        Some(Self {
            months: self.months.checked_mul(factor)?,
            days: self.days.checked_mul(factor)?,
            seconds: self.seconds.checked_mul(factor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_spans() {
        // From PostgreSQL: SELECT date '2024-01-31' + interval '1 month', to_char(date '2024-02-29', 'YYYY"q"Q_MM'), …
        let at = |text| Moment::parse(text).unwrap();
        for (from, span, to) in [
            ("2024-01-31", "1 month", "2024-02-29 00:00:00"),
            ("2023-12-01", "13 months", "2025-01-01 00:00:00"),
            ("2024-03-01", "-1 day", "2024-02-29 00:00:00"),
            ("1999-12-31 23:30", "45 mins", "2000-01-01 00:15:00"),
            ("2000-02-29", "1 year", "2001-02-28 00:00:00"),
        ] {
            assert_eq!(at(from).plus(Interval::parse(span).unwrap()).unwrap().text(true), to, "{from} + {span}");
        }
        assert_eq!(at("2024-02-29").format("YYYY\"q\"Q_MM").as_deref(), Some("2024q1_02"));
        assert_eq!(at("2024-02-29").format("Month"), None);
        assert_eq!(at("2024-02-29").truncate("week").unwrap().text(false), "2024-02-26");
        assert_eq!(at("2024-08-15").truncate("quarter").unwrap().text(false), "2024-07-01");
        assert_eq!(at("2024-03-01").days_since(at("2023-03-01")), 366);
        for wrong in ["2023-02-29", "2024-13-01", "24-01-01", "2024-01-01 25:00", "tomorrow", ""] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }
}
