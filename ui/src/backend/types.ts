// Written by a test from the types of the workbench (`view`): change them there, then run the tests of the
// workbench with ZEEF_WRITE_TYPES=1.

export type SentenceCode = "new" | "decided" | "returned-withdrawn" | "returned-gone" | "returned-vetoed" | "conflict" | "quarantined" | "contradiction" | "meaning-unanswered" | "code-unknown" | "not-allowed" | "known-unclassified" | "disputed" | "no-picture" | "hidden-known" | "hidden-ordinary" | "unreadable" | "link" | "special" | "vanished" | "changed" | "empty" | "archive" | "undecodable" | "limit" | "crashed" | "no-sandbox" | "story-found" | "story-judged" | "story-decided" | "story-undone" | "story-redone" | "story-marked" | "story-noted" | "story-vetoed" | "story-notice" | "story-opinion" | "story-other";

export type Sentence = { 
/**
 * What is said.
 */
code: SentenceCode, 
/**
 * What stands in it, by the names of [`SentenceCode::fields`]. Text of files is escaped.
 */
with: { [key in string]: string }, };

export type ItemDetail = { 
/**
 * Number.
 */
number: number, 
/**
 * SHA-256, hex.
 */
sha256: string, 
/**
 * SHA-1, hex.
 */
sha1: string, 
/**
 * MD5, hex.
 */
md5: string, 
/**
 * Length in bytes.
 */
size_bytes: number, 
/**
 * Media type.
 */
media_type: string, 
/**
 * `picture`, `video`, `audio`, `archive`, `other`.
 */
class: string, 
/**
 * Extension that disagrees with the content, escaped.
 */
extension_disagrees: string | null, 
/**
 * Width in pixels, after orientation.
 */
width: number | null, 
/**
 * Height.
 */
height: number | null, 
/**
 * Where it stands.
 */
state: TileState, 
/**
 * Why, each reason a sentence; the first is the main one.
 */
why: Array<Sentence>, 
/**
 * Category that a person gave.
 */
category: string | null, 
/**
 * By whom.
 */
decided_by: string | null, 
/**
 * When.
 */
decided_at: string | null, 
/**
 * Marks.
 */
marks: Array<Mark>, 
/**
 * The note, and who wrote it when; the newest holds.
 */
notes: Array<NoteView>, 
/**
 * Entries that it looks like, the closest first.
 */
looks_like: Array<NearView>, 
/**
 * Entries that it met by a digest.
 */
matches: Array<MatchView>, 
/**
 * Places.
 */
places: Array<PlaceView>, 
/**
 * When it was taken, as the metadata say: `2025-03-14 16:02:11`, with the offset if stated.
 */
taken: string | null, 
/**
 * Camera: maker, model, serial number; software.
 */
camera_make: string | null, 
/**
 * Model.
 */
camera_model: string | null, 
/**
 * Serial number.
 */
camera_serial: string | null, 
/**
 * Software.
 */
software: string | null, 
/**
 * Latitude, degrees north.
 */
latitude: number | null, 
/**
 * Longitude, degrees east.
 */
longitude: number | null, 
/**
 * Every value of the metadata as it stood, escaped: group, name, value.
 */
metadata: Array<[string, string, string]>, 
/**
 * Defects that did not prevent decoding.
 */
remarks: Array<string>, 
/**
 * Numbers of its look-alikes, itself included, at most 500; empty without any.
 */
stack: Array<number>, 
/**
 * Number of its look-alikes, itself included.
 */
stack_count: number, 
/**
 * What other tools said of it, in the order of recording.
 */
opinions: Array<OpinionView>, 
/**
 * True when these contradict each other.
 */
tools_conflict: boolean, 
/**
 * The item's whole story, the newest first.
 */
story: Array<StoryStep>, 
/**
 * This person has seen it clearly so often.
 */
seen: number, };

export type NoteView = { 
/**
 * Who.
 */
by: string, 
/**
 * When.
 */
at: string, 
/**
 * Text; empty when it was removed.
 */
text: string, };

export type NearView = { 
/**
 * Set.
 */
set: string, 
/**
 * Version.
 */
version: number, 
/**
 * Entry.
 */
entry: string, 
/**
 * Bits of 256 that differ; up to 31 counts as alike.
 */
distance: number, 
/**
 * Code in the case's scheme; absent where no crosswalk translates it.
 */
category: string | null, 
/**
 * Code and scheme as the set has them.
 */
original: string | null, 
/**
 * Scheme of that code.
 */
scheme: string | null, 
/**
 * Series, escaped.
 */
series: string | null, 
/**
 * Words of [`domain::Flags`] that are true, e.g. `victim_identified`.
 */
flags: Array<string>, };

export type MatchView = { 
/**
 * Set.
 */
set: string, 
/**
 * `known` or `good`.
 */
role: string, 
/**
 * Version.
 */
version: number, 
/**
 * Entry.
 */
entry: string, 
/**
 * Digest: `md5`, `sha1`, `sha256`.
 */
digest: string, 
/**
 * `confirmed`, `alone`, `contradicted`.
 */
agreement: string, 
/**
 * Code in the case's scheme; absent where no crosswalk translates it.
 */
category: string | null, 
/**
 * Code as the set has it.
 */
original: string | null, 
/**
 * Scheme of that code.
 */
scheme: string | null, 
/**
 * Series, escaped.
 */
series: string | null, 
/**
 * Flags that are true.
 */
flags: Array<string>, 
/**
 * True when a good set has the entry too.
 */
quarantined: boolean, };

export type PlaceView = { 
/**
 * Number of the source.
 */
source: number, 
/**
 * Label of the source: `A01` and so on, in the order of adding.
 */
label: string, 
/**
 * Place in the source, escaped; members of archives after `!/`.
 */
path: string, 
/**
 * Last modification.
 */
modified: string | null, 
/**
 * Creation.
 */
created: string | null, 
/**
 * Time without a zone, as an archive has it.
 */
time_raw: string | null, };

export type StoryStep = { 
/**
 * Operation in the ledger.
 */
operation: number, 
/**
 * When.
 */
at: string, 
/**
 * What.
 */
what: Sentence, };

