// When the saved regions of an item are clear: while the desk is seen and nothing speaks against it. Pure: pictures are passed in.
// What is asked for is one picture that is veiled but for those regions; the veil itself is made where the data is.
import type { Clear } from '../review/reveal';

export interface RegionsWish {
  lead: number;
  number: number;
  /** The regions as they are saved, each in words of its own: others are asked for anew. */
  regions: readonly string[];
  /** Longer side on the screen, pixels. */
  longest: number;
}

export interface RegionHands<Picture> {
  ask(wish: RegionsWish, signal: AbortSignal): Promise<Clear<Picture>>;
  /** The picture is not wanted any more: its bytes are let go. */
  end(clear: Clear<Picture>): void;
  changed(): void;
}

export type RegionSight<Picture> =
  | { phase: 'veiled' }
  | { phase: 'asked'; wish: RegionsWish }
  | { phase: 'clear'; wish: RegionsWish; clear: Clear<Picture> }
  | { phase: 'failed'; wish: RegionsWish; error: unknown };

const sameItem = (a: RegionsWish, b: RegionsWish): boolean => a.lead === b.lead && a.number === b.number;
const equal = (a: RegionsWish, b: RegionsWish): boolean =>
  sameItem(a, b) && a.regions.length === b.regions.length && a.regions.every((one, at) => one === b.regions[at]);

export class Regions<Picture> {
  sight: RegionSight<Picture> = { phase: 'veiled' };
  /** Grows with each wish: what was asked under an older one is dropped when it comes. */
  private turn = 0;
  private cancel: AbortController | null = null;
  private wish: RegionsWish | null = null;

  constructor(private readonly hands: RegionHands<Picture>) {}

  /** What is to be clear now; null veils everything at once and drops the bytes. */
  want(wish: RegionsWish | null): void {
    if (wish === null || wish.regions.length === 0) {
      this.wish = null;
      this.veil();
      return;
    }
    if (this.wish && equal(this.wish, wish)) return;
    // While a region is only moved or added, what was clear stays until the new picture is there: else each step would
    // flicker. Where one has gone nothing stays.
    const before = this.sight;
    const stays = before.phase === 'clear' && sameItem(before.wish, wish) && wish.regions.length >= before.wish.regions.length;
    if (!stays) this.veil();
    this.wish = wish;
    this.turn += 1;
    this.cancel?.abort();
    if (!stays) {
      this.sight = { phase: 'asked', wish };
      this.hands.changed();
    }
    void this.fetch(wish, this.turn);
  }

  private veil(): void {
    this.turn += 1;
    this.cancel?.abort();
    this.cancel = null;
    const { sight } = this;
    if (sight.phase === 'veiled') return;
    this.sight = { phase: 'veiled' };
    if (sight.phase === 'clear') this.hands.end(sight.clear);
    this.hands.changed();
  }

  private async fetch(wish: RegionsWish, turn: number): Promise<void> {
    const cancel = new AbortController();
    this.cancel = cancel;
    try {
      const clear = await this.hands.ask(wish, cancel.signal);
      if (turn !== this.turn) {
        this.hands.end(clear);
        return;
      }
      // Its signal has nothing to say any more: the next wish must not end what is seen.
      this.cancel = null;
      const before = this.sight;
      this.sight = { phase: 'clear', wish, clear };
      if (before.phase === 'clear') this.hands.end(before.clear);
    } catch (error) {
      if (turn !== this.turn) return;
      if (this.sight.phase === 'clear') this.hands.end(this.sight.clear);
      this.sight = { phase: 'failed', wish, error };
    }
    this.hands.changed();
  }
}
