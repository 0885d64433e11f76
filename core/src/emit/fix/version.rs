//! The version that follows another. There is no clock: a stamp's next is a second later.

/// The version after `last`, written the same way: `0007` → `0008`, `20240131235959` → `20240201000000`, `1.4` → `1.5`.
pub(super) fn next(last: &str) -> String {
    let digits: String = last.chars().filter(char::is_ascii_digit).collect();
    let only_dashes = last.chars().all(|c| c.is_ascii_digit() || c == '-');
    if digits.len() == 14
        && only_dashes
        && let Some(stamp) = next_second(&digits)
    {
        // Put back between the dashes where they were.
        let mut stamp = stamp.chars();
        return last.chars().map(|c| if c == '-' { c } else { stamp.next().unwrap_or('0') }).collect();
    }
    let before = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = last.get(before.len()..).unwrap_or_default();
    if number.is_empty() {
        return format!("{last}1");
    }
    format!("{before}{}", plus_one(number))
}

/// One more, with as many digits at least.
fn plus_one(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return String::from_utf8_lossy(&digits).into_owned();
        }
    }
    format!("1{}", String::from_utf8_lossy(&digits))
}

/// `YYYYMMDDHHMMSS` a second later; `None` where it is no time.
fn next_second(digits: &str) -> Option<String> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
    let (mut year, mut month, mut day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (mut hour, mut minute, mut second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    second += 1;
    if second == 60 {
        second = 0;
        minute += 1;
    }
    if minute == 60 {
        minute = 0;
        hour += 1;
    }
    if hour == 24 {
        hour = 0;
        day += 1;
    }
    if day > days {
        day = 1;
        month += 1;
    }
    if month > 12 {
        month = 1;
        year += 1;
    }
    Some(format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn versions_are_followed_in_their_own_form() {
        for (last, after) in [
            ("0007", "0008"),
            ("9", "10"),
            ("099", "100"),
            ("1.4", "1.5"),
            ("2_9", "2_10"),
            ("20240131235959", "20240201000000"),
            ("20231231235959", "20240101000000"),
            ("20240228235959", "20240229000000"),
            ("2024-02-29-235959", "2024-03-01-000000"),
            ("00000000000000", "00000000000001"),
            ("1700000000000", "1700000000001"),
            ("abc", "abc1"),
        ] {
            assert_eq!(next(last), after, "after {last}");
        }
    }
}