export type Strip = { 
/**
 * Items shown.
 */
shown: number, 
/**
 * Items hidden.
 */
hidden: number, 
/**
 * Items and places refused.
 */
refused: number, 
/**
 * Items whose derived state was lost and not made again.
 */
waiting: number, 
/**
 * All.
 */
total: number, 
/**
 * Of the shown ones, decided.
 */
decided: number, 
/**
 * Notices that nobody has read.
 */
notices: number, 
/**
 * Sets in force, with their age.
 */
sets: Array<SetAge>, 
/**
 * True when sets have changed since the case was matched.
 */
sets_changed: boolean, 
/**
 * Clear views of this person today.
 */
seen_today: number, };

export type SetAge = { 
/**
 * Name.
 */
name: string, 
/**
 * Version.
 */
version: number, 
/**
 * Hours since it was last found to be the newest or, for a set that nobody publishes, since it was made.
 */
age_hours: number, 
/**
 * `fresh`, `in-grace`, `beyond`; absent for a set that nobody publishes.
 */
freshness: string | null, };

export type NumbersView = { 
/**
 * The strip.
 */
strip: Strip, 
/**
 * Places where contents were found.
 */
places: number, 
/**
 * Bytes of all items.
 */
bytes: number, 
/**
 * By source: label, path escaped, items, hidden, refused.
 */
sources: Array<SourceNumbers>, 
/**
 * Items hidden, by set.
 */
hidden_by_set: Array<Counted>, 
/**
 * Decided items, by category code.
 */
by_category: Array<Counted>, 
/**
 * Decisions by hour (`2026-11-25T14`, UTC), the last 14 days; all people.
 */
by_hour: Array<Counted>, 
/**
 * Shown and undecided items.
 */
left: number, 
/**
 * Decisions an hour of this person over the hours of today in which there were any; absent without any.
 */
rate_an_hour: number | null, 
/**
 * Clear views that were not needed: hidden items of class picture.
 */
views_avoided: number, 
/**
 * Clear views by this person, all days.
 */
views: number, };

export type Counted = { 
/**
 * Name.
 */
name: string, 
/**
 * Count.
 */
count: number, };

export type SourceNumbers = { 
/**
 * Number.
 */
source: number, 
/**
 * Label.
 */
label: string, 
/**
 * Where it is, escaped.
 */
path: string, 
/**
 * `folder`, `zip`, `tar`; `stated` for what the case of another tool tells.
 */
kind: string, 
/**
 * SHA-256 of that case's file, hex, once it was read to its end.
 */
file_sha256: string | null, 
/**
 * When it was last read to its end.
 */
loaded: string | null, 
/**
 * False when it is not there now.
 */
connected: boolean, 
/**
 * Items with a place in it.
 */
items: number, 
/**
 * Of these, hidden.
 */
hidden: number, 
/**
 * Of these, refused, unread places included.
 */
refused: number, };

export type DayView = { 
/**
 * Clear views today.
 */
seen: number, 
/**
 * Of these, only a part.
 */
seen_parts: number, 
/**
 * Items decided today.
 */
decided: number, 
/**
 * Of these by category code.
 */
by_category: Array<Counted>, 
/**
 * Items bookmarked or handed over today.
 */
marked: number, 
/**
 * Items that are hidden and that this person need not see.
 */
hidden: number, 
/**
 * Shown and undecided now.
 */
left: number, 
/**
 * Breaks taken today.
 */
breaks: number, };

export type NoticeView = { 
/**
 * Number of the notice.
 */
notice: number, 
/**
 * Item.
 */
number: number, 
/**
 * `victim-identified`, `offender-identified`, `series-changed`, `category-changed`, `verdict-disputed`, `flags-changed`, `withdrawn`.
 */
kind: string, 
/**
 * Set.
 */
set: string, 
/**
 * Version that says otherwise.
 */
version: number, 
/**
 * What it said, escaped.
 */
was: string, 
/**
 * What it says.
 */
now: string, 
/**
 * Why, in the publisher's words.
 */
reason: string, 
/**
 * When it was noted.
 */
at: string, 
/**
 * True when somebody has read it.
 */
read: boolean, };

export type Shelf = "undecided" | "decided" | "looks-known" | "returned" | "bookmarked" | "handed-over" | "disagreed" | "shown" | "hidden" | "refused";

export type Facet = "reason" | "source" | "folder" | "class" | "type" | "size" | "year" | "camera" | "category" | "suggested" | "set" | "mark" | "decider";

export type FacetPick = { 
/**
 * The facet.
 */
facet: Facet, 
/**
 * Values; an item needs one of them.
 */
values: Array<string>, };

export type Order = "review" | "number" | "time" | "size" | "place" | "likeness" | "camera";

export type ViewQuery = { 
/**
 * View that it starts from.
 */
shelf: Shelf, 
/**
 * Filters; an item needs to meet each.
 */
picks: Array<FacetPick>, 
/**
 * Words to be met, each in the path, camera or note of an item, or `word:value` (`source:`, `type:`, `camera:`,
 * `year:`, `category:`, `set:`, `sha256:`, `item:`), or `size>2m`, `size<50k`; a `-` before a word turns it round. Empty for none.
 */
text: string, 
/**
 * Order.
 */
order: Order, 
/**
 * True for the last first.
 */
descending: boolean, 
/**
 * True when a stack is one tile.
 */
stacked: boolean, };

export type ViewHead = { 
/**
 * Number of the view in this session.
 */
view: number, 
/**
 * Tiles.
 */
total: number, 
/**
 * Items behind these tiles; more than `total` where stacks are one tile.
 */
items: number, 
/**
 * Items of it that meet the query no more, e.g. because they were decided; they stay until it is refreshed.
 */
settled: number, 
/**
 * Items that meet the query and came after the view was made.
 */
arrived: number, 
/**
 * Where the item is that was named as an anchor, or the next one after it in order; absent without one.
 */
anchor: number | null, 
/**
 * What of the text could not be understood; then the view is as if it were not there.
 */
text_problem: string | null, };

export type TileSuggestion = { 
/**
 * Code in the case's scheme; absent where no crosswalk translates it.
 */
category: string | null, 
/**
 * Bits of 256 that differ.
 */
distance: number, };

