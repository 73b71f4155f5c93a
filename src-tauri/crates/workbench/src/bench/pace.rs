//! How fast a job is, and how long it will take, said calmly. Pure: moments are passed in.

use std::collections::VecDeque;

use domain::UtcTime;

/// Time over which the rate is taken, microseconds.
const WINDOW: i64 = 6_000_000;
/// Shortest time between two samples, so that the window needs few of them.
const SAMPLE_PAUSE: i64 = 100_000;
/// Time of samples that is needed before anything is said about what is left.
const SAY_FROM: i64 = 2_000_000;
/// Shortest time between two statements of what is left: each may grow by a fifth, so ten a second would be no rule.
const SAY_PAUSE: i64 = 1_000_000;
/// Fewest seconds that are said while anything is left; from fewer than five, a fifth is less than a second.
pub(super) const SECONDS_LEAST: u32 = 5;
/// Most seconds that are said: 99 hours.
pub(super) const SECONDS_MOST: u32 = 99 * 3600;

/// Follows how much is done.
#[derive(Debug, Default)]
pub(super) struct Pace {
    samples: VecDeque<(UtcTime, u64)>,
    said: Option<u32>,
    said_at: Option<UtcTime>,
    total_known: bool,
}

impl Pace {
    /// Takes how much is done, and how much there is, once that is known.
    pub fn take(&mut self, now: UtcTime, done: u64, total: Option<u64>) {
        if self.samples.back().is_some_and(|(at, before)| *before > done || *at > now) {
            // Another stage counts other things, or the clock was set back.
            self.samples.clear();
        }
        match self.samples.len() {
            // The newest of a crowd stands for it.
            count if count > 1 && now.0 - self.samples[count - 2].0.0 < SAMPLE_PAUSE => {
                self.samples[count - 1] = (now, done);
            }
            _ => self.samples.push_back((now, done)),
        }
        while self.samples.len() > 2 && now.0 - self.samples[1].0.0 >= WINDOW {
            self.samples.pop_front();
        }
        self.total_known = total.is_some();
        if let Some(total) = total {
            self.say(now, total.saturating_sub(done));
        }
    }

    /// Forgets the rate, as after a pause; what was said before still binds what is said next.
    pub fn restart(&mut self) {
        self.samples.clear();
    }

    /// Gives what is done a second, over the last seconds.
    pub fn rate(&self) -> f64 {
        let (Some((from, before)), Some((to, done))) = (self.samples.front(), self.samples.back()) else { return 0.0 };
        let seconds = (to.0 - from.0) as f64 / 1e6;
        if seconds > 0.0 { (done - before) as f64 / seconds } else { 0.0 }
    }

    /// Gives the seconds that are left, as they were said last.
    pub fn seconds_left(&self) -> Option<u32> {
        self.said.filter(|_| self.total_known)
    }

    fn say(&mut self, now: UtcTime, left: u64) {
        let (Some((from, _)), Some((to, _))) = (self.samples.front(), self.samples.back()) else { return };
        let early = to.0 - from.0 < SAY_FROM;
        let just_said = self.said_at.is_some_and(|at| at <= now && now.0 - at.0 < SAY_PAUSE);
        if early || just_said {
            return;
        }
        self.said = Some(calm(self.said, left as f64 / self.rate()));
        self.said_at = Some(now);
    }
}

/// Gives what may be said of what is left: never more than 20 % over what was said before.
pub(super) fn calm(before: Option<u32>, seconds: f64) -> u32 {
    // Without any rate the quotient is infinite, or no number when nothing is left either.
    let seconds = if seconds.is_nan() { 0.0 } else { seconds.ceil() };
    let wanted = seconds.clamp(f64::from(SECONDS_LEAST), f64::from(SECONDS_MOST)) as u32;
    before.map_or(wanted, |before| wanted.min(before + before / 5))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        (0..=10).for_each(|second| pace.take(UtcTime(second * SECOND), second as u64 * 100, None));
        (11..=30).for_each(|second| pace.take(UtcTime(second * SECOND), 1000 + (second as u64 - 10) * 10, None));
        assert!((pace.rate() - 10.0).abs() < 0.001, "{}", pace.rate());
        assert_eq!(pace.seconds_left(), None, "nobody knows how many there are");
    }

    #[test]
    fn what_is_left_is_said_after_two_seconds() {
        let mut pace = Pace::default();
        pace.take(UtcTime(0), 0, Some(1000));
        pace.take(UtcTime(SECOND), 10, Some(1000));
        assert_eq!(pace.seconds_left(), None);
        pace.take(UtcTime(2 * SECOND), 20, Some(1000));
        assert_eq!(pace.seconds_left(), Some(98));
    }

    #[test]
    fn a_new_stage_and_a_clock_that_is_set_back_break_nothing() {
        let mut pace = Pace::default();
        pace.take(UtcTime(5 * SECOND), 500, Some(1000));
        pace.take(UtcTime(6 * SECOND), 3, Some(10));
        assert!(pace.rate() == 0.0);
        pace.take(UtcTime(SECOND), 4, Some(10));
        assert!(pace.rate() == 0.0);
    }

    proptest! {
        #[test]
        fn what_is_said_never_grows_by_more_than_a_fifth(
            steps in proptest::collection::vec((0i64..3_000_000, 0u64..500, 0u64..100_000), 1..300),
        ) {
            let (mut pace, mut now, mut done, mut before) = (Pace::default(), 0, 0, None::<u32>);
            for (pause, more, left) in steps {
                now += pause;
                done += more;
                pace.take(UtcTime(now), done, Some(done + left));
                if let Some(said) = pace.seconds_left() {
                    prop_assert!((SECONDS_LEAST..=SECONDS_MOST).contains(&said));
                    if let Some(before) = before {
                        prop_assert!(f64::from(said) <= f64::from(before) * 1.2, "{before} became {said}");
                    }
                    before = Some(said);
                }
            }
        }

        #[test]
        fn what_was_too_little_is_made_good_in_the_end(before in SECONDS_LEAST..600u32, left in 600.0..10_000.0) {
            let mut said = before;
            (0..100).for_each(|_| said = calm(Some(said), left));
            prop_assert_eq!(f64::from(said), f64::ceil(left));
        }
    }
}
