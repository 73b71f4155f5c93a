// Written by a test from the types of the workbench (`view`): change them there, then run the tests of the
// workbench with ZEEF_WRITE_TYPES=1.

export type SentenceCode = "new" | "decided" | "returned-withdrawn" | "returned-gone" | "returned-vetoed" | "conflict" | "quarantined" | "contradiction" | "meaning-unanswered" | "code-unknown" | "not-allowed" | "known-unclassified" | "no-picture" | "hidden-known" | "hidden-ordinary" | "unreadable" | "link" | "special" | "vanished" | "changed" | "empty" | "archive" | "undecodable" | "limit" | "crashed" | "no-sandbox" | "story-found" | "story-judged" | "story-decided" | "story-undone" | "story-redone" | "story-marked" | "story-noted" | "story-vetoed" | "story-notice" | "story-other";

export type Sentence = { code: SentenceCode, with: { [key in string]: string }, };

export type ItemDetail = { number: number, sha256: string, sha1: string, md5: string, size_bytes: number, media_type: string, class: string, extension_disagrees: string | null, width: number | null, height: number | null, state: TileState, why: Array<Sentence>, category: string | null, decided_by: string | null, decided_at: string | null, marks: Array<Mark>, notes: Array<NoteView>, looks_like: Array<NearView>, matches: Array<MatchView>, places: Array<PlaceView>, taken: string | null, camera_make: string | null, camera_model: string | null, camera_serial: string | null, software: string | null, latitude: number | null, longitude: number | null, metadata: Array<[string, string, string]>, remarks: Array<string>, stack: Array<number>, stack_count: number, story: Array<StoryStep>, seen: number, };

export type NoteView = { by: string, at: string, text: string, };

export type NearView = { set: string, version: number, entry: string, distance: number, category: string | null, original: string | null, scheme: string | null, series: string | null, flags: Array<string>, };

export type MatchView = { set: string, role: string, version: number, entry: string, digest: string, agreement: string, category: string | null, original: string | null, scheme: string | null, series: string | null, flags: Array<string>, quarantined: boolean, };

export type PlaceView = { source: number, label: string, path: string, modified: string | null, created: string | null, time_raw: string | null, };

export type StoryStep = { operation: number, at: string, what: Sentence, };

export type Strip = { shown: number, hidden: number, refused: number, waiting: number, total: number, decided: number, notices: number, sets: Array<SetAge>, sets_changed: boolean, seen_today: number, };

export type SetAge = { name: string, version: number, age_hours: number, freshness: string | null, };

export type NumbersView = { strip: Strip, places: number, bytes: number, sources: Array<SourceNumbers>, hidden_by_set: Array<Counted>, by_category: Array<Counted>, by_hour: Array<Counted>, left: number, rate_an_hour: number | null, views_avoided: number, views: number, };

export type Counted = { name: string, count: number, };

export type SourceNumbers = { source: number, label: string, path: string, kind: string, loaded: string | null, connected: boolean, items: number, hidden: number, refused: number, };

export type DayView = { seen: number, seen_parts: number, decided: number, by_category: Array<Counted>, marked: number, hidden: number, left: number, breaks: number, };

export type NoticeView = { notice: number, number: number, kind: string, set: string, version: number, was: string, now: string, reason: string, at: string, read: boolean, };

export type Shelf = "undecided" | "decided" | "looks-known" | "returned" | "bookmarked" | "handed-over" | "disagreed" | "shown" | "hidden" | "refused";

export type Facet = "reason" | "source" | "folder" | "class" | "type" | "size" | "year" | "camera" | "category" | "suggested" | "set" | "mark" | "decider";

export type FacetPick = { facet: Facet, values: Array<string>, };

export type Order = "review" | "number" | "time" | "size" | "place" | "likeness" | "camera";

export type ViewQuery = { shelf: Shelf, picks: Array<FacetPick>, text: string, order: Order, descending: boolean, stacked: boolean, };

export type ViewHead = { view: number, total: number, items: number, settled: number, arrived: number, anchor: number | null, text_problem: string | null, };

export type TileSuggestion = { category: string | null, distance: number, };

export type Tile = { index: number, number: number, width: number | null, height: number | null, class: string, has_picture: boolean, category: string | null, own: boolean, suggestion: TileSuggestion | null, stack: number | null, seen: boolean, bookmark: boolean, handover: boolean, note: boolean, returned: boolean, odd: boolean, refused: Sentence | null, state: TileState, };

export type TileState = "shown" | "hidden" | "refused";

export type FacetGroup = { facet: Facet, values: Array<FacetValue>, more: number, };

export type FacetValue = { value: string, label: string | null, count: number, picked: boolean, };

export type ShelfCount = { shelf: Shelf, count: number, };

export type Facets = { shelves: Array<ShelfCount>, groups: Array<FacetGroup>, };

export type SavedView = { name: string, query: ViewQuery, };

export type Target = { "kind": "items", numbers: Array<number> } | { "kind": "range", view: number, first: number, count: number } | { "kind": "whole", view: number, except: Array<number> } | { "kind": "stack", number: number, except: Array<number> };