export type Tile = { 
/**
 * Place in the view, from 0.
 */
index: number, 
/**
 * Number of the item.
 */
number: number, 
/**
 * Width of the picture in pixels, after orientation.
 */
width: number | null, 
/**
 * Height.
 */
height: number | null, 
/**
 * `picture`, `video`, `audio`, `archive`, `other`.
 */
class: string, 
/**
 * True when there is a veiled picture at `media:`.
 */
has_picture: boolean, 
/**
 * Category that a person gave.
 */
category: string | null, 
/**
 * True when that person is this one.
 */
own: boolean, 
/**
 * What it looks like.
 */
suggestion: TileSuggestion | null, 
/**
 * Number of look-alikes that the tile stands for, or that the item is one of; absent below 2.
 */
stack: number | null, 
/**
 * This person has seen it clearly.
 */
seen: boolean, 
/**
 * Bookmarked.
 */
bookmark: boolean, 
/**
 * Handed over.
 */
handover: boolean, 
/**
 * Has a note.
 */
note: boolean, 
/**
 * It came back.
 */
returned: boolean, 
/**
 * Sets disagree about it, or something else is odd.
 */
odd: boolean, 
/**
 * Why it has no picture, where it was refused.
 */
refused: Sentence | null, 
/**
 * Where it stands.
 */
state: TileState, };

export type TileState = "shown" | "hidden" | "refused";

export type FacetGroup = { 
/**
 * The facet.
 */
facet: Facet, 
/**
 * Values, the most frequent first (years: in their order), at most 50.
 */
values: Array<FacetValue>, 
/**
 * Values beyond these.
 */
more: number, };

export type FacetValue = { 
/**
 * The value, as a filter names it.
 */
value: string, 
/**
 * Text for a person where the value is not one itself: the label of a source, the path of a folder, escaped.
 */
label: string | null, 
/**
 * Items.
 */
count: number, 
/**
 * True when the query picks it.
 */
picked: boolean, };

export type ShelfCount = { 
/**
 * The shelf.
 */
shelf: Shelf, 
/**
 * Items.
 */
count: number, };

export type Facets = { 
/**
 * Each shelf with its count, without filters.
 */
shelves: Array<ShelfCount>, 
/**
 * Facets that tell the items of the query apart.
 */
groups: Array<FacetGroup>, };

export type SavedView = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it shows.
 */
query: ViewQuery, };

export type NoteDraft = { 
/**
 * Number of the item.
 */
number: number, 
/**
 * What is written.
 */
text: string, };

export type Target = { "kind": "items", 
/**
 * Numbers of items.
 */
numbers: Array<number>, } | { "kind": "range", 
/**
 * The view.
 */
view: number, 
/**
 * First tile.
 */
first: number, 
/**
 * Number of tiles.
 */
count: number, } | { "kind": "whole", 
/**
 * The view.
 */
view: number, 
/**
 * Numbers of items that are left out.
 */
except: Array<number>, } | { "kind": "stack", 
/**
 * Number of one of them.
 */
number: number, 
/**
 * Numbers of items that are left out.
 */
except: Array<number>, };

export type Overwrite = { 
/**
 * Category that they have.
 */
category: string, 
/**
 * Who gave it.
 */
by: string, 
/**
 * True when that is this person.
 */
own: boolean, 
/**
 * Items.
 */
items: number, };

export type DecidePreview = { 
/**
 * Items that it is about.
 */
items: number, 
/**
 * Of these, not decided yet.
 */
undecided: number, 
/**
 * Of these, decided so already.
 */
same: number, 
/**
 * Decisions that it would change, one's own first.
 */
overwrites: Array<Overwrite>, 
/**
 * Numbers of items that it is about, the first 60.
 */
sample: Array<number>, 
/**
 * True when it is to be shown before it is made: more than 50 items, or decisions of others among them.
 */
ask: boolean, };

export type Others = "keep" | "overwrite";

export type DecideDone = { 
/**
 * Operation in the ledger; absent when nothing was to be changed.
 */
operation: number | null, 
/**
 * Items whose decision is another one now.
 */
items: number, 
/**
 * Items that were left as others decided them.
 */
kept: number, };

export type Mark = "bookmark" | "handover" | "not-alike" | "out-of-stack";

export type UndoLabel = { 
/**
 * Operation in the ledger.
 */
operation: number, 
/**
 * `decided`, `cleared`, `bookmarked`, `unbookmarked`, `handed-over`, `handover-taken-back`, `not-alike`, `alike`, `out-of-stack`, `back-in-stack`, `noted`, `vetoed`.
 */
what: string, 
/**
 * Category, where it was decided.
 */
category: string | null, 
/**
 * Items.
 */
items: number, 
/**
 * When.
 */
at: string, };

export type UndoState = { 
/**
 * Taken back by undo.
 */
undo: UndoLabel | null, 
/**
 * Done again by redo.
 */
redo: UndoLabel | null, };

export type HiddenLine = { 
/**
 * Place in the view, from 0.
 */
index: number, 
/**
 * Number of the item.
 */
number: number, 
/**
 * Why it is hidden.
 */
why: Sentence, 
/**
 * Category in the case's scheme; absent for ordinary files and where no crosswalk translates.
 */
category: string | null, 
/**
 * Set.
 */
set: string, 
/**
 * Its version.
 */
version: number, 
/**
 * Entry.
 */
entry: string, 
/**
 * Digest that met: `md5`, `sha1`, `sha256`.
 */
digest: string, 
/**
 * Media type.
 */
media_type: string, 
/**
 * Length.
 */
size_bytes: number, 
/**
 * First place, escaped.
 */
place: string, 
/**
 * Number of places.
 */
places: number, };

export type RefusedLine = { 
/**
 * Number of the item; absent for a place that could not be read at all.
 */
number: number | null, 
/**
 * Why.
 */
why: Sentence, 
/**
 * Place, escaped.
 */
place: string, 
/**
 * Label of the source.
 */
source: string, };

export type RefusedList = { 
/**
 * Lines in all.
 */
total: number, 
/**
 * The lines asked for.
 */
lines: Array<RefusedLine>, };

export type LabelView = { 
/**
 * Code, e.g. `building.socket-f`.
 */
code: string, 
/**
 * Group, in English.
 */
group_en: string, 
/**
 * Group, in Dutch.
 */
group_nl: string, 
/**
 * Label, in English.
 */
en: string, 
/**
 * Label, in Dutch.
 */
nl: string, 
/**
 * Kinds of leads that it fits, in the words of `LeadForm.kind`.
 */
kinds: Array<string>, };

export type VocabularyView = { 
/**
 * Identity and version, `id/version`.
 */
id: string, 
/**
 * Labels, by group.
 */
labels: Array<LabelView>, };

