//! Commands about other tools: their cases, looked at and added, and a case that is written for them.

use tauri::State;
use workbench::Bench;
use workbench::view::foreign::{ForeignForm, ForeignLook, VicsDone};

use super::{Answer, away};

#[tauri::command]
pub async fn foreign_find(bench: State<'_, Bench>, paths: Vec<String>) -> Answer<Vec<String>> {
    away(&bench, move |bench| bench.foreign_find(&paths)).await
}

#[tauri::command]
pub async fn foreign_look(bench: State<'_, Bench>, form: ForeignForm) -> Answer<ForeignLook> {
    away(&bench, move |bench| bench.foreign_look(&form)).await
}

#[tauri::command]
pub async fn foreign_add(bench: State<'_, Bench>, form: ForeignForm) -> Answer<u32> {
    away(&bench, move |bench| bench.foreign_add(&form)).await
}

#[tauri::command]
pub async fn vics_write(bench: State<'_, Bench>, out: String) -> Answer<VicsDone> {
    away(&bench, move |bench| bench.vics_write(&out)).await
}
