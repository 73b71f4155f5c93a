//! Containers around lists.
