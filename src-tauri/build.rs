//! Makes the permissions of the window's own commands, and embeds what `tauri.conf.json` says.

fn main() {
    tauri_build::build();
}
