// Focus and selection, as ui.md says it.
import { describe, expect, it } from 'vitest';
import type { Tile } from '../src/backend/types';
import { actsOn, named, suggested, type Standing } from '../src/review/acts';
import { add, atRing, extendTo, has, letGo, moveTo, places, remove, selectAll, size, toggle, toggleRing, type Runs } from '../src/review/selection';

const SEED = Number(process.env.ZEEF_SEED ?? 417);

function tile(index: number, changed: Partial<Tile> = {}): Tile {
  return {
    index, number: 1_000 + index, width: 4, height: 3, class: 'picture', has_picture: true, category: null, own: false, suggestion: null, stack: null, seen: false, bookmark: false,
    handover: false, note: false, returned: false, odd: false, refused: null, state: 'shown', ...changed,
  };
}

const standing = (changed: Partial<Standing> = {}): Standing => ({
  mode: 'grid', view: 3, total: 100, stacked: false, ring: 7, runs: [], picture: null, tile: (index) => tile(index), ...changed,
});

describe('the selection', () => {
  it('holds the same as a plain set, whatever is added and taken out', () => {
    let state = SEED;
    const next = (below: number): number => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % below;
    let runs: Runs = [];
    const plain = new Set<number>();
    for (let step = 0; step < 2_000; step += 1) {
      const a = next(60), b = next(60), what = next(3);
      if (what === 0) {
        runs = add(runs, a, b);
        for (let at = Math.min(a, b); at <= Math.max(a, b); at += 1) plain.add(at);
      } else if (what === 1) {
        runs = remove(runs, a, b);
        for (let at = Math.min(a, b); at <= Math.max(a, b); at += 1) plain.delete(at);
      } else {
        runs = toggle(runs, a);
        if (!plain.delete(a)) plain.add(a);
      }
      expect(places(runs), `ZEEF_SEED=${SEED}, step ${step}`).toEqual([...plain].sort((x, y) => x - y));
      expect(size(runs)).toBe(plain.size);
      expect(has(runs, b)).toBe(plain.has(b));
      // Neighbours are one run, so that the program can be told in one word.
      runs.forEach((run, at) => at > 0 && expect(run[0]).toBeGreaterThan(runs[at - 1]![1] + 1));
    }
  });

  it('stays when the ring moves on', () => {
    const hand = moveTo(toggleRing(atRing(4)), 9);
    expect(places(hand.runs)).toEqual([4]);
    expect(hand.ring).toBe(9);
  });

  it('grows with Shift from where it began, and lets go again on the way back', () => {
    let hand = extendTo(toggleRing(atRing(2)), 5);
    expect(places(hand.runs)).toEqual([2, 3, 4, 5]);
    hand = extendTo(hand, 3);
    expect(places(hand.runs)).toEqual([2, 3]);
    hand = extendTo(hand, 0);
    expect(places(hand.runs)).toEqual([0, 1, 2]);
    // What was selected before Shift stays.
    const other = extendTo(moveTo(toggleRing(atRing(20)), 2), 3);
    expect(places(other.runs)).toEqual([2, 3, 20]);
  });

  it('takes a million tiles as one run, and lets go at once', () => {
    const hand = selectAll(atRing(5), 1_000_000);
    expect(hand.runs).toEqual([[0, 999_999]]);
    expect(letGo(hand).runs).toEqual([]);
    expect(letGo(hand).ring).toBe(5);
  });
});

describe('keys act on', () => {
  it('the ring, where nothing is selected', () => {
    expect(actsOn(standing())).toEqual({ on: 'ring', items: 1, number: 1_007 });
    expect(named(standing())).toEqual({ target: { kind: 'items', numbers: [1_007] } });
  });

  it('the selection, where there is one, wherever the ring is', () => {
    const of = standing({ runs: [[2, 4]] });
    expect(actsOn(of)).toEqual({ on: 'selection', items: 3, tiles: 3 });
    expect(named(of)).toEqual({ target: { kind: 'range', view: 3, first: 2, count: 3 } });
    expect(named(standing({ runs: [[2, 4], [9, 9]] }))).toEqual({ runs: [[2, 4], [9, 9]] });
  });

  it('the one picture in loupe and compare, whatever is selected', () => {
    for (const mode of ['loupe', 'compare'] as const) {
      const of = standing({ mode, runs: [[0, 11]], picture: tile(40, { stack: 9 }), stacked: true });
      expect(actsOn(of)).toEqual({ on: 'picture', items: 1, number: 1_040 });
      expect(named(of)).toEqual({ target: { kind: 'items', numbers: [1_040] } });
    }
  });

  it('all of a stack, where a stack is one tile', () => {
    const of = standing({ stacked: true, tile: (index) => tile(index, { stack: 38 }) });
    expect(actsOn(of)).toEqual({ on: 'stack', items: 38, number: 1_007 });
    expect(named(of)).toEqual({ target: { kind: 'range', view: 3, first: 7, count: 1 } });
    expect(actsOn(standing({ stacked: true, runs: [[1, 2]], tile: (index) => tile(index, { stack: 38 }) }))).toEqual({ on: 'selection', items: 76, tiles: 2 });
  });

  it('a number that is exact or not said: never a guess', () => {
    expect(actsOn(standing({ stacked: true, runs: [[1, 2]], tile: (index) => (index === 1 ? tile(1) : undefined) }))).toEqual({ on: 'selection', items: null, tiles: 2 });
  });

  it('all of the view', () => expect(named(standing({ runs: [[0, 99]] }))).toEqual({ target: { kind: 'whole', view: 3, except: [] } }));

  it('nothing, where nothing is', () => {
    expect(actsOn(standing({ total: 0 }))).toEqual({ on: 'nothing' });
    expect(named(standing({ mode: 'loupe' }))).toBeNull();
  });
});

describe('accepting suggestions', () => {
  it('is about those that have one in the scheme and that nobody else has decided', () => {
    const found = suggested([
      tile(1, { suggestion: { category: '1', distance: 4 } }), tile(2), tile(3, { suggestion: { category: null, distance: 9 } }),
      tile(4, { suggestion: { category: '2', distance: 9 }, category: '6', own: true }), tile(5, { suggestion: { category: '2', distance: 9 }, category: '6', own: false }),
    ]);
    expect(found.items).toBe(2);
    expect([...found.by]).toEqual([['1', [1_001]], ['2', [1_004]]]);
    expect(found.alike).toEqual([1_001, 1_003, 1_004, 1_005]);
  });
});
