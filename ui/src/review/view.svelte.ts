// The view that is reviewed: its query, its tiles, the ring and the selection, and the way back and forward.
import { call, windowError } from '../backend';
import type { Facet, FacetPick, Facets, SavedView, Shelf, Tile, ViewHead, ViewQuery, WindowError } from '../backend/types';
import { Places } from './places';
import { Rows } from './rows';
import { atRing, extendTo, has, letGo, moveTo, selectAll, size, toggleRing, type Hand } from './selection';

export const START: ViewQuery = { shelf: 'undecided', picks: [], text: '', order: 'review', descending: false, stacked: false };

/** Milliseconds after the last change before counts are asked for again: they cost more than a tile. */
const HEAD_AFTER_MS = 250;
const FACETS_AFTER_MS = 900;

class View {
  query: ViewQuery = $state.raw(START);
  head: ViewHead | null = $state.raw(null);
  hand: Hand = $state.raw(atRing(0));
  facets: Facets | null = $state.raw(null);
  saved: SavedView[] = $state.raw([]);
  error: WindowError | null = $state.raw(null);
  canBack = $state(false);
  canForward = $state(false);
  /** Grows whenever a tile that is kept has changed. */
  version = $state(0);
  /** Tiles that are seen whole; the grid says so. */
  whole: { first: number; last: number } | null = null;
  /** Grows when the ring jumped: then it is shown in the middle. */
  jumps = $state(0);

  rows: Rows = this.newRows(-1);
  private places = new Places();
  private timers: { head?: ReturnType<typeof setTimeout>; facets?: ReturnType<typeof setTimeout> } = {};
  private opening = 0;
  private kept: { of: string; query: ViewQuery; anchor: number | null } | null = null;

  get total(): number {
    return this.head?.total ?? 0;
  }

  get ring(): number {
    return this.hand.ring;
  }

  get selected(): number {
    return size(this.hand.runs);
  }

  isSelected(index: number): boolean {
    return has(this.hand.runs, index);
  }

  /** The tile at a place, once it is there. */
  tile(index: number): Tile | undefined {
    void this.version;
    return this.rows.at(index);
  }

  /** The tile in the ring. */
  get ringTile(): Tile | undefined {
    return this.total > 0 ? this.tile(this.ring) : undefined;
  }

  /** Begins anew, e.g. after a case was opened; where it was locked, if it is the same. */
  async begin(of: string): Promise<void> {
    const kept = this.kept?.of === of ? this.kept : null;
    this.kept = null;
    this.places = new Places();
    await this.go(kept?.query ?? START, kept?.anchor ?? null);
    await this.askSaved();
  }

  /** Keeps where the ring was, and drops everything else: the case was locked. */
  suspend(of: string): void {
    const kept = { of, query: this.query, anchor: this.ringTile?.number ?? null };
    this.drop();
    this.kept = kept;
  }

  /** Drops everything of a case. */
  drop(): void {
    this.opening += 1;
    clearTimeout(this.timers.head);
    clearTimeout(this.timers.facets);
    this.timers = {};
    this.rows.close();
    this.rows = this.newRows(-1);
    this.places = new Places();
    this.head = null;
    this.facets = null;
    this.saved = [];
    this.query = START;
    this.hand = atRing(0);
    this.error = null;
  }

  /** Opens another view; the item in the ring is looked for in it. */
  async go(query: ViewQuery, anchor: number | null = this.ringTile?.number ?? null): Promise<void> {
    this.places.keep(this.ringTile?.number ?? null);
    if (await this.open(query, anchor)) this.places.go({ query, anchor });
    this.sayPlaces();
  }

  async back(): Promise<void> {
    this.places.keep(this.ringTile?.number ?? null);
    const place = this.places.back();
    if (place) await this.open(place.query, place.anchor);
    this.sayPlaces();
  }

  async forward(): Promise<void> {
    this.places.keep(this.ringTile?.number ?? null);
    const place = this.places.forward();
    if (place) await this.open(place.query, place.anchor);
    this.sayPlaces();
  }

  /** Takes in what came and lets go what is settled; the ring stays with its item, or goes to the next. */
  async refresh(): Promise<void> {
    if (!this.head) return;
    try {
      const head = await call('view_refresh', { view: this.head.view, anchor: this.ringTile?.number ?? null });
      this.rows.close();
      this.take(head);
      this.askFacetsSoon(0);
    } catch (thrown) {
      this.error = windowError(thrown);
    }
  }

  /** Changes the filters of one facet. */
  pick(facet: Facet, value: string, on: boolean): Promise<void> {
    const before = this.query.picks.find((pick) => pick.facet === facet)?.values ?? [];
    const values = on ? [...before.filter((one) => one !== value), value] : before.filter((one) => one !== value);
    const picks: FacetPick[] = this.query.picks.filter((pick) => pick.facet !== facet);
    if (values.length > 0) picks.push({ facet, values });
    return this.go({ ...this.query, picks });
  }

  /** Goes to a shelf; filters are left behind. */
  shelf(shelf: Shelf): Promise<void> {
    return this.go({ ...this.query, shelf, picks: [], text: '' });
  }

