// Views, facets and decisions of the fake case.
import type {
  DecideDone, DecidePreview, Facet, FacetGroup, Facets, HiddenLine, ItemDetail, Mark, NoteDraft, NoteView, Others, SavedView, SchemeView, SentenceCode,
  Shelf, StoryStep, Strip, Target, Tile, UndoLabel, UndoState, ViewHead, ViewQuery,
} from '../types';
import { opinionsOf } from './foreign';
import { CAMERAS, FOLDERS, Items, SOURCES, spread } from './items';

const ME = 'A. Bakker';
const OTHER = 'J. de Wit';
const MARKS: Mark[] = ['bookmark', 'handover', 'not-alike', 'out-of-stack'];

interface Standing {
  category: string | null;
  own: boolean;
  marks: number;
}

interface Step {
  label: UndoLabel;
  before: Map<number, Standing>;
  after: Map<number, Standing>;
  /** Of what is no standing of items, e.g. a lead: how it is taken back, and done again. */
  turn?: { back: () => void; again: () => void };
}

interface OpenView {
  query: ViewQuery;
  numbers: Uint32Array;
}

export class FakeReview {
  readonly items: Items;
  private drafts: NoteDraft[] = [];
  private readonly standings = new Map<number, Standing>();
  private readonly notes = new Map<number, NoteView[]>();
  private readonly shownAgain = new Set<number>();
  private readonly seen = new Map<number, number>();
  private readonly views = new Map<number, OpenView>();
  private readonly done: Step[] = [];
  private undone: Step[] = [];
  private saved: SavedView[] = [];
  private lastView = 0;
  private operation = 4_200;
  seenToday = 47;

  constructor(readonly scheme: SchemeView, items: Items, private readonly now: () => Date) {
    this.items = items;
    // Some work was done before: every seventh run of twelve.
    for (let number = 1; number <= items.counts.shown; number += 1) {
      if (spread(Math.floor(number / 12), 60) % 7 < 2 && spread(number, 61) % 5 < 4) {
        const at = spread(number, 62) % 40;
        const index = at < 1 ? 0 : at < 3 ? 1 : at < 6 ? 4 : this.scheme.categories.length - 1;
        const code = this.scheme.categories[Math.min(index, this.scheme.categories.length - 1)]?.code ?? null;
        this.standings.set(number, { category: code, own: spread(number, 63) % 9 !== 0, marks: 0 });
      }
      if (spread(number, 64) % 1100 === 0) this.standings.set(number, { ...this.standing(number), marks: 1 });
      if (spread(number, 65) % 33 === 0) this.seen.set(number, 1);
    }
  }

  standing(number: number): Standing {
    return this.standings.get(number) ?? { category: null, own: false, marks: 0 };
  }

  private kind(number: number): 'shown' | 'hidden' | 'refused' {
    return this.shownAgain.has(number) ? 'shown' : this.items.kind(number);
  }

  private marked(number: number, mark: Mark): boolean {
    return (this.standing(number).marks & (1 << MARKS.indexOf(mark))) !== 0;
  }

  private near(number: number): number | null {
    return this.marked(number, 'not-alike') ? null : this.items.near(number);
  }

  private stackOf(number: number): { id: number; first: number; size: number } | null {
    return this.marked(number, 'out-of-stack') ? null : this.items.stack(number);
  }

  private members(number: number): number[] {
    const stack = this.stackOf(number);
    if (!stack) return [];
    return Array.from({ length: stack.size }, (_, at) => stack.first + at)
      .filter((one) => one > 0 && this.kind(one) === 'shown' && this.stackOf(one)?.id === stack.id);
  }

  // Views

  private onShelf(shelf: Shelf, number: number): boolean {
    const standing = this.standing(number);
    const kind = this.kind(number);
    if (shelf === 'hidden' || shelf === 'refused') return kind === shelf;
    if (kind !== 'shown') return false;
    switch (shelf) {
      case 'undecided': return standing.category === null;
      case 'decided': return standing.category !== null;
      case 'looks-known': return standing.category === null && this.near(number) !== null;
      case 'returned': return this.items.reason(number) === 'returned-withdrawn' || this.shownAgain.has(number);
      case 'bookmarked': return this.marked(number, 'bookmark');
      case 'handed-over': return this.marked(number, 'handover');
      case 'disagreed': return standing.category !== null && !standing.own && spread(number, 66) % 40 === 0;
      case 'shown': return true;
    }
  }