export type LeadForm = { 
/**
 * `victim`, `offender`, `place`, `object`, `text`, `device`, `account`, `relation`.
 */
kind: string, 
/**
 * `open`, `followed`, `shared`, `identified`, `closed`.
 */
state: string, 
/**
 * Short name; a victim's is a code name.
 */
name: string, 
/**
 * Codes of labels.
 */
labels: Array<string>, 
/**
 * Free text.
 */
text: string, 
/**
 * Series that its items belong to.
 */
series: string | null, 
/**
 * Latitude, longitude (degrees) and radius (metres), if a place is known.
 */
place: [number, number, number] | null, 
/**
 * Numbers of other leads.
 */
related: Array<number>, };

export type LeadLine = { 
/**
 * Number.
 */
lead: number, 
/**
 * Kind.
 */
kind: string, 
/**
 * State.
 */
state: string, 
/**
 * Name.
 */
name: string, 
/**
 * Items that it rests on.
 */
items: number, 
/**
 * Regions among its evidence.
 */
regions: number, 
/**
 * `none`, `now`, or `taken`.
 */
risk: string, 
/**
 * Who has taken it.
 */
risk_by: string | null, 
/**
 * Who made it.
 */
by: string, 
/**
 * True when that is this person.
 */
own: boolean, 
/**
 * Series.
 */
series: string | null, };

export type RegionView = { 
/**
 * Width of the picture.
 */
picture_width: number, 
/**
 * Height of the picture.
 */
picture_height: number, 
/**
 * True for a box.
 */
rectangle: boolean, 
/**
 * Corners.
 */
points: Array<[number, number]>, };

export type EvidenceForm = { 
/**
 * Number of the item.
 */
number: number, 
/**
 * Few words on what it shows; may be empty.
 */
caption: string, 
/**
 * A region of it.
 */
region: RegionView | null, 
/**
 * A value of its metadata: group, name, value.
 */
metadata: [string, string, string] | null, };

export type EvidenceView = { 
/**
 * Number of the evidence.
 */
evidence: number, 
/**
 * Number of the item.
 */
number: number, 
/**
 * True when the item has a veiled picture at `media:`.
 */
has_picture: boolean, 
/**
 * Width of the upright picture.
 */
width: number | null, 
/**
 * Height.
 */
height: number | null, 
/**
 * Caption.
 */
caption: string, 
/**
 * A region of it.
 */
region: RegionView | null, 
/**
 * A value of its metadata, escaped: group, name, value.
 */
metadata: [string, string, string] | null, 
/**
 * Who added it.
 */
by: string, 
/**
 * When.
 */
at: string, };

export type LeadStep = { 
/**
 * `made`, `state`, `name`, `labels`, `text`, `series`, `place`, `related`, `risk`, `evidence-added`,
 * `evidence-changed`, `evidence-removed`, `undone`, `redone`.
 */
what: string, 
/**
 * The new state, or the number of pieces of evidence, where that says more.
 */
value: string | null, 
/**
 * Who.
 */
by: string, 
/**
 * When.
 */
at: string, };

export type LeadDetail = { 
/**
 * Its line.
 */
line: LeadLine, 
/**
 * What people say of it.
 */
form: LeadForm, 
/**
 * Evidence, by number of the item and then in the order of adding.
 */
evidence: Array<EvidenceView>, 
/**
 * Clues that its items share, the strongest first.
 */
clues: Array<ClueLine>, 
/**
 * Series that sets name for its items, with counts.
 */
set_series: Array<Counted>, 
/**
 * Its log, the newest first.
 */
log: Array<LeadStep>, };

export type ClueLine = { 
/**
 * `serial`, `lens-serial`, `camera`, `software`, `owner`, `place`, `folder`, `sequence`, `thumbnail-differs`,
 * `original`.
 */
kind: string, 
/**
 * What it is, escaped: e.g. `EOS 2000D, 063021`.
 */
value: string, 
/**
 * The figures of a place, so that the window says them in its own language.
 */
place: PlaceShown | null, 
/**
 * Items that have it.
 */
items: number, 
/**
 * Numbers of the first of them, at most 500.
 */
numbers: Array<number>, };

export type PlaceShown = { 
/**
 * Latitude, degrees north.
 */
latitude: number, 
/**
 * Longitude, degrees east.
 */
longitude: number, 
/**
 * Digits behind the point.
 */
digits: number, 
/**
 * Radius, metres.
 */
radius_m: number, };

export type MapPoint = { 
/**
 * Latitude, degrees north.
 */
latitude: number, 
/**
 * Longitude, degrees east.
 */
longitude: number, 
/**
 * How exact the data are, metres.
 */
radius_m: number, 
/**
 * Items there.
 */
items: number, 
/**
 * Numbers of the first of them, at most 500.
 */
numbers: Array<number>, 
/**
 * The lead that names this place, if it comes from one.
 */
lead: number | null, };

export type DeviceLine = { 
/**
 * Key of the device, to be given back; empty for items that name none.
 */
device: string, 
/**
 * Name for a person, escaped.
 */
name: string, 
/**
 * How far its clock is ahead of the true time, seconds; what was set last.
 */
clock_ahead_s: number, 
/**
 * Why that is believed.
 */
clock_reason: string, 
/**
 * Number of dated items.
 */
items: number, 
/**
 * Each: time of taking by the device's wall clock, corrected by its offset, in seconds since 1970 as if it were UTC;
 * number of the item. At most 20,000, by time.
 */
taken: Array<[number, number]>, };

export type TimeLine = { 
/**
 * Devices, the one with most items first.
 */
devices: Array<DeviceLine>, 
/**
 * Items without a time of taking.
 */
undated: number, 
/**
 * Items that are left out because there are too many.
 */
left_out: number, };

export type MadeHereLine = { 
/**
 * Number of the item.
 */
number: number, 
/**
 * Points of all its reasons.
 */
points: number, 
/**
 * Reasons: `original`, `device-in-case`, `sequence`, `metadata-whole`, `no-known-match`, `thumbnail-fits`, `unedited`,
 * each with its points.
 */
reasons: Array<[string, number]>, };

export type MadeHere = { 
/**
 * Items with each reason.
 */
reasons: Array<[string, number]>, 
/**
 * Items that are ranked at all.
 */
items: number, 
/**
 * The highest, at most 1,000.
 */
lines: Array<MadeHereLine>, };

export type LinkLine = { 
/**
 * `serial`, `place`, `series`, `look-alike`, `region-alike`, `same-item`, `related`, `label`.
 */
kind: string, 
/**
 * What they share, escaped.
 */
value: string, 
/**
 * The figures of a place, so that the window says them in its own language.
 */
place: PlaceShown | null, 
/**
 * One end.
 */
from: LinkEnd, 
/**
 * The other.
 */
to: LinkEnd, 
/**
 * Items that the link rests on.
 */
items: number, 
/**
 * Distance, for look-alikes.
 */
distance: number | null, };

