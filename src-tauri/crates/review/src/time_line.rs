//! The time line: when devices say that items were taken, by their own clocks.
//!
//! Times are wall clocks: what stood on the device, without a zone. Nothing is converted, and no zone is guessed. What a
//! person found out about a device's clock, that it is so many seconds ahead, is taken off.

use std::collections::BTreeMap;

use crate::clues::{Device, Row, device};

/// Most times of one device: more than a line has places for.
pub const TIMES_OF_A_DEVICE_MAX: usize = 20_000;
/// Most devices: those with most items.
pub const DEVICES_MAX: usize = 500;

/// Holds what is known of the clock of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Key of the device.
    pub device: String,
    /// Seconds by which it is ahead of the true time; behind it where negative.
    pub ahead_seconds: i32,
}

/// Holds the times of one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The device; with an empty key for items that name none.
    pub device: Device,
    /// Seconds by which its clock is ahead: what was taken off.
    pub ahead_seconds: i32,
    /// Items of it that have a time, also those that are left out.
    pub items: u32,
    /// Corrected wall clock, seconds since 1970 as if it were UTC, with the number of the item, by time.
    pub taken: Vec<(f64, u32)>,
}

/// Holds the time line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeLine {
    /// Devices, the one with most items first; items without a device last.
    pub devices: Vec<Times>,
    /// Items without a time of taking.
    pub undated: u32,
    /// Items that have a time and are left out, because there are too many.
    pub left_out: u32,
}

/// Lays the items of a case, or those of `among` (numbers, in any order), on a time line.
pub fn time_line(rows: &[Row], clocks: &[Clock], among: Option<&[u32]>) -> TimeLine {
    let asked: Option<std::collections::BTreeSet<u32>> = among.map(|among| among.iter().copied().collect());
    let asked_about = |row: &&Row| asked.as_ref().is_none_or(|asked| asked.contains(&row.number));
    let ahead: BTreeMap<&str, i32> = clocks.iter().map(|clock| (clock.device.as_str(), clock.ahead_seconds)).collect();
    let mut line = TimeLine::default();
    let mut devices: BTreeMap<Device, Vec<(f64, u32)>> = BTreeMap::new();
    for row in rows.iter().filter(asked_about) {
        match row.taken.as_ref().and_then(|taken| seconds(&taken.local)) {
            Some(seconds) => devices.entry(device(&row.camera)).or_default().push((seconds, row.number)),
            None => line.undated += 1,
        }
    }
    for (device, mut taken) in devices {
        let ahead_seconds = ahead.get(device.key.as_str()).copied().unwrap_or_default();
        taken.iter_mut().for_each(|(seconds, _)| *seconds -= f64::from(ahead_seconds));
        taken.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // Each item has a number of 32 bits.
        let items = taken.len() as u32;
        let taken = thinned(taken);
        line.devices.push(Times { device, ahead_seconds, items, taken });
    }
    line.devices.sort_by_key(|times| (times.device.key.is_empty(), std::cmp::Reverse(times.items)));
    line.devices.truncate(DEVICES_MAX);
    let dated: u32 = rows.iter().filter(asked_about).count() as u32 - line.undated;
    let kept: usize = line.devices.iter().map(|times| times.taken.len()).sum();
    line.left_out = dated - kept as u32;
    line
}

/// Leaves out so many times that the rest can be drawn, evenly from the first to the last.
fn thinned(taken: Vec<(f64, u32)>) -> Vec<(f64, u32)> {
    let (all, most) = (taken.len(), TIMES_OF_A_DEVICE_MAX);
    if all <= most {
        return taken;
    }
    (0..most).map(|at| taken[at * (all - 1) / (most - 1)]).collect()
}

/// Gives a wall clock, `YYYY-MM-DDTHH:MM:SS[.fff]`, as seconds since 1970 as if it were UTC.
pub fn seconds(local: &str) -> Option<f64> {
    let (clock, rest) = local.split_at_checked(19)?;
    let fraction = match rest.strip_prefix('.') {
        None if rest.is_empty() => 0.0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            rest.parse::<f64>().ok()?
        }
        _ => return None,
    };
    let bytes = clock.as_bytes();
    let separated = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separated.iter().any(|(at, byte)| bytes[*at] != *byte) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = clock.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let sound = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let whole = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    // Exact: below 2^53.
    sound.then_some(whole as f64 + fraction)
}

/// Counts the days from 1970-01-01 to a day of the Gregorian calendar. The year begins in March here, so that the day of
/// a leap year comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Months from March on have 31, 30, 31, 30, 31 days and again, which 153 days in five months say.
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests;