  /** Values of a facet that an item has. */
  private values(facet: Facet, number: number): string[] {
    const standing = this.standing(number);
    const near = this.near(number);
    switch (facet) {
      case 'reason': return [this.kind(number) === 'refused' ? 'undecodable' : this.kind(number) === 'hidden' ? 'hidden-known' : standing.category ? 'decided' : this.items.reason(number)];
      case 'source': return [String(this.items.source(number) + 1)];
      case 'folder': return [String(this.items.folder(number))];
      case 'class': return [this.items.video(number) ? 'video' : 'picture'];
      case 'type': return [this.items.video(number) ? 'video/mp4' : 'image/jpeg'];
      case 'size': {
        const size = this.items.size(number);
        return [size < 50_000 ? 'under-50k' : size < 200_000 ? '50k-200k' : size < 1_000_000 ? '200k-1m' : size < 5_000_000 ? '1m-5m' : 'over-5m'];
      }
      case 'year': return [String(this.items.year(number) ?? 'none')];
      case 'camera': return [CAMERAS[this.items.camera(number)] ?? 'none'];
      case 'category': return [standing.category ?? 'none'];
      case 'suggested': return near === null ? [] : [this.items.nearCategory(this.scheme, number) ?? 'needs-human'];
      case 'set': return near === null ? [] : ['Landelijk'];
      case 'decider': return standing.category === null ? [] : [standing.own ? ME : OTHER];
      case 'mark': return [
        ...(this.marked(number, 'bookmark') ? ['bookmark'] : []), ...(this.marked(number, 'handover') ? ['handover'] : []),
        ...(this.notes.has(number) ? ['note'] : []), ...(this.seen.has(number) ? ['seen'] : []),
        ...(near !== null ? ['near'] : []), ...(this.members(number).length > 1 ? ['stack'] : [])];
    }
  }

  private meets(query: ViewQuery, number: number, but?: Facet): boolean {
    return this.onShelf(query.shelf, number)
      && query.picks.every((pick) => pick.facet === but || pick.values.length === 0 || this.values(pick.facet, number).some((value) => pick.values.includes(value)))
      && this.meetsText(query.text, number);
  }

  private meetsText(text: string, number: number): boolean {
    return text.trim().split(/\s+/).filter(Boolean).every((word) => {
      const turned = word.startsWith('-');
      const plain = (turned ? word.slice(1) : word).toLowerCase();
      const item = /^item:(\d+)$/.exec(plain);
      const met = item ? number === Number(item[1])
        : `${this.items.path(number)} ${CAMERAS[this.items.camera(number)]}`.toLowerCase().includes(plain.replace(/^(camera|source|type):/, ''));
      return met !== turned;
    });
  }

  private find(query: ViewQuery): Uint32Array {
    const found: number[] = [];
    const stacks = new Set<number>();
    for (let number = 1; number <= this.items.last; number += 1) {
      if (!this.meets(query, number)) continue;
      const stack = query.stacked ? this.stackOf(number) : null;
      if (stack) {
        if (stacks.has(stack.id)) continue;
        stacks.add(stack.id);
      }
      found.push(number);
    }
    const by: Partial<Record<ViewQuery['order'], (number: number) => number>> = {
      time: (number) => this.items.year(number) ?? 9999, size: (number) => this.items.size(number),
      place: (number) => this.items.source(number), camera: (number) => this.items.camera(number),
      review: (number) => (this.items.reason(number) === 'returned-withdrawn' ? 0 : this.items.reason(number) === 'conflict' ? 1 : 2),
    };
    const key = by[query.order];
    if (key) found.sort((a, b) => key(a) - key(b) || a - b);
    if (query.descending) found.reverse();
    return Uint32Array.from(found);
  }

  view(view: number): OpenView {
    const open = this.views.get(view);
    if (!open) throw { code: 'not-found', message: 'This view is not open any more.', hint: 'Open it again.', detail: `view ${view}` };
    return open;
  }

  open(query: ViewQuery, anchor: number | null): ViewHead {
    this.lastView += 1;
    this.views.set(this.lastView, { query, numbers: this.find(query) });
    return this.head(this.lastView, anchor);
  }

  refresh(view: number, anchor: number | null): ViewHead {
    const open = this.view(view);
    open.numbers = this.find(open.query);
    return this.head(view, anchor);
  }

