//! Tests of sources on real files that each test makes itself.
