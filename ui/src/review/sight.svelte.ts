// The one picture that is clear: the controller of `reveal.ts`, with real pictures and time.
import { call, windowError } from '../backend';
import type { WindowError } from '../backend/types';
import { session } from '../shell/session.svelte';
import { clearOf, letGo, longestPx } from './clearBytes';
import { Reveal, type Clear, type Part, type Sight, type Wish } from './reveal';

/** Steps of the lens, thousandths of the longer side. */
const LENS_STEP = 30;
const LENS_MIN = 40;
const LENS_MAX = 400;

class Sights {
  sight: Sight<HTMLImageElement> = $state.raw({ phase: 'veiled' });
  /** Size that the person last chose for the lens. */
  private radius = 120;
  /** Longer side on the screen of what would be shown, CSS pixels; the page says so. */
  longest = 256;
  private readonly reveal = new Reveal<HTMLImageElement>({
    ask: (wish, signal) => this.ask(wish, signal),
    end: letGo,
    later: (milliseconds, what) => {
      const timer = setTimeout(what, milliseconds);
      return () => clearTimeout(timer);
    },
    changed: () => (this.sight = this.reveal.sight),
  });

  press(key: string, number: number, how: 'grey' | 'colour' | 'lens', repeat: boolean): void {
    const part = how === 'lens' ? this.centre(number) : null;
    this.reveal.press(key, { number, colour: how === 'colour', part }, { repeat, press: session.settings?.press_to_reveal ?? false });
  }

  release(key: string): void {
    this.reveal.release(key);
  }

  veil(): void {
    this.reveal.veil();
  }

  away(): void {
    this.reveal.away();
  }

  /** The lens while it is there. */
  get lens(): Part | null {
    return this.sight.phase === 'asked' || this.sight.phase === 'clear' ? this.sight.wish.part : null;
  }

  moveLens(x: number, y: number): void {
    const part = this.lens;
    if (part) this.reveal.aim({ ...part, x: clamp(part.x + x * LENS_STEP, 0, 1000), y: clamp(part.y + y * LENS_STEP, 0, 1000) });
  }

  sizeLens(steps: number): void {
    this.radius = clamp(this.radius + steps * LENS_STEP, LENS_MIN, LENS_MAX);
    const part = this.lens;
    if (part) this.reveal.aim({ ...part, radius: this.radius });
  }

  error(): WindowError | null {
    return this.sight.phase === 'failed' ? windowError(this.sight.error) : null;
  }

  private shapes = new Map<number, readonly [number, number]>();

  /** Tells the shape of what has the ring, so that the lens begins in its middle. */
  shape(number: number, width: number, height: number): void {
    this.shapes = new Map([[number, [width, height]]]);
  }

  private centre(number: number): Part {
    const [width, height] = this.shapes.get(number) ?? [1, 1];
    const side = Math.max(width, height, 1);
    return { x: Math.round((500 * width) / side), y: Math.round((500 * height) / side), radius: this.radius };
  }

  private ask(wish: Wish, signal: AbortSignal): Promise<Clear<HTMLImageElement>> {
    const { number, colour, part } = wish;
    const form = { number, colour, longest_px: longestPx(this.longest), part: part ? [part.x, part.y, part.radius] as [number, number, number] : null };
    return clearOf(() => call('reveal', { form }), signal);
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export const sights = new Sights();