  close(view: number): void {
    this.views.delete(view);
  }

  head(view: number, anchor: number | null = null): ViewHead {
    const { query, numbers } = this.view(view);
    let settled = 0;
    for (const number of numbers) if (!this.onShelf(query.shelf, number)) settled += 1;
    let items = numbers.length;
    if (query.stacked) for (const number of numbers) items += Math.max(0, this.members(number).length - 1);
    let at: number | null = null;
    if (anchor !== null && numbers.length > 0) {
      const exact = numbers.indexOf(anchor);
      const after = exact >= 0 ? exact : numbers.findIndex((number) => number >= anchor);
      at = after >= 0 ? after : numbers.length - 1;
    }
    const problem = /size[<>](?!\d)/.test(query.text) ? query.text : null;
    return { view, total: numbers.length, items, settled, arrived: 0, anchor: at, text_problem: problem };
  }

  tiles(view: number, start: number, count: number): Tile[] {
    const { query, numbers } = this.view(view);
    return [...numbers.subarray(start, start + Math.min(count, 2_000))].map((number, at) => this.tile(start + at, number, query.stacked));
  }

  /** Tiles as no view has them. */
  tilesOf(numbers: number[]): Tile[] {
    return numbers.map((number, at) => this.tile(at, number, false));
  }

  private tile(index: number, number: number, stacked: boolean): Tile {
    const standing = this.standing(number);
    const state = this.kind(number);
    const [width, height] = this.items.shape(number);
    const near = standing.category === null ? this.near(number) : null;
    const members = state === 'shown' ? this.members(number).length : 0;
    const heads = stacked || this.items.stack(number)?.first === number;
    return {
      index, number, width, height, class: this.items.video(number) ? 'video' : 'picture',
      has_picture: state === 'shown' && spread(number, 67) % 400 !== 0,
      category: standing.category, own: standing.own,
      suggestion: near === null ? null : { category: this.items.nearCategory(this.scheme, number), distance: near },
      stack: members > 1 && heads ? members : null,
      seen: this.seen.has(number), bookmark: this.marked(number, 'bookmark'), handover: this.marked(number, 'handover'), note: this.notes.has(number),
      returned: this.items.reason(number) === 'returned-withdrawn', odd: this.items.reason(number) === 'conflict',
      refused: state === 'refused' ? { code: spread(number, 68) % 2 ? 'undecodable' : 'unreadable', with: { detail: 'the file breaks off' } } : null,
      state,
    };
  }

  numbers(view: number, start: number, count: number): number[] {
    return [...this.view(view).numbers.subarray(start, start + Math.min(count, 100_000))];
  }

  index(view: number, number: number): number | null {
    const at = this.view(view).numbers.indexOf(number);
    return at < 0 ? null : at;
  }

  nextUndecided(view: number, after: number): number | null {
    const { numbers } = this.view(view);
    for (let step = 1; step <= numbers.length; step += 1) {
      const at = (after + step) % numbers.length;
      const number = numbers[at];
      if (number !== undefined && this.standing(number).category === null && this.kind(number) === 'shown') return at;
    }
    return null;
  }

  facets(query: ViewQuery): Facets {
    const shelves: Shelf[] = ['undecided', 'decided', 'looks-known', 'returned', 'bookmarked', 'handed-over', 'disagreed', 'shown', 'hidden', 'refused'];
    const facets: Facet[] = ['reason', 'source', 'class', 'camera', 'category', 'suggested', 'mark', 'size', 'folder', 'year'];
    const counts = new Map(shelves.map((shelf) => [shelf, 0]));
    const values = new Map(facets.map((facet) => [facet, new Map<string, number>()]));
    for (let number = 1; number <= Math.min(this.items.last, 60_000); number += 1) {
      for (const shelf of shelves) if (this.onShelf(shelf, number)) counts.set(shelf, (counts.get(shelf) ?? 0) + 1);
      if (!this.onShelf(query.shelf, number)) continue;
      for (const facet of facets) {
        if (!this.meets(query, number, facet)) continue;
        const of = values.get(facet);
        for (const value of this.values(facet, number)) of?.set(value, (of.get(value) ?? 0) + 1);
      }
    }
    counts.set('hidden', this.items.counts.hidden - this.shownAgain.size);
    return { shelves: shelves.map((shelf) => ({ shelf, count: counts.get(shelf) ?? 0 })), groups: facets.map((facet) => this.group(query, facet, values.get(facet) ?? new Map())) };
  }

