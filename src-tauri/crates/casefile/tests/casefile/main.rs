//! The vault from outside: what a case promises, on real files.

mod crash;
mod damage;
mod deciding;
mod entering;
mod recording;
mod simulation;
mod support;
