//! The commands of the window: each takes what the page sent, calls the workbench, and gives what it gave.
//!
//! Each runs on a thread of its own, so that one that takes long keeps no other waiting. Their names and arguments stand in
//! `ui/src/backend/commands.ts` too, and their names in `build.rs`: a test holds that they agree.

mod foreign;
mod leads;
mod leaving;

use std::path::PathBuf;
use std::sync::mpsc;

use rfd::AsyncFileDialog;
use tauri::ipc::Invoke;
use tauri::{AppHandle, State};
use workbench::view::detail::{DayView, ItemDetail, NoticeView, NumbersView, Strip};
use workbench::view::grid::{
    DecideDone, DecidePreview, Facets, HiddenLine, Mark, NoteDraft, Others, RefusedList, SavedView, Target, Tile,
    UndoLabel, UndoState, ViewHead, ViewQuery,
};
use workbench::view::window::{
    CaseHead, EnrolmentView, ImportForm, ImportPreview, JobView, MissingSet, NewCaseForm, PublisherLine, RevealForm,
    SecurityLine, SetLine, Settings, Startup, Ticket, UserLine, WindowError,
};
use workbench::{Bench, Code, Error};

type Answer<T> = Result<T, WindowError>;

/// Gives what takes the calls of the page.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        crate::events::listen,
        startup,
        settings_save,
        recent_forget,
        activity,
        security,
        pick_folder,
        pick_files,
        pick_save,
        case_new,
        case_open,
        demo_open,
        case_close,
        lock,
        unlock,
        users,
        user_add,
        user_remove,
        passphrase_change,
        jobs,
        sources_add,
        sources_resume,
        rematch_run,
        verify_run,
        job_pause,
        job_resume,
        job_stop,
        refused_list,
        strip,
        view_open,
        view_refresh,
        view_head,
        view_close,
        view_tiles,
        view_numbers,
        view_index,
        view_next_undecided,
        facets,
        saved_views,
        saved_view_put,
        saved_view_remove,
        hidden_lines,
        item,
        item_number,
        decide_preview,
        decide,
        mark,
        note,
        note_draft,
        note_drafts,
        undo,
        redo,
        undo_state,
        show_again,
        notices,
        notices_read,
        feedback_write,
        reveal,
        reveal_end,
        sets,
        sets_missing,
        sets_give_up,
        publishers,
        sync_run,
        sync_accept,
        sync_enrol,
        sync_enrol_look,
        set_preview,
        set_import,
        set_remove,
        numbers,
        day,
        break_taken,
        leads::vocabulary,
        leads::leads,
        leads::lead,
        leads::risks,
        leads::lead_new,
        leads::lead_save,
        leads::lead_risk,
        leads::lead_risk_take,
        leads::evidence_add,
        leads::evidence_change,
        leads::evidence_remove,
        leads::leads_of,
        leads::regions_reveal,
        leads::clues,
        leads::map_points,
        leads::time_line,
        leads::clock_set,
        leads::made_here,
        leads::links,
        leads::lead_regions,
        leads::links_across,
        leads::index_add,
        leaving::recipients,
        leaving::export_preview,
        leaving::export_request,
        leaving::exports,
        leaving::export_withdraw,
        leaving::export_sample,
        leaving::export_sign,
        leaving::signing_key_make,
        leaving::qualification,
        leaving::qualification_state,
        leaving::report_write,
        foreign::foreign_find,
        foreign::foreign_look,
        foreign::foreign_add,
        foreign::vics_write,
    ]
}

/// Does work of the bench where it keeps nobody waiting.
async fn away<T: Send + 'static>(bench: &Bench, work: impl FnOnce(&Bench) -> Answer<T> + Send + 'static) -> Answer<T> {
    let bench = bench.clone();
    let worked = tauri::async_runtime::spawn_blocking(move || work(&bench)).await;
    // What it says of itself is not told: the text of a panic could name anything.
    worked.unwrap_or_else(|_| Err(defect(&"a panic")))
}

