// What a key acts on: said before it is pressed, and the same when it is.
import type { Target, Tile, TileSuggestion } from '../backend/types';
import { places, size, type Run, type Runs } from './selection';

/** Places of a selection that are gone through one by one, e.g. to accept suggestions. */
export const ONE_BY_ONE_MAX = 2_000;

export interface Standing {
  mode: 'grid' | 'loupe' | 'compare';
  view: number;
  total: number;
  stacked: boolean;
  ring: number;
  runs: Runs;
  /** In loupe and compare: the picture in the ring, whatever is selected. */
  picture: Tile | null;
  tile: (index: number) => Tile | undefined;
}

export type ActsOn =
  | { on: 'nothing' }
  | { on: 'picture'; items: number; number: number }
  | { on: 'ring'; items: number; number: number }
  | { on: 'stack'; items: number; number: number }
  /** `items` is null while not every tile of a stacked selection is there to be counted. */
  | { on: 'selection'; items: number | null; tiles: number }
  | { on: 'all'; items: number | null; tiles: number };

/** Items behind a tile: all of its stack where the view is stacked. */
const behind = (tile: Tile, stacked: boolean): number => (stacked ? (tile.stack ?? 1) : 1);

/** What keys act on now. */
export function actsOn(standing: Standing): ActsOn {
  const { mode, picture, total, runs, stacked, ring, tile } = standing;
  if (mode !== 'grid') return picture ? { on: 'picture', items: 1, number: picture.number } : { on: 'nothing' };
  if (total === 0) return { on: 'nothing' };
  const tiles = size(runs);
  if (tiles === 0) {
    const one = tile(ring);
    if (!one) return { on: 'nothing' };
    const items = behind(one, stacked);
    return { on: items > 1 ? 'stack' : 'ring', items, number: one.number };
  }
  const items = stacked ? counted(runs, tile) : tiles;
  return { on: tiles === total ? 'all' : 'selection', items, tiles };
}

function counted(runs: Runs, tile: (index: number) => Tile | undefined): number | null {
  if (size(runs) > ONE_BY_ONE_MAX) return null;
  let items = 0;
  for (const index of places(runs)) {
    const one = tile(index);
    if (!one) return null;
    items += behind(one, true);
  }
  return items;
}

/** How the program is told; `runs` where numbers have to be asked for first. */
export type Named = { target: Target } | { runs: readonly Run[] };

export function named(standing: Standing): Named | null {
  const acts = actsOn(standing);
  switch (acts.on) {
    case 'nothing': return null;
    case 'picture':
    case 'ring': return { target: { kind: 'items', numbers: [acts.number] } };
    case 'stack': return { target: { kind: 'range', view: standing.view, first: standing.ring, count: 1 } };
    case 'all': return { target: { kind: 'whole', view: standing.view, except: [] } };
    case 'selection': {
      const only = standing.runs.length === 1 ? standing.runs[0] : undefined;
      return only ? { target: { kind: 'range', view: standing.view, first: only[0], count: only[1] - only[0] + 1 } } : { runs: standing.runs };
    }
  }
}

export interface Suggested {
  /** Items that have a suggestion in the scheme and that nobody else has decided, by category. */
  by: Map<string, number[]>;
  /** Their number. */
  items: number;
  /** Items that have any suggestion, to be called not alike. */
  alike: number[];
}

/** Suggestions among tiles: what `A` and `Shift A` would do. */
export function suggested(tiles: readonly (Tile & { suggestion: TileSuggestion | null })[]): Suggested {
  const by = new Map<string, number[]>();
  const alike: number[] = [];
  let items = 0;
  for (const { number, suggestion, category, own } of tiles) {
    if (!suggestion) continue;
    alike.push(number);
    if (suggestion.category === null || (category !== null && !own)) continue;
    by.set(suggestion.category, [...(by.get(suggestion.category) ?? []), number]);
    items += 1;
  }
  return { by, items, alike };
}
