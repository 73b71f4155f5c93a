// When a picture is clear: only while a hand asks for it. Pure: time, pictures and tickets are passed in.

/** Longest time that a picture stays clear, milliseconds. */
export const HELD_MAX_MS = 30_000;
/** The same where a press shows and a press hides. */
export const PRESSED_MAX_MS = 5_000;

/** Circle in thousandths of the longer side. */
export interface Part {
  x: number;
  y: number;
  radius: number;
}

export interface Wish {
  number: number;
  colour: boolean;
  part: Part | null;
}

/** A clear picture as the page can show it, with the ticket that it came by. */
export interface Clear<Picture> {
  ticket: string;
  picture: Picture;
  /** Only the small picture of the case: the source is not there. */
  small: boolean;
}

export interface Hands<Picture> {
  /** Asks for a picture; it fails with a `WindowError`. Once the signal says so, nothing of it is to arrive any more. */
  ask(wish: Wish, signal: AbortSignal): Promise<Clear<Picture>>;
  /** The picture is not wanted any more: its bytes are let go. */
  end(clear: Clear<Picture>): void;
  /** Runs something later; gives back what prevents it. */
  later(milliseconds: number, what: () => void): () => void;
  changed(): void;
}

export type Sight<Picture> =
  | { phase: 'veiled' }
  /** The bytes are on their way; the veil is still there. */
  | { phase: 'asked'; wish: Wish }
  | { phase: 'clear'; wish: Wish; clear: Clear<Picture> }
  | { phase: 'failed'; wish: Wish; error: unknown };

export class Reveal<Picture> {
  sight: Sight<Picture> = { phase: 'veiled' };
  /** Key that is down, whatever came of it: nothing new begins before it is up. */
  private down: string | null = null;
  /** Grows with each press and each end: what was asked under an older one is dropped. */
  private turn = 0;
  /** A newer circle, while an older one is on its way. */
  private waiting: Wish | null = null;
  private asking = false;
  private cancelLimit: (() => void) | null = null;
  private cancelAsk: AbortController | null = null;
  /** True while the key has to stay down; false where a press shows and a press hides. */
  private held = true;

  constructor(private readonly hands: Hands<Picture>) {}

  /** A key went down. `press`: one press shows, the next hides. */
  press(key: string, wish: Wish, options: { repeat: boolean; press: boolean }): void {
    if (options.repeat || this.down !== null) return;
    this.down = key;
    if (options.press && this.sight.phase !== 'veiled') {
      this.veil();
      return;
    }
    this.veil();
    this.turn += 1;
    this.sight = { phase: 'asked', wish };
    const turn = this.turn;
    this.cancelLimit = this.hands.later(options.press ? PRESSED_MAX_MS : HELD_MAX_MS, () => {
      if (turn === this.turn) this.veil();
    });
    this.held = !options.press;
    void this.fetch(wish, turn);
    this.hands.changed();
  }

  /** A key went up. */
  release(key: string): void {
    if (key !== this.down) return;
    this.down = null;
    if (this.held) this.veil();
  }

  /** The circle moves or changes its size. */
  aim(part: Part): void {
    const sight = this.sight;
    if (sight.phase === 'veiled' || sight.phase === 'failed' || sight.wish.part === null) return;
    const wish = { ...sight.wish, part };
    this.sight = sight.phase === 'clear' ? { ...sight, wish } : { phase: 'asked', wish };
    if (this.asking) this.waiting = wish;
    else void this.fetch(wish, this.turn);
    this.hands.changed();
  }

  /**
   * The veil comes back at once: the ring moved on, a dialog opened, the window lost the focus, it was locked.
   * The key may still be down: it has to come up before anything is clear again.
   */
  veil(): void {
    this.cancelLimit?.();
    this.cancelLimit = null;
    this.cancelAsk?.abort();
    this.cancelAsk = null;
    this.turn += 1;
    this.waiting = null;
    this.asking = false;
    const sight = this.sight;
    if (sight.phase === 'veiled') return;
    this.sight = { phase: 'veiled' };
    if (sight.phase === 'clear') this.hands.end(sight.clear);
    this.hands.changed();
  }

  /** The window lost the focus: key ups may be lost with it. */
  away(): void {
    this.down = null;
    this.veil();
  }

  private async fetch(wish: Wish, turn: number): Promise<void> {
    this.asking = true;
    const cancel = new AbortController();
    this.cancelAsk = cancel;
    try {
      const clear = await this.hands.ask(wish, cancel.signal);
      // The key came up before the bytes were there: they are never shown.
      if (turn !== this.turn) {
        this.hands.end(clear);
        return;
      }
      const before = this.sight;
      this.sight = { phase: 'clear', wish: this.waiting ?? wish, clear };
      if (before.phase === 'clear') this.hands.end(before.clear);
      this.hands.changed();
    } catch (error) {
      if (turn !== this.turn) return;
      if (this.sight.phase === 'clear') this.hands.end(this.sight.clear);
      this.sight = { phase: 'failed', wish, error };
      this.hands.changed();
    }
    this.asking = false;
    const next = this.waiting;
    this.waiting = null;
    if (next) void this.fetch(next, turn);
  }
}
