//! What the program gives up, or sets right, before anything else of it runs. Everything here depends on Linux.

use std::path::Path;

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;

/// Where the kernel lists what draws.
const RENDERERS: &str = "/dev/dri";
/// Says to Tauri that a WebDriver drives the window.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";
/// Make WebKit open a port on which somebody could look into the window.
const INSPECTORS: [&str; 2] = ["WEBKIT_INSPECTOR_SERVER", "WEBKIT_INSPECTOR_HTTP_SERVER"];
/// By how much of itself the heap of the pages' script may grow before all of it is collected. WebKit takes 3 where there are
/// 16 GiB of memory or more (`heapGrowthMaxIncrease` of JavaScriptCore): some hundred MiB more, all of them garbage of scrolling.
const HEAP_GROWTH: &str = "JSC_heapGrowthMaxIncrease";
const HEAP_GROWTH_BY: &str = "1";

/// Tells whether a WebDriver drives this window: never in a program as it is delivered.
pub fn is_driven() -> bool {
    cfg!(debug_assertions) && std::env::var(AUTOMATION).as_deref() == Ok("true")
}

/// Lets no memory of this process, and of what it starts, be written to a file when it falls.
pub fn keep_no_cores() -> bool {
    setrlimit(Resource::RLIMIT_CORE, 0, 0).is_ok()
}

/// Ends this process when the one that started it ends.
pub fn end_with_parent() -> bool {
    prctl::set_pdeathsig(Signal::SIGTERM).is_ok()
}

/// Lets no other program of this user read the memory of this process.
pub fn close_memory() -> bool {
    prctl::set_dumpable(false).is_ok()
}

/// Sets the environment for WebKit: without a graphics card its compositing costs three to four times as much, a port of an
/// inspector is opened for tests alone, and the pages' heap grows as on a small machine.
pub fn prepare_environment() {
    if !is_driven() {
        for name in INSPECTORS.into_iter().chain([AUTOMATION]) {
            // SAFETY: the program has not started a thread; those of its libraries wait for work, and read no environment.
            unsafe { std::env::remove_var(name) };
        }
    }
    // SAFETY: as above.
    unsafe { std::env::set_var(HEAP_GROWTH, HEAP_GROWTH_BY) };
    if !has_renderer(Path::new(RENDERERS)) {
        // SAFETY: as above.
        unsafe { std::env::set_var("WEBKIT_DISABLE_COMPOSITING_MODE", "1") };
    }
}

fn has_renderer(folder: &Path) -> bool {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.as_encoded_bytes().starts_with(b"renderD"))
}

#[cfg(test)]
mod tests {
    use super::has_renderer;

    #[test]
    fn a_card_without_a_renderer_does_not_draw() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_renderer(&folder.path().join("absent")));
        std::fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_renderer(folder.path()));
        std::fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_renderer(folder.path()));
    }
}