export type LinkEnd = { "end": "item", 
/**
 * Number.
 */
number: number, } | { "end": "lead", 
/**
 * Number.
 */
lead: number, 
/**
 * Name.
 */
name: string, } | { "end": "device", 
/**
 * Name.
 */
name: string, } | { "end": "region", 
/**
 * Number of the lead.
 */
lead: number, 
/**
 * Name of the lead.
 */
name: string, 
/**
 * Number of the item.
 */
number: number, 
/**
 * Which of the regions of the lead in this item it is, from 1.
 */
region: number, 
/**
 * Number of the evidence.
 */
evidence: number, } | { "end": "case", 
/**
 * Number of that case.
 */
number: string, 
/**
 * Lead there, if it is one.
 */
lead: string | null, };

export type RegionsView = { 
/**
 * Its regions, by number of the item and then in the order of adding.
 */
lines: Array<RegionLine>, 
/**
 * Regions of the case that nobody has looked at yet; they come with the next answers.
 */
waiting: number, };

export type RegionLine = { 
/**
 * Number of the evidence.
 */
evidence: number, 
/**
 * Number of the item.
 */
number: number, 
/**
 * Which of the regions of the lead in this item it is, from 1.
 */
region: number, 
/**
 * `usable`; `poor` where it shows too little to be compared; `unknown` where its source is not there.
 */
standing: string, 
/**
 * Regions of other leads of this case that look like it, the nearest first.
 */
alike: Array<RegionAlike>, };

export type RegionAlike = { 
/**
 * Number of the lead.
 */
lead: number, 
/**
 * Its name.
 */
name: string, 
/**
 * Number of the item.
 */
number: number, 
/**
 * Which of the regions of that lead in the item it is, from 1.
 */
region: number, 
/**
 * Bits that differ, of 256; up to 31 count as alike.
 */
distance: number, };

export type RecipientView = { 
/**
 * Name.
 */
name: string, 
/**
 * Public key (age), as it is written.
 */
key: string, };

export type ExportForm = { 
/**
 * `classified` or `all`.
 */
what: string, 
/**
 * Recipients: name and public key (age).
 */
recipients: Array<[string, string]>, 
/**
 * True when the media go along.
 */
media: boolean, 
/**
 * Why, for the ledger.
 */
reason: string, };

export type ExportLine = { 
/**
 * Number of the request within the case.
 */
request: number, 
/**
 * `asked`, `signed`, or `withdrawn`.
 */
state: string, 
/**
 * What.
 */
what: string, 
/**
 * Whether media go along.
 */
media: boolean, 
/**
 * Recipients.
 */
recipients: Array<RecipientView>, 
/**
 * Why.
 */
reason: string, 
/**
 * Who asked.
 */
by: string, 
/**
 * When.
 */
at: string, 
/**
 * Who signed.
 */
signed_by: string | null, 
/**
 * When.
 */
signed_at: string | null, 
/**
 * SHA-256 of the package, hex.
 */
package_sha256: string | null, 
/**
 * True when this person may sign it.
 */
may_sign: boolean, 
/**
 * Why not, where not: `asked-it`, `no-team-lead`, `done`.
 */
why_not: string | null, 
/**
 * Items of the sample, and those of them that were looked at before it was signed; absent where nobody has signed, or
 * in signatures from before samples were noted.
 */
sample: [number, number] | null, };

export type ExportSample = { 
/**
 * Items that leave.
 */
leaves: number, 
/**
 * The sample, in the order in which it was drawn.
 */
items: Array<SampleItem>, 
/**
 * The same items as the grid shows them; none in a terminal.
 */
tiles: Array<Tile>, };

export type NewKey = { 
/**
 * File of the secret part, escaped: it goes to nobody.
 */
secret: string, 
/**
 * File of the public part, escaped.
 */
public: string, 
/**
 * The public part, as lists have it.
 */
text: string, };

export type SampleItem = { 
/**
 * Number.
 */
number: number, 
/**
 * SHA-256, hex.
 */
sha256: string, 
/**
 * Category with which it leaves.
 */
category: string | null, 
/**
 * True when there is a picture of it to look at.
 */
has_picture: boolean, 
/**
 * True when this person has looked at it clearly, whole or in part, since the export was asked for.
 */
looked: boolean, };

export type ExportPreview = { 
/**
 * By category: code, items, confirmed by two or more, one opinion, disputed.
 */
categories: Array<[string | null, number, number, number, number]>, 
/**
 * Items in it.
 */
items: number, 
/**
 * Items with a series.
 */
with_series: number, 
/**
 * Items with the flag "victim identified".
 */
victim_identified: number, 
/**
 * Vetoes.
 */
vetoes: number, 
/**
 * Bytes of media that would go along.
 */
media_bytes: number, 
/**
 * What the program checked.
 */
checks: Array<ExportCheck>, };

export type ExportCheck = { 
/**
 * `decided-by-people`, `nothing-else-goes-along`, `sets-fresh`, `scheme-translates`, `ledger-whole`, `disputed`,
 * `media-there`.
 */
what: string, 
/**
 * `fine`, `know`, or `stops`.
 */
standing: string, 
/**
 * Figures and names that the sentence needs.
 */
values: Array<[string, string]>, };

export type QualificationLine = { 
/**
 * `possession`, `distribution`, `production`, `abuse`.
 */
act: string, 
/**
 * Items; absent where it is unstated.
 */
items: number | null, 
/**
 * Who stated it, or took the number away; absent where nobody ever did.
 */
by: string | null, 
/**
 * When.
 */
at: string | null, };

export type ReportDone = { 
/**
 * Pages of the PDF.
 */
pages: number, 
/**
 * SHA-256 of the PDF, hex.
 */
sha256: string, 
/**
 * Where the PDF lies, escaped.
 */
pdf: string, 
/**
 * Where the figures lie, escaped.
 */
json: string, };

export type Startup = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * Settings of this user of the machine.
 */
settings: Settings, 
/**
 * Cases that were open before, the newest first.
 */
recent: Array<RecentCase>, 
/**
 * Schemes that a case can have.
 */
schemes: Array<SchemeView>, 
/**
 * Folder of the hash sets, escaped.
 */
sets_dir: string, 
/**
 * Folder that new cases are suggested in, escaped.
 */
