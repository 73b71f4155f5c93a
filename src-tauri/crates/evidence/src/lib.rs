//! Placeholder.

mod metadata;
mod pdq;

pub use metadata::{Metadata, metadata};
pub use pdq::{Rgb8, pdq};