  private group(query: ViewQuery, facet: Facet, of: Map<string, number>): FacetGroup {
    const picked = query.picks.find((pick) => pick.facet === facet)?.values ?? [];
    const sorted = [...of].sort((a, b) => (facet === 'year' ? a[0].localeCompare(b[0]) : b[1] - a[1]));
    const label = (value: string): string | null => (facet === 'source' ? SOURCES[Number(value) - 1] : facet === 'folder' ? FOLDERS[Number(value)] : null) ?? null;
    return {
      facet, more: Math.max(0, sorted.length - 50),
      values: sorted.slice(0, 50).map(([value, count]) => ({ value, label: label(value), count, picked: picked.includes(value) })),
    };
  }

  savedViews(): SavedView[] {
    return this.saved;
  }

  savedPut(view: SavedView): void {
    this.saved = [...this.saved.filter((one) => one.name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name));
  }

  savedRemove(name: string): void {
    this.saved = this.saved.filter((one) => one.name !== name);
  }

  hiddenLines(view: number, start: number, count: number): HiddenLine[] {
    return this.numbers(view, start, count).map((number, at) => {
      const match = this.match(number);
      return {
        index: start + at, number, category: match.category, set: match.set, version: match.version, why: this.hiddenBy(number), entry: match.entry, digest: match.digest,
        media_type: this.items.video(number) ? 'video/mp4' : 'image/jpeg', size_bytes: this.items.size(number), place: this.items.path(number), places: this.places(number).length,
      };
    });
  }

  private match(number: number): ItemDetail['matches'][number] {
    const ordinary = spread(number, 84) % 12 === 0;
    const category = ordinary ? null : (this.scheme.categories[spread(number, 70) % 2]?.code ?? null);
    return {
      set: ordinary ? 'Gewone bestanden' : spread(number, 85) % 5 === 0 ? 'Interpol' : 'Landelijk', role: ordinary ? 'good' : 'known', version: ordinary ? 3 : 1842, entry: `L-${number}`,
      digest: (['sha256', 'sha1', 'md5'] as const)[spread(number, 86) % 3] ?? 'sha256', agreement: 'confirmed', category, original: category, scheme: ordinary ? null : this.scheme.id,
      series: spread(number, 87) % 3 === 0 ? 'Haven' : null, flags: spread(number, 88) % 4 === 0 ? ['victim_identified'] : [], quarantined: false,
    };
  }

  private hiddenBy(number: number): HiddenLine['why'] {
    const match = this.match(number);
    const filled = { set: match.set, version: String(match.version), entry: match.entry, digest: match.digest, agreement: match.agreement, freshness: 'fresh' };
    return match.role === 'good' ? { code: 'hidden-ordinary', with: filled }
      : { code: 'hidden-known', with: { ...filled, category: match.category ?? '', original: match.original ?? '', scheme: this.scheme.id } };
  }

  // Decisions

  targets(target: Target): number[] {
    const whole = (view: number, first: number, count: number): number[] => {
      const open = this.view(view);
      const run = [...open.numbers.subarray(first, first + count)];
      return open.query.stacked ? [...new Set(run.flatMap((number) => (this.members(number).length > 1 ? this.members(number) : [number])))] : run;
    };
    const found = target.kind === 'items' ? target.numbers
      : target.kind === 'range' ? whole(target.view, target.first, target.count)
      : target.kind === 'whole' ? whole(target.view, 0, this.view(target.view).numbers.length).filter((number) => !target.except.includes(number))
      : (this.members(target.number).length ? this.members(target.number) : [target.number]).filter((number) => !target.except.includes(number));
    return found.filter((number) => this.kind(number) !== 'hidden');
  }

  preview(target: Target, category: string | null): DecidePreview {
    const numbers = this.targets(target);
    const overwrites = new Map<string, { category: string; by: string; own: boolean; items: number }>();
    let undecided = 0, same = 0;
    for (const number of numbers) {
      const standing = this.standing(number);
      if (standing.category === null) undecided += 1;
      else if (standing.category === category) same += 1;
      else {
        const key = `${standing.category} ${standing.own}`;
        const one = overwrites.get(key) ?? { category: standing.category, by: standing.own ? ME : OTHER, own: standing.own, items: 0 };
        one.items += 1;
        overwrites.set(key, one);
      }
    }
    const changed = [...overwrites.values()].sort((a, b) => Number(b.own) - Number(a.own));
    return { items: numbers.length, undecided, same, overwrites: changed, sample: numbers.slice(0, 60), ask: numbers.length > 50 || changed.some((one) => !one.own) };
  }