/// Begins something on the main thread, where windows are made, and gives what it began.
fn on_main<T: Send + 'static>(app: &AppHandle, begin: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    let (say, said) = mpsc::channel();
    let asked = app.run_on_main_thread(move || {
        // Nobody hears it when the program is ending.
        let _ = say.send(begin());
    });
    asked.map_err(|error| defect(&error))?;
    said.recv().map_err(|error| defect(&error))
}

fn defect(detail: &dyn std::fmt::Display) -> WindowError {
    let message = "The program could not do this, by a defect of its own. What was saved before is kept.";
    Error::new(Code::Internal, message, "Try it again. If this stays, tell whoever keeps this machine.")
        .with_detail(detail)
        .into()
}

fn text(path: PathBuf) -> String {
    Bench::path_text(&path)
}

#[tauri::command]
pub async fn startup(bench: State<'_, Bench>) -> Answer<Startup> {
    away(&bench, |bench| Ok(bench.startup())).await
}

#[tauri::command]
pub async fn settings_save(bench: State<'_, Bench>, settings: Settings) -> Answer<()> {
    away(&bench, move |bench| bench.settings_save(settings)).await
}

#[tauri::command]
pub async fn recent_forget(bench: State<'_, Bench>, dir: String) -> Answer<()> {
    away(&bench, move |bench| bench.recent_forget(&dir)).await
}

#[tauri::command]
pub async fn activity(bench: State<'_, Bench>) -> Answer<()> {
    away(&bench, |bench| {
        bench.activity();
        Ok(())
    })
    .await
}

#[tauri::command]
pub async fn security(bench: State<'_, Bench>) -> Answer<Vec<SecurityLine>> {
    away(&bench, |bench| bench.security()).await
}

#[tauri::command]
pub async fn pick_folder(app: AppHandle, title: String) -> Answer<Option<String>> {
    let dialog = on_main(&app, || AsyncFileDialog::new().set_title(title).pick_folder())?;
    Ok(dialog.await.map(|found| text(found.into())))
}

#[tauri::command]
pub async fn pick_files(app: AppHandle, title: String) -> Answer<Vec<String>> {
    let dialog = on_main(&app, || AsyncFileDialog::new().set_title(title).pick_files())?;
    Ok(dialog.await.unwrap_or_default().into_iter().map(|found| text(found.into())).collect())
}

#[tauri::command]
pub async fn pick_save(app: AppHandle, title: String, name: String) -> Answer<Option<String>> {
    let dialog = on_main(&app, || AsyncFileDialog::new().set_title(title).set_file_name(name).save_file())?;
    Ok(dialog.await.map(|found| text(found.into())))
}

#[tauri::command]
pub async fn case_new(bench: State<'_, Bench>, form: NewCaseForm) -> Answer<CaseHead> {
    away(&bench, move |bench| bench.case_new(form)).await
}

#[tauri::command]
pub async fn case_open(bench: State<'_, Bench>, dir: String, user: String, passphrase: String) -> Answer<CaseHead> {
    away(&bench, move |bench| bench.case_open(&dir, &user, passphrase)).await
}

#[tauri::command]
pub async fn demo_open(bench: State<'_, Bench>) -> Answer<CaseHead> {
    away(&bench, |bench| bench.demo_open()).await
}

#[tauri::command]
pub async fn case_close(bench: State<'_, Bench>) -> Answer<()> {
    away(&bench, |bench| bench.case_close()).await
}

#[tauri::command]
pub async fn lock(bench: State<'_, Bench>) -> Answer<()> {
    away(&bench, |bench| {
        bench.lock();
        Ok(())
    })
    .await
}

#[tauri::command]
pub async fn unlock(bench: State<'_, Bench>, passphrase: String) -> Answer<CaseHead> {
    away(&bench, move |bench| bench.unlock(passphrase)).await
}

