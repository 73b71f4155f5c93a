//! The vault from outside: what a case promises, on real files.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails where it stands, and looks at files itself"
)]

mod across;
mod crash;
mod damage;
mod deciding;
mod entering;
mod leading;
mod leaving;
mod marking;
mod noting;
mod recording;
mod sheets;
mod simulation;
mod support;
mod turns;
