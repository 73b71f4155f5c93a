//! Commands about what leaves a case: exports that one person asks for and another signs, and the report.

use tauri::State;
use workbench::Bench;
use workbench::exports::NewKey;
use workbench::view::leads::{
    ExportForm, ExportLine, ExportPreview, ExportSample, QualificationLine, RecipientView, ReportDone,
};

use super::{Answer, away};

#[tauri::command]
pub async fn recipients(bench: State<'_, Bench>) -> Answer<Vec<RecipientView>> {
    away(&bench, |bench| bench.recipients()).await
}

#[tauri::command]
pub async fn export_preview(bench: State<'_, Bench>, what: String, media: bool) -> Answer<ExportPreview> {
    away(&bench, move |bench| bench.export_preview(&what, media)).await
}

#[tauri::command]
pub async fn export_request(bench: State<'_, Bench>, form: ExportForm) -> Answer<u32> {
    away(&bench, move |bench| bench.export_request(&form)).await
}

#[tauri::command]
pub async fn exports(bench: State<'_, Bench>) -> Answer<Vec<ExportLine>> {
    away(&bench, |bench| bench.exports()).await
}

#[tauri::command]
pub async fn export_withdraw(bench: State<'_, Bench>, request: u32) -> Answer<()> {
    away(&bench, move |bench| bench.export_withdraw(request)).await
}

#[tauri::command]
pub async fn export_sample(bench: State<'_, Bench>, request: u32) -> Answer<ExportSample> {
    away(&bench, move |bench| bench.export_sample(request)).await
}

#[tauri::command]
pub async fn export_sign(
    bench: State<'_, Bench>,
    request: u32,
    key_file: String,
    key_passphrase: String,
    out: String,
    unlooked: bool,
) -> Answer<ExportLine> {
    away(&bench, move |bench| bench.export_sign(request, &key_file, key_passphrase, &out, unlooked)).await
}

#[tauri::command]
pub async fn signing_key_make(bench: State<'_, Bench>, out: String, passphrase: String) -> Answer<NewKey> {
    away(&bench, move |bench| bench.signing_key_make(&out, passphrase)).await
}

#[tauri::command]
pub async fn qualification(bench: State<'_, Bench>) -> Answer<Vec<QualificationLine>> {
    away(&bench, |bench| bench.qualification()).await
}

#[tauri::command]
pub async fn qualification_state(
    bench: State<'_, Bench>,
    acts: Vec<(String, Option<u32>)>,
) -> Answer<Vec<QualificationLine>> {
    away(&bench, move |bench| bench.qualification_state(&acts)).await
}

#[tauri::command]
pub async fn report_write(bench: State<'_, Bench>, language: String, out: String) -> Answer<ReportDone> {
    away(&bench, move |bench| bench.report_write(&language, &out)).await
}
