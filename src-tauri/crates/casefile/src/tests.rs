//! Whole cases, made, changed, opened again, tampered with, and verified.
