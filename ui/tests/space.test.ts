// The measures of the grid: random runs print their seed.
import { describe, expect, it } from 'vitest';
import { centreTile, moved, rowsSeen, rowTop, showTile, space, SPACER_MAX_PX, tilesWhole, topMax, toPhysical, toVirtual, type Move, type Space } from '../src/grid/space';

function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SEED = Number(process.env.ZEEF_SEED ?? 20261125);

/** Runs a check over many random grids; a failure names the seed. */
function everywhere(check: (of: Space, next: (below: number) => number) => void): void {
  const next = random(SEED);
  for (let run = 0; run < 400; run += 1) {
    const total = next(3) === 0 ? next(40) : next(10_000_000);
    const of = space(total, { width: 200 + next(2_400), height: 80 + next(1_600), tile: 96 + next(200), tileHeight: 100 + next(160), gap: 8, padding: 12 });
    try {
      check(of, next);
    } catch (thrown) {
      throw new Error(`ZEEF_SEED=${SEED}, run ${run}, ${total} tiles: ${String(thrown)}`);
    }
  }
}

describe('the grid', () => {
  it('has room for every tile, in columns that fit', () => everywhere((of) => {
    expect(of.columns * of.rows).toBeGreaterThanOrEqual(of.total);
    expect((of.rows - 1) * of.columns).toBeLessThan(Math.max(1, of.total));
    if (of.columns > 1) expect(of.columns * of.cell + (of.columns - 1) * of.gap + 2 * of.padding).toBeLessThanOrEqual(of.width);
  }));

  it('never has an element taller than the webview is exact in', () => everywhere((of) => expect(of.physical).toBeLessThanOrEqual(SPACER_MAX_PX)));

  it('comes to its first and its last row by the scroll bar', () => everywhere((of) => {
    expect(toVirtual(of, 0)).toBe(0);
    expect(toVirtual(of, of.physical - of.height)).toBeCloseTo(topMax(of), 3);
  }));

  it('comes back to the same place from scroll bar to grid and back', () => everywhere((of, next) => {
    const top = next(Math.floor(topMax(of)) + 1);
    expect(Math.abs(toVirtual(of, toPhysical(of, top)) - top)).toBeLessThan(0.01);
  }));

  it('shows a tile whole after it was gone to, wherever it is', () => everywhere((of, next) => {
    if (of.total === 0 || of.height < of.pitch + 2 * of.padding) return;
    const index = next(of.total);
    for (const top of [showTile(of, next(Math.floor(topMax(of)) + 1), index), centreTile(of, index)]) {
      const at = rowTop(of, Math.floor(index / of.columns));
      expect(at).toBeGreaterThanOrEqual(top - 0.001);
      expect(at + of.tileHeight).toBeLessThanOrEqual(top + of.height + 0.001);
      const whole = tilesWhole(of, top);
      expect(whole && whole.first <= index && index <= whole.last).toBe(true);
    }
  }));

  it('does not move for a tile that is seen whole already', () => everywhere((of, next) => {
    if (of.total === 0 || of.height < 3 * of.pitch) return;
    const top = next(Math.floor(topMax(of)) + 1);
    const whole = tilesWhole(of, top);
    // At the very edges the padding is shown along.
    const inside = whole && whole.first + of.columns <= whole.last - of.columns ? whole.first + of.columns : null;
    if (inside !== null) expect(showTile(of, top, inside)).toBe(top);
  }));

  it('draws every row that is seen', () => everywhere((of, next) => {
    if (of.total === 0) return;
    const top = next(Math.floor(topMax(of)) + 1);
    const { first, last } = rowsSeen(of, top);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(last).toBeLessThan(of.rows);
    if (first > 0) expect(rowTop(of, first)).toBeLessThanOrEqual(top);
    if (last < of.rows - 1) expect(rowTop(of, last) + of.pitch).toBeGreaterThanOrEqual(top + of.height - of.padding);
  }));
});

describe('the ring', () => {
  const MOVES: Move[] = ['left', 'right', 'up', 'down', 'page-up', 'page-down', 'home', 'end'];

  it('stays in the grid whatever is pressed', () => everywhere((of, next) => {
    let ring = of.total === 0 ? 0 : next(of.total);
    for (let press = 0; press < 30; press += 1) {
      ring = moved({ total: of.total, columns: of.columns, page: 5 }, ring, MOVES[next(MOVES.length)]!);
      expect(ring).toBeGreaterThanOrEqual(0);
      expect(ring).toBeLessThan(Math.max(1, of.total));
    }
  }));

  it('keeps its column up and down, and comes to the last tile below a short row', () => {
    const of = { total: 10, columns: 4, page: 2 };
    expect(moved(of, 5, 'up')).toBe(1);
    expect(moved(of, 1, 'up')).toBe(1);
    expect(moved(of, 5, 'down')).toBe(9);
    expect(moved(of, 7, 'down')).toBe(9);
    expect(moved(of, 9, 'down')).toBe(9);
  });
});
