// Holds parts of a long list that the program gives page by page. Parts that are far away are forgotten.
import { SvelteMap } from 'svelte/reactivity';

/** Rows that are asked for at once. */
export const PAGE_ROWS = 200;
/** Pages that are kept. */
const PAGES_MAX = 24;

export class RowPages<T> {
  private readonly pages = new SvelteMap<number, T[]>();
  private readonly asked = new Set<number>();
  /** Answers of an older list are dropped. */
  private turn = 0;

  constructor(private readonly fetch: (start: number, count: number) => Promise<T[]>, private readonly failed: (thrown: unknown) => void) {}

  /** A row, if it is here. */
  row(index: number): T | undefined {
    return this.pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  /** Asks for the pages of a run of rows. */
  want(first: number, count: number): void {
    for (let page = Math.floor(first / PAGE_ROWS); page * PAGE_ROWS < first + count; page += 1) void this.load(page);
  }

  /** Forgets everything: the list is another one. */
  clear(): void {
    this.turn += 1;
    this.pages.clear();
    this.asked.clear();
  }

  private async load(page: number): Promise<void> {
    if (this.asked.has(page)) return;
    this.asked.add(page);
    const turn = this.turn;
    try {
      const rows = await this.fetch(page * PAGE_ROWS, PAGE_ROWS);
      if (turn !== this.turn) return;
      this.pages.set(page, rows);
      for (const old of this.pages.keys()) {
        if (this.pages.size <= PAGES_MAX) break;
        if (old !== page) {
          this.pages.delete(old);
          this.asked.delete(old);
        }
      }
    } catch (thrown) {
      if (turn !== this.turn) return;
      this.asked.delete(page);
      this.failed(thrown);
    }
  }
}
