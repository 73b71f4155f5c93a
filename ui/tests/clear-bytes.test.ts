// The one place where clear bytes come and go: whatever ends them, page and program both let them go, once.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as backend from '../src/backend';
import { clearOf, letAllGo, letGo, longestPx, PICTURE_MAX_PX, PICTURE_MIN_PX } from '../src/review/clearBytes';

const ticket = (name: string) => ({ ticket: name, path: `clear/${name}`, width: 4, height: 3, small: false });
let ended: string[];

beforeEach(() => {
  ended = [];
  vi.spyOn(backend, 'call').mockImplementation((async (name: string, args: { ticket: string }) => {
    if (name === 'reveal_end') ended.push(args.ticket);
  }) as never);
  vi.spyOn(backend, 'mediaUrl').mockImplementation((path: string) => `media:${path}`);
  HTMLImageElement.prototype.decode = async () => undefined;
});
afterEach(() => {
  letAllGo();
  vi.restoreAllMocks();
});

describe('clear bytes', () => {
  it('are let go once, however often that is said', async () => {
    const signal = new AbortController();
    const clear = await clearOf(async () => ticket('a'), signal.signal);
    expect(clear.picture.getAttribute('src')).toContain('clear/a');
    letGo(clear);
    letGo(clear);
    signal.abort();
    expect(ended).toEqual(['a']);
    expect(clear.picture.hasAttribute('src')).toBe(false);
  });

  it('are let go when the key is up before the ticket is there, and the picture is never asked for', async () => {
    const signal = new AbortController();
    let asked = '';
    HTMLImageElement.prototype.decode = async function decode(this: HTMLImageElement) { asked = this.src; };
    const clear = clearOf(async () => { signal.abort(); return ticket('b'); }, signal.signal);
    await expect(clear).rejects.toBeDefined();
    expect([ended, asked]).toEqual([['b'], '']);
  });

  it('are let go when they cannot be drawn', async () => {
    HTMLImageElement.prototype.decode = async () => { throw new Error('broken'); };
    await expect(clearOf(async () => ticket('c'), new AbortController().signal)).rejects.toThrow('broken');
    expect(ended).toEqual(['c']);
  });

  it('are all let go at once', async () => {
    const clears = await Promise.all(['d', 'e'].map((name) => clearOf(async () => ticket(name), new AbortController().signal)));
    letAllGo();
    letAllGo();
    expect(ended).toEqual(['d', 'e']);
    expect(clears.every((one) => !one.picture.hasAttribute('src'))).toBe(true);
  });

  it('have no more pixels than the screen and the program', () => {
    expect([longestPx(1), longestPx(1e9)]).toEqual([PICTURE_MIN_PX, PICTURE_MAX_PX]);
  });
});
