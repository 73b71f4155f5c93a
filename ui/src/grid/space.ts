// The measures of a grid of a million tiles: which tiles are seen where, and how far a scroll bar goes.
//
// WebKitGTK's elements are exact up to 16,777,216 px. A taller grid has a spacer of at most 16,000,000 px, and the place
// on the scroll bar (physical) is mapped to the place in the grid (virtual).

/** Tallest spacer in pixels. */
export const SPACER_MAX_PX = 16_000_000;

export interface Measures {
  /** Width that is there for tiles, paddings included. */
  width: number;
  /** Height that is seen. */
  height: number;
  /** Smallest width of a tile. */
  tile: number;
  /** Height of a tile. */
  tileHeight: number;
  gap: number;
  padding: number;
}

export interface Space extends Measures {
  total: number;
  columns: number;
  rows: number;
  /** Width of a tile once the rest is shared out. */
  cell: number;
  /** From one row to the next. */
  pitch: number;
  /** Height of all rows with paddings. */
  virtual: number;
  /** Height of the spacer. */
  physical: number;
}

/** Shares a width out among as many columns as fit. */
export function space(total: number, measures: Measures): Space {
  const { width, tile, gap, padding, tileHeight, height } = measures;
  const inner = Math.max(tile, width - 2 * padding);
  const columns = Math.max(1, Math.floor((inner + gap) / (tile + gap)));
  const cell = Math.floor((inner - gap * (columns - 1)) / columns);
  const rows = Math.ceil(total / columns);
  const pitch = tileHeight + gap;
  const virtual = Math.max(height, rows === 0 ? 0 : rows * pitch - gap + 2 * padding);
  return { ...measures, total, columns, rows, cell, pitch, virtual, physical: Math.min(virtual, Math.max(SPACER_MAX_PX, height)) };
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

/** Farthest place that the top of what is seen can have. */
export const topMax = (of: Space): number => Math.max(0, of.virtual - of.height);

/** Place in the grid for a place on the scroll bar. */
export function toVirtual(of: Space, scrollTop: number): number {
  const physicalMax = of.physical - of.height;
  if (physicalMax <= 0) return 0;
  if (of.physical === of.virtual) return clamp(scrollTop, 0, topMax(of));
  return clamp((scrollTop / physicalMax) * topMax(of), 0, topMax(of));
}

/** Place on the scroll bar for a place in the grid. */
export function toPhysical(of: Space, top: number): number {
  const max = topMax(of);
  if (max === 0) return 0;
  if (of.physical === of.virtual) return clamp(top, 0, max);
  return clamp((top / max) * (of.physical - of.height), 0, of.physical - of.height);
}

/** Rows that are seen, and so many beyond them on either side. */
export function rowsSeen(of: Space, top: number, beyond = 0): { first: number; last: number } {
  const first = Math.floor((top - of.padding) / of.pitch) - beyond;
  const last = Math.floor((top + of.height - of.padding) / of.pitch) + beyond;
  return { first: clamp(first, 0, of.rows - 1), last: clamp(last, 0, of.rows - 1) };
}

/** Tiles that are seen whole, from the first to the last; none when the window is lower than a row. */
export function tilesWhole(of: Space, top: number): { first: number; last: number } | null {
  const firstRow = Math.max(0, Math.ceil((top - of.padding) / of.pitch));
  const lastRow = Math.min(of.rows - 1, Math.floor((top + of.height - of.padding - of.tileHeight) / of.pitch));
  const last = Math.min(of.total - 1, (lastRow + 1) * of.columns - 1);
  return lastRow < firstRow || last < 0 ? null : { first: firstRow * of.columns, last };
}

/** Top of a row in the grid. */
export const rowTop = (of: Space, row: number): number => of.padding + row * of.pitch;

/** Where the top has to be so that a tile is seen whole; where it is, if it is already. */
export function showTile(of: Space, top: number, index: number): number {
  const row = Math.floor(index / of.columns);
  const above = rowTop(of, row) - of.padding;
  const below = rowTop(of, row) + of.tileHeight + of.padding - of.height;
  // In a window lower than a row its head is what counts.
  const next = top > above ? above : top < below ? Math.min(below, above) : top;
  return clamp(next, 0, topMax(of));
}

/** Where the top has to be so that a tile stands in the middle: after a jump, so that both sides are seen. */
export function centreTile(of: Space, index: number): number {
  const row = Math.floor(index / of.columns);
  return clamp(rowTop(of, row) + of.tileHeight / 2 - of.height / 2, 0, topMax(of));
}

/** Rows that a page key moves: those seen whole, less one that stays in sight. */
export const pageRows = (of: Space): number => Math.max(1, Math.floor(of.height / of.pitch) - 1);

export type Move = 'left' | 'right' | 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end';

/** Where the ring comes to; it stays in the grid. */
export function moved(of: Pick<Space, 'total' | 'columns'> & { page: number }, ring: number, move: Move): number {
  const { total, columns, page } = of;
  if (total === 0) return 0;
  const last = total - 1;
  const down = (rows: number): number => {
    const next = ring + rows * columns;
    // The last row may be short: then its last tile is below.
    if (next > last) return Math.floor(ring / columns) === Math.floor(last / columns) ? ring : last;
    return next;
  };
  const up = (rows: number): number => (ring - rows * columns >= 0 ? ring - rows * columns : ring % columns);
  switch (move) {
    case 'left': return Math.max(0, ring - 1);
    case 'right': return Math.min(last, ring + 1);
    case 'up': return up(1);
    case 'down': return down(1);
    case 'page-up': return up(page);
    case 'page-down': return down(page);
    case 'home': return 0;
    case 'end': return last;
  }
}