#[tauri::command]
pub async fn users(bench: State<'_, Bench>) -> Answer<Vec<UserLine>> {
    away(&bench, |bench| bench.users()).await
}

#[tauri::command]
pub async fn user_add(bench: State<'_, Bench>, name: String, role: String, passphrase: String) -> Answer<()> {
    away(&bench, move |bench| bench.user_add(&name, &role, passphrase)).await
}

#[tauri::command]
pub async fn user_remove(bench: State<'_, Bench>, name: String) -> Answer<()> {
    away(&bench, move |bench| bench.user_remove(&name)).await
}

#[tauri::command]
pub async fn passphrase_change(bench: State<'_, Bench>, passphrase: String) -> Answer<()> {
    away(&bench, move |bench| bench.passphrase_change(passphrase)).await
}

#[tauri::command]
pub async fn jobs(bench: State<'_, Bench>) -> Answer<Vec<JobView>> {
    away(&bench, |bench| Ok(bench.jobs())).await
}

#[tauri::command]
pub async fn sources_add(bench: State<'_, Bench>, paths: Vec<String>) -> Answer<u32> {
    away(&bench, move |bench| bench.sources_add(&paths)).await
}

#[tauri::command]
pub async fn sources_resume(bench: State<'_, Bench>) -> Answer<u32> {
    away(&bench, |bench| bench.sources_resume()).await
}

#[tauri::command]
pub async fn rematch_run(bench: State<'_, Bench>) -> Answer<u32> {
    away(&bench, |bench| bench.rematch_run()).await
}

#[tauri::command]
pub async fn verify_run(bench: State<'_, Bench>, noted_head: Option<String>) -> Answer<u32> {
    away(&bench, move |bench| bench.verify_run(noted_head.as_deref())).await
}

#[tauri::command]
pub async fn job_pause(bench: State<'_, Bench>, job: u32) -> Answer<()> {
    away(&bench, move |bench| bench.job_pause(job)).await
}

#[tauri::command]
pub async fn job_resume(bench: State<'_, Bench>, job: u32) -> Answer<()> {
    away(&bench, move |bench| bench.job_resume(job)).await
}

#[tauri::command]
pub async fn job_stop(bench: State<'_, Bench>, job: u32) -> Answer<()> {
    away(&bench, move |bench| bench.job_stop(job)).await
}

#[tauri::command]
pub async fn refused_list(bench: State<'_, Bench>, start: u32, count: u32) -> Answer<RefusedList> {
    away(&bench, move |bench| bench.refused_list(start, count)).await
}

#[tauri::command]
pub async fn strip(bench: State<'_, Bench>) -> Answer<Strip> {
    away(&bench, |bench| bench.strip()).await
}

#[tauri::command]
pub async fn view_open(bench: State<'_, Bench>, query: ViewQuery, anchor: Option<u32>) -> Answer<ViewHead> {
    away(&bench, move |bench| bench.view_open(query, anchor)).await
}

#[tauri::command]
pub async fn view_refresh(bench: State<'_, Bench>, view: u32, anchor: Option<u32>) -> Answer<ViewHead> {
    away(&bench, move |bench| bench.view_refresh(view, anchor)).await
}

#[tauri::command]
pub async fn view_head(bench: State<'_, Bench>, view: u32) -> Answer<ViewHead> {
    away(&bench, move |bench| bench.view_head(view)).await
}

#[tauri::command]
pub async fn view_close(bench: State<'_, Bench>, view: u32) -> Answer<()> {
    away(&bench, move |bench| bench.view_close(view)).await
}

#[tauri::command]
pub async fn view_tiles(bench: State<'_, Bench>, view: u32, start: u32, count: u32) -> Answer<Vec<Tile>> {
    away(&bench, move |bench| bench.view_tiles(view, start, count)).await
}

#[tauri::command]
pub async fn view_numbers(bench: State<'_, Bench>, view: u32, start: u32, count: u32) -> Answer<Vec<u32>> {
    away(&bench, move |bench| bench.view_numbers(view, start, count)).await
}

