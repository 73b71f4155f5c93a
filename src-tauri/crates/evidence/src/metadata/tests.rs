//! Metadata on files made here.