  /** Takes the last filter off: the text, else the last value that was picked. */
  async lastOff(): Promise<void> {
    if (this.query.text) return this.go({ ...this.query, text: '' });
    const picks = [...this.query.picks];
    const last = picks.pop();
    if (!last) return;
    if (last.values.length > 1) picks.push({ ...last, values: last.values.slice(0, -1) });
    return this.go({ ...this.query, picks });
  }

  filtered(): boolean {
    return this.query.picks.length > 0 || this.query.text !== '';
  }

  /** Number of single filters. */
  get filters(): number {
    return this.query.picks.reduce((sum, pick) => sum + pick.values.length, 0) + (this.query.text ? 1 : 0);
  }

  // The hand

  moveTo(ring: number): void {
    this.hand = moveTo(this.hand, this.inside(ring));
  }

  /** The ring goes somewhere else altogether. */
  jumpTo(ring: number): void {
    this.moveTo(ring);
    this.jumps += 1;
  }

  extendTo(ring: number): void {
    this.hand = extendTo(this.hand, this.inside(ring));
  }

  toggleRing(): void {
    if (this.total > 0) this.hand = toggleRing(this.hand);
  }

  letGo(): void {
    this.hand = letGo(this.hand);
  }

  selectAll(): void {
    this.hand = selectAll(this.hand, this.total);
  }

  /** Place of the next undecided tile: from those that are kept, else the program is asked. Null when nothing is left. */
  async nextUndecided(after: number): Promise<number | null> {
    for (let index = after + 1; index < this.total; index += 1) {
      const tile = this.rows.at(index);
      if (!tile) break;
      if (tile.category === null && tile.state === 'shown') return index;
    }
    return this.head ? call('view_next_undecided', { view: this.head.view, after }) : null;
  }

  /** Place of an item in this view. */
  async indexOf(number: number): Promise<number | null> {
    const kept = this.rows.of(number);
    if (kept) return kept.index;
    return this.head ? call('view_index', { view: this.head.view, number }) : null;
  }

  // Asking again

  /** Something was decided or came: counts are asked for soon. */
  changedSoon(): void {
    this.timers.head ??= setTimeout(() => {
      delete this.timers.head;
      void this.askHead();
    }, HEAD_AFTER_MS);
    this.askFacetsSoon(FACETS_AFTER_MS);
  }

  async askSaved(): Promise<void> {
    try {
      this.saved = await call('saved_views', {});
    } catch (thrown) {
      this.error = windowError(thrown);
    }
  }

  async save(name: string): Promise<void> {
    await call('saved_view_put', { view: { name, query: this.query } });
    await this.askSaved();
  }

  async rename(view: SavedView, name: string): Promise<void> {
    // The new one is kept before the old one goes: a failure between them loses nothing.
    await call('saved_view_put', { view: { ...view, name } });
    if (name !== view.name) await call('saved_view_remove', { name: view.name });
    await this.askSaved();
  }

  async removeSaved(name: string): Promise<void> {
    await call('saved_view_remove', { name });
    await this.askSaved();
  }

  private async askHead(): Promise<void> {
    const view = this.head?.view;
    if (view === undefined) return;
    try {
      const head = await call('view_head', { view });
      if (this.head?.view === view) this.head = { ...head, anchor: null };
    } catch {
      // The view was closed meanwhile; the one that is open now asks for itself.
    }
  }

  /** While a source is loaded counts change all the time: what is due already is not put off. */
  private askFacetsSoon(after: number): void {
    if (after > 0 && this.timers.facets !== undefined) return;
    clearTimeout(this.timers.facets);
    const query = this.query;
    this.timers.facets = setTimeout(() => {
      delete this.timers.facets;
      call('facets', { query }).then(
        (facets) => {
          if (this.query === query) this.facets = facets;
        },
        // The counts of before stay; the next change asks again.
        () => undefined,
      );
    }, after);
  }

  private async open(query: ViewQuery, anchor: number | null): Promise<boolean> {
    this.opening += 1;
    const turn = this.opening;
    try {
      const head = await call('view_open', { query, anchor });
      if (turn !== this.opening) {
        void call('view_close', { view: head.view }).catch(() => undefined);
        return false;
      }
      const before = this.head?.view;
      this.rows.close();
      this.query = query;
      this.error = null;
      this.take(head);
      this.askFacetsSoon(0);
      if (before !== undefined) void call('view_close', { view: before }).catch(() => undefined);
      return true;
    } catch (thrown) {
      this.error = windowError(thrown);
      return false;
    }
  }

  /** The selection is one of places, and places are others now: it is let go. */
  private take(head: ViewHead): void {
    this.rows = this.newRows(head.view);
    this.head = head;
    this.hand = atRing(Math.min(head.anchor ?? 0, Math.max(0, head.total - 1)));
    this.jumps += 1;
    this.version += 1;
    if (head.total > 0) this.rows.want(this.hand.ring, this.hand.ring, head.total);
  }

  private inside(ring: number): number {
    return Math.min(Math.max(0, ring), Math.max(0, this.total - 1));
  }

  private sayPlaces(): void {
    this.canBack = this.places.canBack;
    this.canForward = this.places.canForward;
  }

  private newRows(view: number): Rows {
    return new Rows(
      (start, count) => call('view_tiles', { view, start, count }),
      () => (this.version += 1),
      (thrown) => (this.error = windowError(thrown)),
    );
  }
}

export const view = new View();
