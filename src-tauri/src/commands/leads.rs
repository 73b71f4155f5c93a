//! Commands about leads: what they rest on, what clues and links there are, where and when pictures were taken.

use tauri::State;
use workbench::Bench;
use workbench::view::leads::{
    ClueLine, EvidenceForm, LeadDetail, LeadForm, LeadLine, LinkLine, MadeHere, MapPoint, RegionView, RegionsView, TimeLine,
    VocabularyView,
};
use workbench::view::window::Ticket;

use super::{Answer, away};

#[tauri::command]
pub async fn vocabulary(bench: State<'_, Bench>) -> Answer<VocabularyView> {
    away(&bench, |bench| bench.vocabulary()).await
}

#[tauri::command]
pub async fn leads(bench: State<'_, Bench>) -> Answer<Vec<LeadLine>> {
    away(&bench, |bench| bench.leads()).await
}

#[tauri::command]
pub async fn lead(bench: State<'_, Bench>, lead: u32) -> Answer<LeadDetail> {
    away(&bench, move |bench| bench.lead(lead)).await
}

#[tauri::command]
pub async fn risks(bench: State<'_, Bench>) -> Answer<Vec<LeadLine>> {
    away(&bench, |bench| bench.risks()).await
}

#[tauri::command]
pub async fn lead_new(bench: State<'_, Bench>, form: LeadForm, evidence: Vec<EvidenceForm>) -> Answer<u32> {
    away(&bench, move |bench| bench.lead_new(&form, &evidence)).await
}

#[tauri::command]
pub async fn lead_save(bench: State<'_, Bench>, lead: u32, form: LeadForm) -> Answer<()> {
    away(&bench, move |bench| bench.lead_save(lead, &form)).await
}

#[tauri::command]
pub async fn lead_risk(bench: State<'_, Bench>, lead: u32, now: bool) -> Answer<()> {
    away(&bench, move |bench| bench.lead_risk(lead, now)).await
}

#[tauri::command]
pub async fn lead_risk_take(bench: State<'_, Bench>, lead: u32) -> Answer<()> {
    away(&bench, move |bench| bench.lead_risk_take(lead)).await
}

#[tauri::command]
pub async fn evidence_add(bench: State<'_, Bench>, lead: u32, evidence: Vec<EvidenceForm>) -> Answer<Vec<u64>> {
    away(&bench, move |bench| bench.evidence_add(lead, &evidence)).await
}

#[tauri::command]
pub async fn evidence_change(
    bench: State<'_, Bench>,
    evidence: u64,
    caption: String,
    region: Option<RegionView>,
) -> Answer<()> {
    away(&bench, move |bench| bench.evidence_change(evidence, &caption, region.as_ref())).await
}

#[tauri::command]
pub async fn evidence_remove(bench: State<'_, Bench>, evidence: Vec<u64>) -> Answer<()> {
    away(&bench, move |bench| bench.evidence_remove(&evidence)).await
}

#[tauri::command]
pub async fn leads_of(bench: State<'_, Bench>, number: u32) -> Answer<Vec<LeadLine>> {
    away(&bench, move |bench| bench.leads_of(number)).await
}

#[tauri::command]
pub async fn regions_reveal(bench: State<'_, Bench>, lead: u32, number: u32, longest_px: u32) -> Answer<Ticket> {
    away(&bench, move |bench| bench.regions_reveal(lead, number, longest_px)).await
}

#[tauri::command]
pub async fn clues(bench: State<'_, Bench>, lead: Option<u32>) -> Answer<Vec<ClueLine>> {
    away(&bench, move |bench| bench.clues(lead)).await
}

#[tauri::command]
pub async fn map_points(bench: State<'_, Bench>, lead: Option<u32>) -> Answer<Vec<MapPoint>> {
    away(&bench, move |bench| bench.map_points(lead)).await
}

#[tauri::command]
pub async fn time_line(bench: State<'_, Bench>, lead: Option<u32>) -> Answer<TimeLine> {
    away(&bench, move |bench| bench.time_line(lead)).await
}

#[tauri::command]
pub async fn clock_set(bench: State<'_, Bench>, device: String, ahead_s: i32, reason: String) -> Answer<()> {
    away(&bench, move |bench| bench.clock_set(&device, ahead_s, &reason)).await
}

#[tauri::command]
pub async fn made_here(bench: State<'_, Bench>) -> Answer<MadeHere> {
    away(&bench, |bench| bench.made_here()).await
}

#[tauri::command]
pub async fn links(bench: State<'_, Bench>, lead: Option<u32>) -> Answer<Vec<LinkLine>> {
    away(&bench, move |bench| bench.links(lead)).await
}

#[tauri::command]
pub async fn lead_regions(bench: State<'_, Bench>, lead: u32) -> Answer<RegionsView> {
    away(&bench, move |bench| bench.lead_regions(lead)).await
}

#[tauri::command]
pub async fn links_across(bench: State<'_, Bench>, index: String) -> Answer<Vec<LinkLine>> {
    away(&bench, move |bench| bench.links_across(&index)).await
}

#[tauri::command]
pub async fn index_add(bench: State<'_, Bench>, index: String) -> Answer<()> {
    away(&bench, move |bench| bench.index_add(&index)).await
}