#[tauri::command]
pub async fn view_index(bench: State<'_, Bench>, view: u32, number: u32) -> Answer<Option<u32>> {
    away(&bench, move |bench| bench.view_index(view, number)).await
}

#[tauri::command]
pub async fn view_next_undecided(bench: State<'_, Bench>, view: u32, after: u32) -> Answer<Option<u32>> {
    away(&bench, move |bench| bench.view_next_undecided(view, after)).await
}

#[tauri::command]
pub async fn facets(bench: State<'_, Bench>, query: ViewQuery) -> Answer<Facets> {
    away(&bench, move |bench| bench.facets(query)).await
}

#[tauri::command]
pub async fn saved_views(bench: State<'_, Bench>) -> Answer<Vec<SavedView>> {
    away(&bench, |bench| bench.saved_views()).await
}

#[tauri::command]
pub async fn saved_view_put(bench: State<'_, Bench>, view: SavedView) -> Answer<()> {
    away(&bench, move |bench| bench.saved_view_put(view)).await
}

#[tauri::command]
pub async fn saved_view_remove(bench: State<'_, Bench>, name: String) -> Answer<()> {
    away(&bench, move |bench| bench.saved_view_remove(&name)).await
}

#[tauri::command]
pub async fn hidden_lines(bench: State<'_, Bench>, view: u32, start: u32, count: u32) -> Answer<Vec<HiddenLine>> {
    away(&bench, move |bench| bench.hidden_lines(view, start, count)).await
}

#[tauri::command]
pub async fn item(bench: State<'_, Bench>, number: u32) -> Answer<ItemDetail> {
    away(&bench, move |bench| bench.item(number)).await
}

#[tauri::command]
pub async fn item_number(bench: State<'_, Bench>, sha256: String) -> Answer<Option<u32>> {
    away(&bench, move |bench| bench.item_number(&sha256)).await
}

#[tauri::command]
pub async fn decide_preview(
    bench: State<'_, Bench>,
    target: Target,
    category: Option<String>,
) -> Answer<DecidePreview> {
    away(&bench, move |bench| bench.decide_preview(&target, category.as_deref())).await
}

#[tauri::command]
pub async fn decide(
    bench: State<'_, Bench>,
    target: Target,
    category: Option<String>,
    others: Others,
    note: Option<String>,
) -> Answer<DecideDone> {
    away(&bench, move |bench| bench.decide(&target, category.as_deref(), others, note.as_deref())).await
}

#[tauri::command]
pub async fn mark(bench: State<'_, Bench>, target: Target, mark: Mark, on: bool) -> Answer<DecideDone> {
    away(&bench, move |bench| bench.mark(&target, mark, on)).await
}

#[tauri::command]
pub async fn note(bench: State<'_, Bench>, number: u32, text: String) -> Answer<()> {
    away(&bench, move |bench| bench.note(number, &text)).await
}

#[tauri::command]
pub async fn note_draft(bench: State<'_, Bench>, number: u32, text: Option<String>) -> Answer<()> {
    away(&bench, move |bench| bench.note_draft(number, text)).await
}

#[tauri::command]
pub async fn note_drafts(bench: State<'_, Bench>) -> Answer<Vec<NoteDraft>> {
    away(&bench, |bench| bench.note_drafts()).await
}

#[tauri::command]
pub async fn undo(bench: State<'_, Bench>) -> Answer<Option<UndoLabel>> {
    away(&bench, |bench| bench.undo()).await
}

#[tauri::command]
pub async fn redo(bench: State<'_, Bench>) -> Answer<Option<UndoLabel>> {
    away(&bench, |bench| bench.redo()).await
}

#[tauri::command]
pub async fn undo_state(bench: State<'_, Bench>) -> Answer<UndoState> {
    away(&bench, |bench| bench.undo_state()).await
}