cases_dir: string, 
/**
 * The case that is open, or locked.
 */
open: CaseHead | null, 
/**
 * True when it is locked.
 */
locked: boolean, };

export type Settings = { 
/**
 * `en`, `nl`, or `system`.
 */
language: string, 
/**
 * `dark`, `light`, or `system`.
 */
theme: string, 
/**
 * Minutes without a hand after which the window goes blank, 1 to 60.
 */
blank_minutes: number, 
/**
 * Minutes without a hand after which it locks, 1 to 120.
 */
lock_minutes: number, 
/**
 * Minutes of work after which a break is proposed; 0 never.
 */
break_minutes: number, 
/**
 * Strength of the veil, 1 (weaker) to 3 (as drawn; the default).
 */
veil_strength: number, 
/**
 * Length of the longer side of a tile's picture in pixels: 96, 128, 160, 208 or 256.
 */
tile_px: number, 
/**
 * True when space shows and space again hides, for hands that cannot hold a key.
 */
press_to_reveal: boolean, 
/**
 * True when single keys do nothing, and only those with Ctrl do.
 */
single_keys_off: boolean, 
/**
 * Keys that the person has changed: action, keys.
 */
keys: Array<[string, Array<string>]>, 
/**
 * True when the ring moves on after a decision.
 */
advance: boolean, };

export type RecentCase = { 
/**
 * Folder, as the commands take it.
 */
dir: string, 
/**
 * Case number.
 */
number: string, 
/**
 * Who opened it last.
 */
user: string, 
/**
 * When.
 */
opened: string, 
/**
 * False when the folder is not there now.
 */
there: boolean, };

export type SchemeView = { 
/**
 * Id.
 */
id: string, 
/**
 * Name in English, or in the only language that it has one in.
 */
title: string, 
/**
 * Name in Dutch, where that is another one.
 */
title_nl: string | null, 
/**
 * Who has to sign it off, and that nobody has.
 */
status: Remark, 
/**
 * Categories in the order of their keys.
 */
categories: Array<CategoryView>, };

export type Remark = { 
/**
 * Word that the window switches on.
 */
code: RemarkCode, 
/**
 * Figures that stand in it, in their order.
 */
figures: Array<Figure>, 
/**
 * The whole of it in English, escaped.
 */
text: string, };

export type Figure = number | string;

export type RemarkCode = "other" | "scheme-illustration" | "wait-version-adds" | "wait-version-withdraws" | "wait-adds" | "wait-withdraws" | "wait-quarantined" | "wait-meaning" | "row-empty-file" | "row-no-digest" | "row-bad-digest" | "row-placeholder" | "row-digest-number" | "row-digest-kind" | "row-several" | "row-columns" | "row-number" | "row-category" | "row-category-long" | "row-no-object" | "row-twice" | "row-malicious" | "row-special" | "row-product" | "row-ordinary" | "row-alert" | "open-nothing" | "open-twice" | "open-two-sets" | "open-profile" | "open-meaning" | "open-judged" | "open-idle" | "case-continues" | "case-context" | "case-version" | "case-no-context" | "case-no-scheme" | "case-other-profile" | "case-declared" | "case-both" | "case-miniature" | "case-long" | "case-part" | "case-cut" | "case-bytes" | "case-field" | "case-empty-digest" | "case-other-md5" | "case-perceptual" | "case-perceptual-two" | "case-no-place" | "case-precategorized" | "case-no-case" | "case-no-record" | "case-ampersand" | "case-element" | "case-path-absolute" | "case-path-climbs" | "case-path-zero" | "verify-damaged" | "verify-chain" | "verify-rows" | "verify-replay" | "verify-reference" | "verify-hide" | "verify-known-decoded" | "verify-derived" | "verify-sums" | "verify-keys" | "verify-pending" | "verify-noted-head" | "verify-other-version" | "verify-not-in-set" | "verify-called-wrong";

export type CategoryView = { 
/**
 * Code.
 */
code: string, 
/**
 * Key that gives it: `1` to `9`, absent beyond nine.
 */
key: string | null, 
/**
 * Name in English.
 */
en: string, 
/**
 * Name in Dutch.
 */
nl: string, };

export type NewCaseForm = { 
/**
 * Folder to make it in; it must not exist, or be empty.
 */
dir: string, 
/**
 * Case number.
 */
number: string, 
/**
 * Unit.
 */
unit: string, 
/**
 * Warrant, period and types of media, as one text of `key: value` lines that people read.
 */
legal_scope: string, 
/**
 * Id of the scheme.
 */
scheme: string, 
/**
 * Name of the first user, a team lead.
 */
user: string, 
/**
 * Passphrase of that user.
 */
passphrase: string, };

export type CaseHead = { 
/**
 * Folder, as the commands take it.
 */
dir: string, 
/**
 * Case number.
 */
number: string, 
/**
 * Unit.
 */
unit: string, 
/**
 * Legal scope.
 */
legal_scope: string, 
/**
 * User.
 */
user: string, 
/**
 * `investigator`, `team-lead`, `auditor`.
 */
role: string, 
/**
 * Scheme of its categories.
 */
scheme: SchemeView, 
/**
 * Changes at each opening: what `media:` was told before is not served after it.
 */
epoch: string, 
/**
 * True for the demonstration case.
 */
demonstration: boolean, };

export type JobKind = "load" | "sync" | "rematch" | "verify" | "import" | "demo";

export type JobState = "waiting" | "running" | "paused" | "stopping" | "stopped" | "done" | "failed";

export type JobStage = { 
/**
 * `list`, `read`, `look-up`, `decode`, `record`, `stack`, `match`, `fetch`, `apply`, `verify`, `import`, `draw`,
 * `describe`, `join`.
 */
stage: string, 
/**
 * Files, rows or entries that are done.
 */
done: number, 
/**
 * How many there are, once that is known.
 */
total: number | null, };

export type JobView = { 
/**
 * Number in this session.
 */
job: number, 
/**
 * Kind.
 */
kind: JobKind, 
/**
 * Where it is.
 */
state: JobState, 
/**
 * Stages in their order.
 */
stages: Array<JobStage>, 
/**
 * Files (rows, entries) a second, over the last seconds.
 */
rate: number, 
/**
 * Bytes read.
 */
bytes: number, 
/**
 * Seconds that are left; never more than 20 % over what was said before. Absent while nothing can be said.
 */
seconds_left: number | null, 
/**
 * What it did, once it is done.
 */
outcome: JobOutcome | null, 
/**
 * What went wrong.
 */
error: WindowError | null, 
/**
 * True for a load that goes on by itself where a lock had stopped it.
 */
resumed: boolean, };

