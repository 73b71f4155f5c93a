//! Packages as those who send and receive them see them: written, verified, opened, attacked, and read by other programs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "packages that the test has made, never case media")]

mod attacks;
mod desk;
mod keys;
mod programs;
mod random;
mod whole;
