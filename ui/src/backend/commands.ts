// The commands of the program: the one list that the window's two backends (the real one and the fake one of the tests) fulfil.
// A test holds that it agrees with the list in `src-tauri/build.rs`. Each fails with a `WindowError`.
import type {
  CaseHead, ClueLine, DayView, DecideDone, DecidePreview, EnrolmentView, EvidenceForm, ExportForm, ExportLine, ExportPreview, ExportSample, Facets,
  ForeignForm, ForeignLook, HiddenLine, ImportForm, ImportPreview, ItemDetail, JobView, LeadDetail, LeadForm, LeadLine, LinkLine,
  MadeHere, MapPoint, Mark, MissingSet, NewCaseForm, NewKey, NoteDraft, NoticeView, NumbersView, Others, PublisherLine,
  QualificationLine, RecipientView, RefusedList, RegionView, RegionsView, ReportDone, RevealForm, SavedView, SecurityLine, SetLine, Settings, Startup,
  Strip, Target, Ticket, Tile, TimeLine, UndoLabel, UndoState, UserLine, VicsDone, ViewHead, ViewQuery, VocabularyView,
} from './types';

/** Arguments and answers of every command. Names of arguments are those that the Rust side has, in camelCase. */
export interface Commands {
  // The program
  startup(args: Record<string, never>): Startup;
  settings_save(args: { settings: Settings }): void;
  recent_forget(args: { dir: string }): void;
  /** A hand moved: said at most every ten seconds. */
  activity(args: Record<string, never>): void;
  security(args: Record<string, never>): SecurityLine[];
  /** Native dialogs; null when the person closed it. */
  pick_folder(args: { title: string }): string | null;
  pick_files(args: { title: string }): string[];
  pick_save(args: { title: string; name: string }): string | null;

  // The case
  case_new(args: { form: NewCaseForm }): CaseHead;
  case_open(args: { dir: string; user: string; passphrase: string }): CaseHead;
  /** Makes the demonstration case if it is not there, and opens it; a job of kind `demo` tells how far it is. */
  demo_open(args: Record<string, never>): CaseHead;
  case_close(args: Record<string, never>): void;
  lock(args: Record<string, never>): void;
  unlock(args: { passphrase: string }): CaseHead;
  users(args: Record<string, never>): UserLine[];
  user_add(args: { name: string; role: string; passphrase: string }): void;
  user_remove(args: { name: string }): void;
  passphrase_change(args: { passphrase: string }): void;

  // Jobs
  jobs(args: Record<string, never>): JobView[];
  sources_add(args: { paths: string[] }): number;
  /** Loads every source again that is not complete, or whose files have changed. */
  sources_resume(args: Record<string, never>): number;
  rematch_run(args: Record<string, never>): number;
  verify_run(args: { notedHead: string | null }): number;
  job_pause(args: { job: number }): void;
  job_resume(args: { job: number }): void;
  job_stop(args: { job: number }): void;
  refused_list(args: { start: number; count: number }): RefusedList;

  // Views
  strip(args: Record<string, never>): Strip;
  /** `anchor`: number of an item to be found again, or the next after it. */
  view_open(args: { query: ViewQuery; anchor: number | null }): ViewHead;
  view_refresh(args: { view: number; anchor: number | null }): ViewHead;
  view_head(args: { view: number }): ViewHead;
  view_close(args: { view: number }): void;
  view_tiles(args: { view: number; start: number; count: number }): Tile[];
  /** Numbers of items of a run of tiles, at most 100,000. */
  view_numbers(args: { view: number; start: number; count: number }): number[];
  /** Place of an item; null when the view does not have it. */
  view_index(args: { view: number; number: number }): number | null;
  /** Place of the next undecided item after a place, wrapping round; null when nothing is left. */
  view_next_undecided(args: { view: number; after: number }): number | null;
  facets(args: { query: ViewQuery }): Facets;
  saved_views(args: Record<string, never>): SavedView[];
  saved_view_put(args: { view: SavedView }): void;
  saved_view_remove(args: { name: string }): void;
  hidden_lines(args: { view: number; start: number; count: number }): HiddenLine[];
  item(args: { number: number }): ItemDetail;
  /** Number of the item with this SHA-256; null when the case has none. */
  item_number(args: { sha256: string }): number | null;

  // Decisions
  decide_preview(args: { target: Target; category: string | null }): DecidePreview;
  /** `category: null` clears. */
  decide(args: { target: Target; category: string | null; others: Others; note: string | null }): DecideDone;
  mark(args: { target: Target; mark: Mark; on: boolean }): DecideDone;
  note(args: { number: number; text: string }): void;
  /** Keeps what is written of a note and not saved, for this person alone; null forgets it. */
  note_draft(args: { number: number; text: string | null }): void;
  note_drafts(args: Record<string, never>): NoteDraft[];
  undo(args: Record<string, never>): UndoLabel | null;
  redo(args: Record<string, never>): UndoLabel | null;
  undo_state(args: Record<string, never>): UndoState;
  /** Shows a hidden item again: the entry that hides it is called wrong about it, with a reason. */
  show_again(args: { number: number; reason: string }): void;
  notices(args: { unreadOnly: boolean }): NoticeView[];
  notices_read(args: { notices: number[] }): void;
  feedback_write(args: { path: string }): number;