export type JobOutcome = { "kind": "load", 
/**
 * Files read.
 */
files: number, 
/**
 * Files that have not changed.
 */
passed_over: number, 
/**
 * New contents.
 */
new_items: number, 
/**
 * New places.
 */
new_places: number, } | { "kind": "foreign", 
/**
 * Records in it.
 */
records: number, 
/**
 * Of these, those whose content is in the case.
 */
joined: number, 
/**
 * Those whose content did not come along.
 */
absent: number, 
/**
 * New places that it states.
 */
places: number, 
/**
 * Opinions that were kept.
 */
opinions: number, 
/**
 * Records that disagree with their stored file.
 */
disagreeing: number, 
/**
 * Items on which verdicts contradict each other.
 */
conflicts: number, 
/**
 * Records whose code nobody has said the meaning of.
 */
unanswered: number, 
/**
 * New contents.
 */
new_items: number, } | { "kind": "sync", 
/**
 * What became of each publisher.
 */
lines: Array<SyncLineView>, 
/**
 * What the open case made of it.
 */
rematch: RematchOutcome | null, } | { "kind": "rematch" } & RematchOutcome | { "kind": "verify", 
/**
 * True when nothing is wrong.
 */
sound: boolean, 
/**
 * Operations whose chain was walked.
 */
operations: number, 
/**
 * Hides that were checked.
 */
hides: number, 
/**
 * Hash of the newest operation: to be noted outside this machine.
 */
head: string, 
/**
 * What is wrong.
 */
problems: Array<Remark>, } | { "kind": "import", 
/**
 * Set.
 */
set: string, 
/**
 * Version.
 */
version: number, 
/**
 * Entries.
 */
entries: number, 
/**
 * Rows that were refused.
 */
refused: number, } | { "kind": "demo", 
/**
 * Its folder.
 */
dir: string, };

export type RematchOutcome = { 
/**
 * Items that were judged.
 */
items: number, 
/**
 * Hidden now.
 */
newly_hidden: number, 
/**
 * Shown again: nothing hides them any more.
 */
returned: number, 
/**
 * Shown again: what the sets say of them does not hold together.
 */
odd: number, 
/**
 * New notices.
 */
notices: number, };

export type SyncLineView = { 
/**
 * Publisher.
 */
publisher: string, 
/**
 * Set.
 */
set: string, 
/**
 * `fresh`, `in-grace`, `beyond`.
 */
freshness: string | null, 
/**
 * `arrived`, `renewed`, `waiting`, `revoked`, `refused`.
 */
outcome: string, 
/**
 * Version before.
 */
from: number | null, 
/**
 * Version now, or that waits.
 */
version: number | null, 
/**
 * New entries.
 */
added: number, 
/**
 * Changed entries.
 */
changed: number, 
/**
 * Withdrawn entries.
 */
withdrawn: number, 
/**
 * Entries that hide nothing because a good set has them.
 */
quarantined: number, 
/**
 * Why it waits or was refused: a word (`signature`, `rollback`, `expired`, `limit`, ...).
 */
code: string | null, 
/**
 * The same as a sentence in English.
 */
message: string | null, 
/**
 * Why it waits.
 */
why: Remark | null, 
/**
 * What to do, in English.
 */
hint: string | null, };

export type EnrolmentView = { 
/**
 * Publisher.
 */
publisher: string, 
/**
 * Its set.
 */
set: string, 
/**
 * Title of the set.
 */
title: string, 
/**
 * Where it publishes; `null` where its releases are carried in.
 */
address: string | null, 
/**
 * SHA-256 of the root metadata in hex, which a person compares with what the publisher reads out.
 */
fingerprint: string, };

export type PublisherLine = { 
/**
 * Publisher.
 */
publisher: string, 
/**
 * Who introduced it.
 */
introduced_by: string | null, 
/**
 * Where it publishes.
 */
address: string | null, 
/**
 * Its set, as installed.
 */
set: string | null, 
/**
 * Version installed.
 */
version: number | null, 
/**
 * Entries.
 */
entries: number | null, 
/**
 * `fresh`, `in-grace`, `beyond`.
 */
freshness: string | null, 
/**
 * When it was last found to be the newest.
 */
checked: string | null, 
/**
 * Until when that holds.
 */
expires: string | null, 
/**
 * An update that waits for a person.
 */
waiting: WaitingLine | null, 
/**
 * What is wrong with what is kept about it, in English.
 */
damage: string | null, };

export type WaitingLine = { 
/**
 * Version that would come.
 */
version: number, 
/**
 * New entries.
 */
added: number, 
/**
 * Changed entries.
 */
changed: number, 
/**
 * Withdrawn entries.
 */
withdrawn: number, 
/**
 * Entries that would hide nothing.
 */
quarantined: number, 
/**
 * Why it waits.
 */
why: Remark, };

export type SetLine = { 
/**
 * Name.
 */
name: string, 
/**
 * `known` or `good`.
 */
role: string, 
/**
 * Version.
 */
version: number, 
/**
 * Entries.
 */
entries: number, 
/**
 * Scheme of its categories.
 */
profile: string | null, 
/**
 * When it was made.
 */
published: string | null, 
/**
 * When it was imported or installed.
 */
imported: string, 
/**
 * Publisher, where it came as a release.
 */
publisher: string | null, 
/**
 * `fresh`, `in-grace`, `beyond`.
 */
freshness: string | null, 
/**
 * Whole days since it was last found to be the newest, or made.
 */
age_days: number, 
/**
 * Entries that a good set has too.
 */
quarantined: number, 
/**
 * Digests with different verdicts within the set.
 */
conflicts: number, 
/**
 * Codes that nobody has said the meaning of.
 */
unanswered: Array<string>, 
/**
 * Entries by category code.
 */
categories: Array<[string, number]>, 
/**
 * Items of the open case that it hides.
 */
hides: number, };

export type MissingSet = { 
/**
 * Name.
 */
name: string, 
/**
 * Version that the case was matched with.
 */
version: number, 
/**
 * Older version that the folder has; absent where it has none.
 */
there: number | null, 
/**
 * Items of the case that it hides now.
 */
hides: number, };