  decide(target: Target, category: string | null, others: Others, note: string | null): DecideDone {
    const numbers = this.targets(target);
    const foreign = (number: number): boolean => {
      const standing = this.standing(number);
      return standing.category !== null && !standing.own && standing.category !== category;
    };
    const kept = others === 'keep' ? numbers.filter(foreign) : [];
    const changed = numbers.filter((number) => !kept.includes(number) && this.standing(number).category !== category);
    if (note) for (const number of changed) this.note(number, note);
    const operation = this.record(category === null ? 'cleared' : 'decided', category, changed, (standing) => ({ ...standing, category, own: category !== null }));
    return { operation, items: changed.length, kept: kept.length };
  }

  mark(target: Target, mark: Mark, on: boolean): DecideDone {
    const bit = 1 << MARKS.indexOf(mark);
    const changed = this.targets(target).filter((number) => this.marked(number, mark) !== on);
    const what = { bookmark: ['unbookmarked', 'bookmarked'], handover: ['handover-taken-back', 'handed-over'], 'not-alike': ['alike', 'not-alike'], 'out-of-stack': ['back-in-stack', 'out-of-stack'] }[mark][Number(on)] ?? '';
    const operation = this.record(what, null, changed, (standing) => ({ ...standing, marks: on ? standing.marks | bit : standing.marks & ~bit }));
    return { operation, items: changed.length, kept: 0 };
  }

  private record(what: string, category: string | null, numbers: number[], change: (standing: Standing) => Standing): number | null {
    if (numbers.length === 0) return null;
    this.operation += 1;
    const before = new Map(numbers.map((number) => [number, this.standing(number)]));
    const after = new Map([...before].map(([number, standing]) => [number, change(standing)]));
    for (const [number, standing] of after) this.standings.set(number, standing);
    this.done.push({ label: { operation: this.operation, what, category, items: numbers.length, at: this.now().toISOString() }, before, after });
    this.undone = [];
    return this.operation;
  }

  note(number: number, text: string): void {
    this.notes.set(number, [{ by: ME, at: this.now().toISOString(), text }, ...(this.notes.get(number) ?? [])]);
  }

  noteDraft(number: number, text: string | null): void {
    this.drafts = this.drafts.filter((one) => one.number !== number);
    if (text !== null) this.drafts.push({ number, text });
  }

  noteDrafts(): NoteDraft[] {
    return [...this.drafts];
  }

  undo(): UndoLabel | null {
    const step = this.done.pop();
    if (!step) return null;
    for (const [number, standing] of step.before) this.standings.set(number, standing);
    step.turn?.back();
    this.undone.push(step);
    return step.label;
  }

  redo(): UndoLabel | null {
    const step = this.undone.pop();
    if (!step) return null;
    for (const [number, standing] of step.after) this.standings.set(number, standing);
    step.turn?.again();
    this.done.push(step);
    return step.label;
  }

  /** Records a step of something else than items. */
  recordTurn(what: string, items: number, back: () => void, again: () => void): void {
    this.operation += 1;
    this.done.push({ label: { operation: this.operation, what, category: null, items, at: this.now().toISOString() }, before: new Map(), after: new Map(), turn: { back, again } });
    this.undone = [];
  }

  undoState(): UndoState {
    return { undo: this.done.at(-1)?.label ?? null, redo: this.undone.at(-1)?.label ?? null };
  }

  showAgain(number: number): void {
    this.shownAgain.add(number);
  }

  hasSeen(number: number): boolean {
    return this.seen.has(number);
  }

  sawClearly(number: number): void {
    this.seen.set(number, (this.seen.get(number) ?? 0) + 1);
    this.seenToday += 1;
  }

  strip(): Strip {
    const { shown, hidden, refused } = this.items.counts;
    let decided = 0;
    for (const standing of this.standings.values()) if (standing.category !== null) decided += 1;
    const again = this.shownAgain.size;
    return {
      shown: shown + again, hidden: hidden - again, refused, waiting: 0, total: shown + hidden + refused, decided, notices: 2,
      sets: [{ name: 'Landelijk', version: 1842, age_hours: 6, freshness: 'fresh' }, { name: 'Interpol', version: 77, age_hours: 4, freshness: 'fresh' }],
      sets_changed: false, seen_today: this.seenToday,
    };
  }

