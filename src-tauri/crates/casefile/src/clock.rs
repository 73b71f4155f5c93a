//! Clocks of devices: how far each is ahead of the true time, as people believe, and why.

use domain::{UserName, UtcTime};
use serde::Serialize;

use crate::model::OperationId;
use crate::{CaseFile, Result};

/// Most characters of the key of a device.
pub const DEVICE_CHARS_MAX: usize = 500;
/// Most characters of the reason.
pub const CLOCK_REASON_CHARS_MAX: usize = 2000;

/// Tells what is believed of a device's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockRow {
    /// Key of the device, as the caller names it.
    pub device: String,
    /// Seconds by which its clock is ahead of the true time; negative when it is behind.
    pub ahead_seconds: i32,
    /// Why that is believed.
    pub reason: String,
    /// Who said so.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
}

impl CaseFile {
    /// Says how far a device's clock is ahead. `None` when that is said already. It can be undone.
    pub fn clock_set(
        &self,
        device: &str,
        ahead_seconds: i32,
        reason: &str,
        now: UtcTime,
    ) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Lists what is believed of clocks, by device.
    pub fn clocks(&self) -> Result<Vec<ClockRow>> {
        todo!()
    }
}
