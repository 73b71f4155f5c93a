//! The post room: fetches releases of hash sets, and verifies them.
//!
//! What it does: keeps the enrolments of this workstation and the memory of what was accepted before; reads a publisher's
//! repository (The Update Framework) from a web server or a folder; verifies signatures, versions, expiry, lengths and
//! hashes; and lays the verified files where `zeef` finds them, with one [`domain::release::Handover`] a publisher.
//!
//! What it never does: parse a file of entries, touch the index, decide what hides, or trust a server, a disk or the
//! clock. Nothing else in Zeef uses the network, and this uses it only for what was enrolled or named.
//!
//! Who may call it: its own program `zeef-sync`, which `zeef sync` starts. Time and chance are passed in.

mod access;
mod account;
mod download;
mod enrol;
mod error;
mod folder;
mod leads;
mod leave;
mod mark;
mod partners;
mod refresh;
mod run;
mod transport;
mod trust;
mod visit;

pub use access::{Access, grant};
pub use account::{Introduction, Status, TwoPeople, reset, status};
pub use enrol::{Offer, enrol, look};
pub use error::Error;
pub use folder::Room;
pub use leave::leave;
pub use run::{Order, Progress, fetch};
pub use transport::{Patience, Web};
