//! Keeps what is unpacked ahead of its readers within bounds.
//!
//! Members of a packed tar stream can be read only in passing, so each is unpacked before it is handed out. Whoever
//! unpacks waits here while too much of that still waits to be looked at.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Unpacked bytes of one stream that may wait for their readers at once.
const WAITING_BYTES_MAX: u64 = 128 << 20;

/// Time after which unpacking goes on although nothing was given back: a caller that collects members before reading
/// any of them must get them all, and then memory is that caller's choice.
const PATIENCE: Duration = Duration::from_secs(10);

/// Counts the bytes of one stream that wait for their readers.
#[derive(Default)]
pub(crate) struct Waiting {
    bytes: Mutex<u64>,
    given_back: Condvar,
}

/// Holds some of the bytes that may wait, until it is dropped.
pub(crate) struct Share {
    of: Arc<Waiting>,
    bytes: u64,
}

impl Waiting {
    /// Waits until there is room, then counts the bytes in. One member is always let through.
    pub(crate) fn take(self: &Arc<Self>, bytes: u64) -> Arc<Share> {
        let mut waiting = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        while *waiting > 0 && waiting.saturating_add(bytes) > WAITING_BYTES_MAX {
            let (guard, timeout) =
                self.given_back.wait_timeout(waiting, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
            if timeout.timed_out() {
                break;
            }
        }
        *waiting = waiting.saturating_add(bytes);
        Arc::new(Share { of: Arc::clone(self), bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut waiting = self.of.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = waiting.saturating_sub(self.bytes);
        drop(waiting);
        self.of.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_large_one_passes_and_all_is_given_back() {
        let waiting = Arc::new(Waiting::default());
        let large = waiting.take(WAITING_BYTES_MAX * 2);
        let other = Arc::clone(&waiting);
        let next = std::thread::spawn(move || drop(other.take(1)));
        drop(large);
        next.join().unwrap();
        assert_eq!(*waiting.bytes.lock().unwrap(), 0);
    }
}
