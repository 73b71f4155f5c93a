//! Devices: which of them made an item, as far as the item says so.

use domain::Camera;

/// Fewest characters of a serial number that tells one device from another.
const SERIAL_CHARS_MIN: usize = 4;
/// What programs and devices write where they have no serial number, in small letters.
const NO_SERIAL: &[&str] =
    &["unknown", "none", "null", "undefined", "n/a", "not available", "default", "serial", "test"];
/// Digits that are written to fill a field.
const COUNTED: &[&str] = &["0123456789", "1234567890"];

/// Names a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// Key that stays the same: make, model and serial number, each with its slashes and backslashes escaped, joined by
    /// slashes. Empty for items that name no device.
    pub key: String,
    /// Name for a person: make and model, and the serial number.
    pub name: String,
    /// Whether a serial number tells it from others of its model.
    pub has_serial: bool,
}

/// Gives the device that an item names; one with an empty key and name where it names none.
pub fn device(camera: &Camera) -> Device {
    let text = |part: &Option<String>| part.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let (make, model) = (text(&camera.make), text(&camera.model));
    let serial = serial(camera.serial.as_deref()).unwrap_or_default();
    if make.is_empty() && model.is_empty() && serial.is_empty() {
        return Device { key: String::new(), name: String::new(), has_serial: false };
    }
    let key =
        [make.as_str(), model.as_str(), serial].map(|part| part.replace('\\', "\\\\").replace('/', "\\/")).join("/");
    let model = model_name(&make, &model);
    let name = match (model.is_empty(), serial.is_empty()) {
        (true, _) => serial.to_owned(),
        (false, true) => model,
        (false, false) => format!("{model}, {serial}"),
    };
    Device { key, name, has_serial: !serial.is_empty() }
}

/// Gives make and model without saying the make twice, as makers like to do: `Canon` and `Canon EOS 2000D`.
pub(crate) fn model_name(make: &str, model: &str) -> String {
    let first = make.split_whitespace().next().unwrap_or_default();
    let said = !first.is_empty() && model.get(..first.len()).is_some_and(|head| head.eq_ignore_ascii_case(first));
    match (make.is_empty(), model.is_empty()) {
        (true, _) => model.to_owned(),
        (false, true) => make.to_owned(),
        (false, false) if said => model.to_owned(),
        (false, false) => format!("{make} {model}"),
    }
}

/// Gives a serial number that is one: not what is written where there is none. Otherwise all that have none would be one.
pub(crate) fn serial(stated: Option<&str>) -> Option<&str> {
    let serial = stated?.trim();
    let small = serial.to_ascii_lowercase();
    let telling = small.chars().filter(|c| c.is_alphanumeric());
    let mut kinds: Vec<char> = telling.clone().collect();
    let count = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    // One character over and over is a filling, whichever it is.
    let filled = kinds.len() < 2 || NO_SERIAL.contains(&small.as_str()) || COUNTED.contains(&small.as_str());
    (count >= SERIAL_CHARS_MIN && !filled).then_some(serial)
}
