// Tiles of a view by their place: asked for by the page, kept for a while, dropped when others are needed more.
import type { Tile } from '../backend/types';

/** Tiles of a page. */
export const PAGE = 200;
/** Pages that are kept: 16,000 tiles. */
const PAGES_MAX = 80;
/** Pages that are asked for at once: in a jump over a million tiles only where it ends is of use. */
const ASKED_MAX = 4;

interface Page {
  tiles: Tile[];
  /** Asked again, but shown until the answer is there: tiles must not flicker after a decision. */
  stale: boolean;
}

export class Rows {
  private readonly pages = new Map<number, Page>();
  private readonly asked = new Set<number>();
  private readonly byNumber = new Map<number, number>();
  private closed = false;
  /** What was wanted last, while too much was under way. */
  private later: (() => void) | null = null;

  constructor(
    private readonly fetch: (start: number, count: number) => Promise<Tile[]>,
    private readonly changed: () => void,
    private readonly failed: (thrown: unknown) => void,
  ) {}

  at(index: number): Tile | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.tiles[index % PAGE];
  }

  /** Tile of an item, if it is among those that are kept. */
  of(number: number): Tile | undefined {
    const index = this.byNumber.get(number);
    const tile = index === undefined ? undefined : this.at(index);
    return tile?.number === number ? tile : undefined;
  }

  /** Asks for what is missing of a run of places, what is seen before what lies around it. */
  want(first: number, last: number, total: number): void {
    this.later = null;
    if (this.asked.size >= ASKED_MAX) {
      this.later = () => this.want(first, last, total);
      return;
    }
    const from = Math.floor(first / PAGE), to = Math.floor(last / PAGE), end = Math.floor(Math.max(0, total - 1) / PAGE);
    for (let page = from; page <= to; page += 1) this.ask(page, total);
    for (const page of [to + 1, from - 1]) if (page >= 0 && page <= end) this.ask(page, total);
  }

  /** Tiles of a run, asked for if they are not there. */
  async run(first: number, count: number): Promise<Tile[]> {
    const tiles: Tile[] = [];
    for (let index = first; index < first + count; index += 1) {
      const tile = this.at(index);
      if (!tile) return this.fetch(first, count);
      tiles.push(tile);
    }
    return tiles;
  }

  /** Changes tiles that are kept, e.g. after a decision. */
  patch(numbers: Iterable<number>, change: (tile: Tile) => Tile): void {
    for (const number of numbers) {
      const index = this.byNumber.get(number);
      const page = index === undefined ? undefined : this.pages.get(Math.floor(index / PAGE));
      const tile = index === undefined ? undefined : page?.tiles[index % PAGE];
      if (page && tile?.number === number && index !== undefined) page.tiles[index % PAGE] = change(tile);
    }
    this.changed();
  }

  /** Everything may be another now: it is asked for again where it is looked at. */
  stale(): void {
    for (const page of this.pages.values()) page.stale = true;
    this.changed();
  }

  close(): void {
    this.closed = true;
    this.pages.clear();
    this.byNumber.clear();
  }

  private ask(page: number, total: number): void {
    const kept = this.pages.get(page);
    if (kept) {
      // The newest use is last in the map: the first is dropped when there are too many.
      this.pages.delete(page);
      this.pages.set(page, kept);
    }
    if ((kept && !kept.stale) || this.asked.has(page) || page * PAGE >= total) return;
    this.asked.add(page);
    if (kept) kept.stale = false;
    this.fetch(page * PAGE, Math.min(PAGE, total - page * PAGE)).then(
      (tiles) => this.take(page, tiles),
      (thrown: unknown) => {
        this.asked.delete(page);
        if (!this.closed) this.failed(thrown);
        this.later?.();
      },
    );
  }

  private take(page: number, tiles: Tile[]): void {
    this.asked.delete(page);
    if (this.closed) return;
    const stale = this.pages.get(page)?.stale ?? false;
    this.pages.set(page, { tiles, stale });
    tiles.forEach((tile, at) => this.byNumber.set(tile.number, page * PAGE + at));
    while (this.pages.size > PAGES_MAX) {
      const [oldest, dropped] = this.pages.entries().next().value!;
      this.pages.delete(oldest);
      for (const tile of dropped.tiles) this.byNumber.delete(tile.number);
    }
    this.later?.();
    this.changed();
  }
}
