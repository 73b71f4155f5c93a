//! Packages as those who send and receive them see them: written, verified, opened, attacked, and read by other programs.

mod attacks;
mod desk;
mod keys;
mod programs;
mod random;
mod whole;