#[tauri::command]
pub async fn show_again(bench: State<'_, Bench>, number: u32, reason: String) -> Answer<()> {
    away(&bench, move |bench| bench.show_again(number, &reason)).await
}

#[tauri::command]
pub async fn notices(bench: State<'_, Bench>, unread_only: bool) -> Answer<Vec<NoticeView>> {
    away(&bench, move |bench| bench.notices(unread_only)).await
}

#[tauri::command]
pub async fn notices_read(bench: State<'_, Bench>, notices: Vec<u32>) -> Answer<()> {
    away(&bench, move |bench| bench.notices_read(&notices)).await
}

#[tauri::command]
pub async fn feedback_write(bench: State<'_, Bench>, path: String) -> Answer<u32> {
    away(&bench, move |bench| bench.feedback_write(&path)).await
}

#[tauri::command]
pub async fn reveal(bench: State<'_, Bench>, form: RevealForm) -> Answer<Ticket> {
    away(&bench, move |bench| bench.reveal(form)).await
}

#[tauri::command]
pub async fn reveal_end(bench: State<'_, Bench>, ticket: String) -> Answer<()> {
    away(&bench, move |bench| bench.reveal_end(&ticket)).await
}

#[tauri::command]
pub async fn sets(bench: State<'_, Bench>) -> Answer<Vec<SetLine>> {
    away(&bench, |bench| bench.sets()).await
}

#[tauri::command]
pub async fn sets_missing(bench: State<'_, Bench>) -> Answer<Vec<MissingSet>> {
    away(&bench, |bench| bench.sets_missing()).await
}

#[tauri::command]
pub async fn sets_give_up(bench: State<'_, Bench>, seen: Vec<(String, u32)>) -> Answer<u32> {
    away(&bench, move |bench| bench.sets_give_up(&seen)).await
}

#[tauri::command]
pub async fn publishers(bench: State<'_, Bench>) -> Answer<Vec<PublisherLine>> {
    away(&bench, |bench| bench.publishers()).await
}

#[tauri::command]
pub async fn sync_run(bench: State<'_, Bench>, from: Option<String>) -> Answer<u32> {
    away(&bench, move |bench| bench.sync_run(from.as_deref())).await
}

#[tauri::command]
pub async fn sync_accept(bench: State<'_, Bench>, publisher: String, reason: String) -> Answer<()> {
    away(&bench, move |bench| bench.sync_accept(&publisher, &reason)).await
}

#[tauri::command]
pub async fn sync_enrol_look(bench: State<'_, Bench>, path: String) -> Answer<EnrolmentView> {
    away(&bench, move |bench| bench.sync_enrol_look(&path)).await
}

#[tauri::command]
pub async fn sync_enrol(bench: State<'_, Bench>, path: String, fingerprint: String) -> Answer<String> {
    away(&bench, move |bench| bench.sync_enrol(&path, &fingerprint)).await
}

#[tauri::command]
pub async fn set_preview(bench: State<'_, Bench>, files: Vec<String>, profile: String) -> Answer<Vec<ImportPreview>> {
    away(&bench, move |bench| bench.set_preview(&files, &profile)).await
}

#[tauri::command]
pub async fn set_import(bench: State<'_, Bench>, form: ImportForm) -> Answer<u32> {
    away(&bench, move |bench| bench.set_import(form)).await
}

#[tauri::command]
pub async fn set_remove(bench: State<'_, Bench>, name: String) -> Answer<()> {
    away(&bench, move |bench| bench.set_remove(&name)).await
}

#[tauri::command]
pub async fn numbers(bench: State<'_, Bench>) -> Answer<NumbersView> {
    away(&bench, |bench| bench.numbers()).await
}

#[tauri::command]
pub async fn day(bench: State<'_, Bench>) -> Answer<DayView> {
    away(&bench, |bench| bench.day()).await
}

#[tauri::command]
pub async fn break_taken(bench: State<'_, Bench>) -> Answer<()> {
    away(&bench, |bench| bench.break_taken()).await
}
