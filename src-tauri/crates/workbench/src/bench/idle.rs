//! Whether anybody is at the machine. Pure: moments are passed in.

use domain::UtcTime;

/// A minute in microseconds.
const MINUTE: i64 = 60_000_000;

/// Says what is to be done because nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing is to be seen any more.
    Blank,
    /// The case is to be locked.
    Lock,
}

/// Remembers when a hand moved.
#[derive(Debug)]
pub(super) struct Idle {
    last: UtcTime,
    blank: bool,
}

impl Idle {
    /// Begins with a hand at the machine.
    pub fn new(now: UtcTime) -> Self {
        Self { last: now, blank: false }
    }

    /// Notes that a hand moved.
    pub fn touch(&mut self, now: UtcTime) {
        *self = Self::new(now);
    }

    /// Says what is to be done now; each wish once, until a hand moves. A machine that slept has had nobody at it.
    pub fn tick(&mut self, now: UtcTime, blank_minutes: u32, lock_minutes: u32) -> Option<Wish> {
        if now < self.last {
            // The clock was set back: what has passed since is unknown, and no reason to wait for hours.
            self.last = now;
        }
        let idle = now.0 - self.last.0;
        if idle >= i64::from(lock_minutes) * MINUTE {
            return Some(Wish::Lock);
        }
        if !self.blank && idle >= i64::from(blank_minutes) * MINUTE {
            self.blank = true;
            return Some(Wish::Blank);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> UtcTime {
        UtcTime(minutes * MINUTE)
    }

    #[test]
    fn it_goes_blank_once_and_locks_later() {
        let mut idle = Idle::new(at(0));
        assert_eq!(idle.tick(at(4), 5, 15), None);
        assert_eq!(idle.tick(at(5), 5, 15), Some(Wish::Blank));
        assert_eq!(idle.tick(at(6), 5, 15), None);
        assert_eq!(idle.tick(at(15), 5, 15), Some(Wish::Lock));
    }

    #[test]
    fn a_hand_begins_it_anew() {
        let mut idle = Idle::new(at(0));
        assert_eq!(idle.tick(at(5), 5, 15), Some(Wish::Blank));
        idle.touch(at(14));
        assert_eq!(idle.tick(at(16), 5, 15), None);
        assert_eq!(idle.tick(at(19), 5, 15), Some(Wish::Blank));
    }

    #[test]
    fn a_machine_that_slept_is_locked_at_once() {
        assert_eq!(Idle::new(at(0)).tick(at(600), 5, 15), Some(Wish::Lock));
    }

    #[test]
    fn a_clock_that_is_set_back_counts_from_there() {
        let mut idle = Idle::new(at(1000));
        assert_eq!(idle.tick(at(10), 5, 15), None);
        assert_eq!(idle.tick(at(15), 5, 15), Some(Wish::Blank));
        assert_eq!(idle.tick(at(25), 5, 15), Some(Wish::Lock));
    }
}
