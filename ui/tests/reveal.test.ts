// When a picture is clear, as ui.md "Veil and reveal" says it.
import { beforeEach, describe, expect, it } from 'vitest';
import { HELD_MAX_MS, PRESSED_MAX_MS, Reveal, type Clear, type Wish } from '../src/review/reveal';

const WISH: Wish = { number: 7, colour: false, part: null };
const HOLD = { repeat: false, press: false };
const PRESS = { repeat: false, press: true };
const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

let asked: Array<{ wish: Wish; signal: AbortSignal; give: (clear: Clear<string>) => void; refuse: (why: unknown) => void }>;
let ended: string[];
let later: Array<{ milliseconds: number; what: () => void; off: boolean }>;
let reveal: Reveal<string>;

beforeEach(() => {
  asked = [];
  ended = [];
  later = [];
  reveal = new Reveal<string>({
    ask: (wish, signal) => new Promise((give, refuse) => asked.push({ wish, signal, give, refuse })),
    end: (clear) => ended.push(clear.ticket),
    later: (milliseconds, what) => {
      const one = { milliseconds, what, off: false };
      later.push(one);
      return () => (one.off = true);
    },
    changed: () => undefined,
  });
});

const clear = (ticket: string): Clear<string> => ({ ticket, picture: 'pixels', small: false });

describe('holding a key', () => {
  it('shows the one picture once its bytes are there, and the veil the moment the key is up', async () => {
    reveal.press('Space', WISH, HOLD);
    expect(reveal.sight.phase).toBe('asked');
    asked[0]!.give(clear('a'));
    await turn();
    expect(reveal.sight.phase).toBe('clear');
    reveal.release('Space');
    expect(reveal.sight.phase).toBe('veiled');
    expect(ended).toEqual(['a']);
  });

  it('drops bytes that come after the key is up', async () => {
    reveal.press('Space', WISH, HOLD);
    reveal.release('Space');
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.give(clear('late'));
    await turn();
    expect(reveal.sight.phase).toBe('veiled');
    expect(ended).toEqual(['late']);
  });

  it('ignores key repeat', () => {
    reveal.press('Space', WISH, { repeat: true, press: false });
    expect(asked).toHaveLength(0);
    reveal.press('Space', WISH, HOLD);
    reveal.press('Space', WISH, { repeat: true, press: false });
    expect(asked).toHaveLength(1);
  });

  it('asks for a new press for the next picture', async () => {
    reveal.press('Space', WISH, HOLD);
    asked[0]!.give(clear('a'));
    await turn();
    // The ring moved on while the key was held.
    reveal.veil();
    expect(reveal.sight.phase).toBe('veiled');
    reveal.press('Space', { ...WISH, number: 8 }, { repeat: true, press: false });
    reveal.press('Space', { ...WISH, number: 8 }, HOLD);
    expect(asked).toHaveLength(1);
    reveal.release('Space');
    reveal.press('Space', { ...WISH, number: 8 }, HOLD);
    expect(asked.map((one) => one.wish.number)).toEqual([7, 8]);
  });

  it('ends when the window loses the focus, though no key up is ever heard', async () => {
    reveal.press('Space', WISH, HOLD);
    asked[0]!.give(clear('a'));
    await turn();
    reveal.away();
    expect(reveal.sight.phase).toBe('veiled');
    reveal.press('Space', WISH, HOLD);
    expect(asked).toHaveLength(2);
  });

  it('ends after 30 seconds', async () => {
    reveal.press('Space', WISH, HOLD);
    asked[0]!.give(clear('a'));
    await turn();
    expect(later[0]!.milliseconds).toBe(HELD_MAX_MS);
    later[0]!.what();
    expect(reveal.sight.phase).toBe('veiled');
  });

  it('is not ended by the limit of a press before', async () => {
    reveal.press('Space', WISH, HOLD);
    reveal.release('Space');
    expect(later[0]!.off).toBe(true);
    reveal.press('Space', WISH, HOLD);
    asked[1]!.give(clear('b'));
    await turn();
    later[0]!.what();
    expect(reveal.sight.phase).toBe('clear');
  });

  it('hears only the key that began it', () => {
    reveal.press('Q', { ...WISH, part: { x: 500, y: 500, radius: 120 } }, HOLD);
    reveal.release('Space');
    expect(reveal.sight.phase).toBe('asked');
    reveal.release('Q');
    expect(reveal.sight.phase).toBe('veiled');
  });

  it('says why nothing is clear, until the key is up', async () => {
    reveal.press('Space', WISH, HOLD);
    asked[0]!.refuse({ code: 'not-found' });
    await turn();
    expect(reveal.sight).toMatchObject({ phase: 'failed', error: { code: 'not-found' } });
    reveal.release('Space');
    expect(reveal.sight.phase).toBe('veiled');
  });
});

describe('pressing to show and pressing to hide', () => {
  it('stays without the key, and ends at the next press', async () => {
    reveal.press('Space', WISH, PRESS);
    reveal.release('Space');
    asked[0]!.give(clear('a'));
    await turn();
    expect(reveal.sight.phase).toBe('clear');
    reveal.press('Space', WISH, PRESS);
    expect(reveal.sight.phase).toBe('veiled');
    expect(asked).toHaveLength(1);
  });

  it('ends after 5 seconds', () => {
    reveal.press('Space', WISH, PRESS);
    expect(later[0]!.milliseconds).toBe(PRESSED_MAX_MS);
    later[0]!.what();
    expect(reveal.sight.phase).toBe('veiled');
  });
});

describe('the lens', () => {
  const PART = { x: 500, y: 500, radius: 120 };

  it('keeps the old circle until the new one is there, and asks for one at a time', async () => {
    reveal.press('Q', { ...WISH, part: PART }, HOLD);
    asked[0]!.give(clear('a'));
    await turn();
    reveal.aim({ ...PART, x: 530 });
    reveal.aim({ ...PART, x: 560 });
    reveal.aim({ ...PART, x: 590 });
    expect(reveal.sight).toMatchObject({ phase: 'clear', clear: { ticket: 'a' } });
    expect(asked).toHaveLength(2);
    asked[1]!.give(clear('b'));
    await turn();
    expect(ended).toEqual(['a']);
    // Only the newest of those that were wanted meanwhile is asked for.
    expect(asked).toHaveLength(3);
    expect(asked[2]!.wish.part?.x).toBe(590);
  });

  it('cannot be aimed at a whole picture, or at none', () => {
    reveal.aim(PART);
    reveal.press('Space', WISH, HOLD);
    reveal.aim(PART);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.wish.part).toBeNull();
  });
});