  detail(number: number): ItemDetail {
    const standing = this.standing(number);
    const kind = this.kind(number);
    const [width, height] = this.items.shape(number);
    const near = this.near(number);
    const sha = this.items.sha256(number);
    const camera = CAMERAS[this.items.camera(number)] ?? 'none';
    const category = near === null ? null : this.items.nearCategory(this.scheme, number);
    const hidden = kind === 'hidden' ? this.hiddenBy(number) : null;
    const reason = hidden ? hidden.code : kind === 'refused' ? 'undecodable' : standing.category ? 'decided' : this.items.reason(number);
    const filled: Record<string, Record<string, string>> = {
      new: { sets: '3' }, decided: { category: standing.category ?? '', by: standing.own ? ME : OTHER },
      'returned-withdrawn': { set: 'Landelijk', version: '1842', entry: 'L-1', reason: 'category was wrong' }, conflict: { opinions: '2' }, undecodable: { detail: 'the file breaks off' },
    };
    const [first, second] = this.scheme.categories;
    const opinions = kind === 'shown' ? opinionsOf(number, this.scheme.id, first?.code ?? '1', second?.code ?? '2', standing.category) : [];
    return {
      number, sha256: sha, sha1: sha.slice(0, 40), md5: sha.slice(8, 40), size_bytes: this.items.size(number),
      media_type: this.items.video(number) ? 'video/mp4' : 'image/jpeg', class: this.items.video(number) ? 'video' : 'picture',
      extension_disagrees: spread(number, 71) % 50 === 0 ? 'png' : null, width, height, state: kind,
      why: [hidden ?? { code: reason as SentenceCode, with: filled[reason] ?? {} }],
      category: standing.category, decided_by: standing.category ? (standing.own ? ME : OTHER) : null, decided_at: standing.category ? '2026-11-24T10:52:00Z' : null,
      marks: MARKS.filter((mark) => this.marked(number, mark)), notes: this.notes.get(number) ?? [],
      looks_like: near === null ? [] : [{ set: 'Landelijk', version: 1842, entry: `L-${number + 7}`, distance: near, category, original: category ?? 'Z9', scheme: this.scheme.id, series: 'Haven', flags: spread(number, 72) % 3 === 0 ? ['victim_identified'] : [] }],
      matches: hidden ? [this.match(number)] : [], places: this.places(number), taken: this.items.taken(number),
      camera_make: camera === 'none' ? null : 'Maker', camera_model: camera === 'none' ? null : camera, camera_serial: spread(number, 73) % 3 ? null : '063021',
      software: spread(number, 74) % 2 ? '17.3.1' : null, latitude: spread(number, 75) % 3 ? null : 51.92, longitude: spread(number, 75) % 3 ? null : 4.48,
      metadata: [['Exif', 'Orientation', '1'], ['Exif', 'ISO', '320'], ['Exif', 'ExposureTime', '1/120']], remarks: [],
      opinions, tools_conflict: opinions.length > 1,
      stack: this.members(number), stack_count: this.members(number).length, story: this.story(number), seen: this.seen.get(number) ?? 0,
    };
  }

  private places(number: number): ItemDetail['places'] {
    return Array.from({ length: 1 + (spread(number, 76) % 3) }, (_, at) => {
      const other = number + at * 97;
      const source = this.items.source(other);
      return { source: source + 1, label: `A0${source + 1}`, path: this.items.path(other), modified: '2025-03-14T15:02:11Z', created: null, time_raw: null };
    });
  }

  private story(number: number): StoryStep[] {
    const standing = this.standing(number);
    const steps: StoryStep[] = [
      { operation: 12, at: '2026-11-25T09:41:00Z', what: { code: 'story-judged', with: { after: this.kind(number), why: this.items.reason(number) } } },
      { operation: 11, at: '2026-11-25T09:38:00Z', what: { code: 'story-found', with: { source: 'A01', place: this.items.path(number) } } },
    ];
    if (standing.category) steps.unshift({ operation: 40, at: '2026-11-25T09:52:00Z', what: { code: 'story-decided', with: { by: standing.own ? ME : OTHER, category: standing.category, before: '' } } });
    return steps;
  }
}