export type Overwrite = { category: string, by: string, own: boolean, items: number, };

export type DecidePreview = { items: number, undecided: number, same: number, overwrites: Array<Overwrite>, sample: Array<number>, ask: boolean, };

export type Others = "keep" | "overwrite";

export type DecideDone = { operation: number | null, items: number, kept: number, };

export type Mark = "bookmark" | "handover" | "not-alike" | "out-of-stack";

export type UndoLabel = { operation: number, what: string, category: string | null, items: number, at: string, };

export type UndoState = { undo: UndoLabel | null, redo: UndoLabel | null, };

export type HiddenLine = { index: number, number: number, why: Sentence, category: string | null, set: string, version: number, entry: string, digest: string, media_type: string, size_bytes: number, place: string, places: number, };

export type RefusedLine = { number: number | null, why: Sentence, place: string, source: string, };

export type RefusedList = { total: number, lines: Array<RefusedLine>, };

export type Startup = { version: string, settings: Settings, recent: Array<RecentCase>, schemes: Array<SchemeView>, sets_dir: string, cases_dir: string, open: CaseHead | null, locked: boolean, };

export type Settings = { language: string, theme: string, blank_minutes: number, lock_minutes: number, break_minutes: number, veil_strength: number, tile_px: number, press_to_reveal: boolean, single_keys_off: boolean, keys: Array<[string, Array<string>]>, advance: boolean, };

export type RecentCase = { dir: string, number: string, user: string, opened: string, there: boolean, };

export type SchemeView = { id: string, title: string, status: string, categories: Array<CategoryView>, };

export type CategoryView = { code: string, key: string | null, en: string, nl: string, };

export type NewCaseForm = { dir: string, number: string, unit: string, legal_scope: string, scheme: string, user: string, passphrase: string, };

export type CaseHead = { dir: string, number: string, unit: string, legal_scope: string, user: string, role: string, scheme: SchemeView, epoch: string, demonstration: boolean, };

export type JobKind = "load" | "sync" | "rematch" | "verify" | "import" | "demo";

export type JobState = "waiting" | "running" | "paused" | "stopping" | "stopped" | "done" | "failed";

export type JobStage = { stage: string, done: number, total: number | null, };

export type JobView = { job: number, kind: JobKind, state: JobState, stages: Array<JobStage>, rate: number, bytes: number, seconds_left: number | null, outcome: JobOutcome | null, error: WindowError | null, };

export type JobOutcome = { "kind": "load", files: number, passed_over: number, new_items: number, new_places: number } | { "kind": "sync", lines: Array<SyncLineView>, rematch: RematchOutcome | null } | { "kind": "rematch" } & RematchOutcome | { "kind": "verify", sound: boolean, operations: number, hides: number, head: string, problems: Array<string> } | { "kind": "import", set: string, version: number, entries: number, refused: number } | { "kind": "demo", dir: string };

export type RematchOutcome = { items: number, newly_hidden: number, returned: number, notices: number, };

export type SyncLineView = { publisher: string, set: string, freshness: string | null, outcome: string, from: number | null, version: number | null, added: number, changed: number, withdrawn: number, quarantined: number, code: string | null, message: string | null, hint: string | null, };

export type PublisherLine = { publisher: string, introduced_by: string | null, address: string | null, set: string | null, version: number | null, entries: number | null, freshness: string | null, checked: string | null, expires: string | null, waiting: WaitingLine | null, damage: string | null, };

export type WaitingLine = { version: number, added: number, changed: number, withdrawn: number, quarantined: number, why: string, };

export type SetLine = { name: string, role: string, version: number, entries: number, profile: string | null, published: string | null, imported: string, publisher: string | null, freshness: string | null, age_days: number, quarantined: number, conflicts: number, unanswered: Array<string>, categories: Array<[string, number]>, hides: number, };

export type ImportPreview = { file: string, form: string, entries: number, refused: Array<[string, number]>, categories: Array<[string, number]>, questions: Array<string>, open: Array<string>, };

export type ImportForm = { files: Array<string>, name: string, role: string, profile: string, meanings: Array<[string, string]>, };

export type SecurityLine = { what: SecurityTopic, standing: SecurityStanding, detail: string, };

export type SecurityTopic = "decoder" | "network" | "encryption" | "swap" | "core-dump" | "sets" | "webview" | "screen-capture" | "auto-lock" | "case-folder";

export type SecurityStanding = "fine" | "caution" | "absent" | "unknown";

export type UserLine = { name: string, role: string, added: string, removed: string | null, };

export type Ticket = { path: string, ticket: string, width: number, height: number, small: boolean, };

export type RevealForm = { number: number, colour: boolean, longest_px: number, part: [number, number, number] | null, };

export type WindowError = { code: string, message: string, hint: string, detail: string, };

export type Event = { "event": "counts", strip: Strip } | { "event": "job", job: JobView } | { "event": "blank" } | { "event": "locked" } | { "event": "sets" } | { "event": "dropped", paths: Array<string> } | { "event": "dragging", over: boolean };