  // Pictures
  reveal(args: { form: RevealForm }): Ticket;
  reveal_end(args: { ticket: string }): void;

  // Leads
  vocabulary(args: Record<string, never>): VocabularyView;
  leads(args: Record<string, never>): LeadLine[];
  lead(args: { lead: number }): LeadDetail;
  /** Leads whose flag "a child may be at risk now" is up, or was taken; asked after every `counts` event. */
  risks(args: Record<string, never>): LeadLine[];
  /** Gives the number of the new lead. */
  lead_new(args: { form: LeadForm; evidence: EvidenceForm[] }): number;
  lead_save(args: { lead: number; form: LeadForm }): void;
  /** Raises (`now`) or lowers the flag. */
  lead_risk(args: { lead: number; now: boolean }): void;
  lead_risk_take(args: { lead: number }): void;
  /** Gives the numbers of the new evidence; a whole item that is there already is not added again. */
  evidence_add(args: { lead: number; evidence: EvidenceForm[] }): number[];
  evidence_change(args: { evidence: number; caption: string; region: RegionView | null }): void;
  evidence_remove(args: { evidence: number[] }): void;
  /** Leads that rest on an item. */
  leads_of(args: { number: number }): LeadLine[];
  /** The whole picture veiled, only the saved regions of this lead clear and grey. Ends as a reveal does; counts as a part. */
  regions_reveal(args: { lead: number; number: number; longestPx: number }): Ticket;

  // Sets
  sets(args: Record<string, never>): SetLine[];
  /** Sets that the case was matched with and that are gone; nothing is matched while there are any. */
  sets_missing(args: Record<string, never>): MissingSet[];
  /** Gives them up: name and version of each as it was seen. Gives the number of the job. */
  sets_give_up(args: { seen: Array<[string, number]> }): number;
  publishers(args: Record<string, never>): PublisherLine[];
  sync_run(args: { from: string | null }): number;
  sync_accept(args: { publisher: string; reason: string }): void;
  /** What the file of a publisher says; nothing is enrolled. */
  sync_enrol_look(args: { path: string }): EnrolmentView;
  /** Enrols it, if it still has the fingerprint that was compared. Gives the name of the publisher. */
  sync_enrol(args: { path: string; fingerprint: string }): string;
  set_preview(args: { files: string[]; profile: string }): ImportPreview[];
  set_import(args: { form: ImportForm }): number;
  set_remove(args: { name: string }): void;

  // Figures and care
  numbers(args: Record<string, never>): NumbersView;
  day(args: Record<string, never>): DayView;
  break_taken(args: Record<string, never>): void;

  // Clues and links; `lead: null` for those of the whole case
  clues(args: { lead: number | null }): ClueLine[];
  map_points(args: { lead: number | null }): MapPoint[];
  time_line(args: { lead: number | null }): TimeLine;
  /** How far the clock of a device is ahead of the true time, in seconds; below 0 when it is behind. */
  clock_set(args: { device: string; aheadS: number; reason: string }): void;
  made_here(args: Record<string, never>): MadeHere;
  links(args: { lead: number | null }): LinkLine[];
  /** What the regions of a lead look like; those that nobody has looked at yet are worked out a few at a time. */
  lead_regions(args: { lead: number }): RegionsView;
  /** Looks in the index over cases; that is logged. */
  links_across(args: { index: string }): LinkLine[];
  index_add(args: { index: string }): void;

  // What leaves the case
  recipients(args: Record<string, never>): RecipientView[];
  export_preview(args: { what: string; media: boolean }): ExportPreview;
  export_request(args: { form: ExportForm }): number;
  exports(args: Record<string, never>): ExportLine[];
  export_withdraw(args: { request: number }): void;
  /** The items that whoever signs looks at first, as tiles too: drawn by the program, the same for everybody. */
  export_sample(args: { request: number }): ExportSample;
  /** `unlooked`: the person signs without having looked at all of the sample, and says so. */
  export_sign(args: { request: number; keyFile: string; keyPassphrase: string; out: string; unlooked: boolean }): ExportLine;
  /** Makes a signing key in a file that is not there yet, with its public part beside it. */
  signing_key_make(args: { out: string; passphrase: string }): NewKey;
  /** What is stated of the case as prosecutors count it: every act, stated or not. */
  qualification(args: Record<string, never>): QualificationLine[];
  /** Items of an act; null leaves it unstated. It can be undone. */
  qualification_state(args: { acts: Array<[string, number | null]> }): QualificationLine[];
  report_write(args: { language: string; out: string }): ReportDone;

  // Other tools
  /** Those of these files that are the case of another tool. */
  foreign_find(args: { paths: string[] }): string[];
  foreign_look(args: { form: ForeignForm }): ForeignLook;
  foreign_add(args: { form: ForeignForm }): number;
  vics_write(args: { out: string }): VicsDone;
}
