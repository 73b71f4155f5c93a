//! What leaves a case: packages that are signed and encrypted, and reports for the court.
//!
//! What it does: writes a package for named recipients, signed by a team lead, and opens one only when its signature, its
//! signer, its recipient and the digest of every file in it hold; sets a report as PDF/A, the same bytes for the same
//! figures.
//!
//! What it never does: read a case, decide what leaves, open case media, use the network, read the clock, or draw a random
//! number that was not asked for by the encryption of one package.
//!
//! Who may call it: `workbench`, and the custodian's `publish`.

pub mod package;
pub mod report;