export type ImportPreview = { 
/**
 * Name of the file, escaped.
 */
file: string, 
/**
 * Form of the list, e.g. `VICS 2.0 hash set`.
 */
form: string, 
/**
 * Entries.
 */
entries: number, 
/**
 * Rows that would be refused, by reason.
 */
refused: Array<[Remark, number]>, 
/**
 * Entries by category code.
 */
categories: Array<[string, number]>, 
/**
 * Codes whose meaning a person has to say: `0`, `5`.
 */
questions: Array<string>, 
/**
 * What stands in the way; empty when nothing does.
 */
open: Array<Remark>, };

export type ImportForm = { 
/**
 * Files.
 */
files: Array<string>, 
/**
 * Name of the set.
 */
name: string, 
/**
 * `known` or `good`.
 */
role: string, 
/**
 * Profile; empty where the list says it.
 */
profile: string, 
/**
 * Meanings of codes: code, `non-pertinent` or `uncategorized`.
 */
meanings: Array<[string, string]>, };

export type ForeignForm = { 
/**
 * The file: VICS (JSON, or a zip with it) or C4All (XML).
 */
file: string, 
/**
 * Folder or archive with its media; empty where they lie beside it, or in it.
 */
media: string, 
/**
 * Scheme of its codes; empty where the file says it.
 */
profile: string, 
/**
 * Meanings of codes: code, `non-pertinent` or `uncategorized`.
 */
meanings: Array<[string, string]>, };

export type ForeignLook = { 
/**
 * Name of the file, escaped.
 */
file: string, 
/**
 * Form, e.g. `VICS case 2.0`.
 */
form: string, 
/**
 * Tools that wrote it, with their versions, escaped, at most 20.
 */
tools: Array<string>, 
/**
 * Scheme of its codes, where the file or the person says it.
 */
scheme: string | null, 
/**
 * Cases in it.
 */
cases: number, 
/**
 * Records of media.
 */
records: number, 
/**
 * Places where files lay.
 */
places: number, 
/**
 * Code, escaped, and number of records; an empty code counts those without a verdict.
 */
categories: Array<[string, number]>, 
/**
 * Codes whose meaning a person has to say: `0`, `5`.
 */
questions: Array<string>, 
/**
 * True when nobody has said whose scheme the codes are of.
 */
needs_scheme: boolean, 
/**
 * Codes that the scheme does not have, with the number of records.
 */
foreign_codes: Array<[string, number]>, 
/**
 * Records whose stored file lies where they say.
 */
stored_found: number, 
/**
 * Records that name a stored file which is not there.
 */
stored_missing: number, 
/**
 * Records that name none.
 */
without_stored: number, 
/**
 * Records whose stored file may not be followed.
 */
stored_refused: number, 
/**
 * What a person should read.
 */
remarks: Array<Remark>, };

export type OpinionView = { 
/**
 * Label of the source that it came with.
 */
label: string, 
/**
 * When it was recorded.
 */
at: string, 
/**
 * Tool and version, escaped; empty where the file names none.
 */
tool: string, 
/**
 * Scheme of the code, where it is known.
 */
scheme: string | null, 
/**
 * Code as the file has it, escaped; absent without a verdict.
 */
code: string | null, 
/**
 * Code in the case's scheme, where that is the scheme of the opinion and has it.
 */
category: string | null, 
/**
 * What a person answered that the code means: `non-pertinent` or `uncategorized`.
 */
meaning: string | null, 
/**
 * True where it contradicts the decision that is in force.
 */
against_decision: boolean, 
/**
 * Series, escaped; empty for none, as in those that follow.
 */
series: string, 
/**
 * Tags, escaped.
 */
tags: string, 
/**
 * Comments, escaped.
 */
comments: string, 
/**
 * Date, as the file has it, escaped.
 */
updated: string, 
/**
 * Words of [`domain::Flags`], and what was said of each.
 */
flags: Array<[string, boolean]>, 
/**
 * What else the record says: name and value, escaped, at most 100, each value of at most 300 characters.
 */
more: Array<[string, string]>, 
/**
 * Values beyond these; the terminal tells all.
 */
more_left: number, };

export type VicsDone = { 
/**
 * Contents in it.
 */
media: number, 
/**
 * Where it lies, escaped.
 */
file: string, 
/**
 * SHA-256 of the file, hex.
 */
sha256: string, };

export type SecurityLine = { 
/**
 * What.
 */
what: SecurityTopic, 
/**
 * How it stands.
 */
standing: SecurityStanding, 
/**
 * A figure or word that belongs to it, e.g. `Landlock ABI 7, seccomp`.
 */
detail: string, };

export type SecurityTopic = "decoder" | "network" | "encryption" | "swap" | "core-dump" | "sets" | "webview" | "screen-capture" | "auto-lock" | "case-folder";

export type SecurityStanding = "fine" | "caution" | "absent" | "unknown";

export type UserLine = { 
/**
 * Name.
 */
name: string, 
/**
 * `investigator`, `team-lead`, `auditor`.
 */
role: string, 
/**
 * When the user was added.
 */
added: string, 
/**
 * When the user was removed.
 */
removed: string | null, };

export type Ticket = { 
/**
 * Path below `media:` that serves it.
 */
path: string, 
/**
 * To give back when the key is let go.
 */
ticket: string, 
/**
 * Width of what is served, pixels.
 */
width: number, 
/**
 * Height.
 */
height: number, 
/**
 * True when the source is not there, and the small picture of the case is served instead.
 */
small: boolean, };

export type RevealForm = { 
/**
 * Number of the item.
 */
number: number, 
/**
 * True for colour; else grey.
 */
colour: boolean, 
/**
 * Longest side that is of use, pixels; at most 8,192.
 */
longest_px: number, 
/**
 * Only a circle: its centre and radius in thousandths of the longer side; the rest is veiled.
 */
part: [number, number, number] | null, };

export type WindowError = { 
/**
 * Word that the window switches on; it has a sentence in both languages for each.
 */
code: string, 
/**
 * What happened, in English.
 */
message: string, 
/**
 * What to do, in English.
 */
hint: string, 
/**
 * Technical detail.
 */
detail: string, };

export type Event = { "event": "counts", 
/**
 * The strip as it is now.
 */
strip: Strip, } | { "event": "job", 
/**
 * The job.
 */
job: JobView, } | { "event": "blank" } | { "event": "locked" } | { "event": "sets" } | { "event": "dropped", 
/**
 * Their paths, as the commands take them.
 */
paths: Array<string>, } | { "event": "dragging", 
/**
 * True while it is.
 */
over: boolean, };

