// The arithmetic of a long list of equal rows: which rows are to be drawn, where, and what the scroll bar means.
// WebKitGTK's tallest element ends near 33,000,000 px, so the list is capped and its scroll bar stands for more rows than it has pixels.

/** Tallest list that is drawn, px. */
export const LIST_PX_MAX = 16_000_000;
/** Rows that are drawn beyond the edge on each side. */
export const OVERSCAN = 6;

export interface Rows { total: number; rowPx: number; viewPx: number }

/** Height of the spacer, px. */
export const spacerPx = (r: Rows): number => Math.min(r.total * r.rowPx, LIST_PX_MAX);

/** Largest first row, in rows and parts of rows: the last row then ends at the foot. */
export const topMax = (r: Rows): number => Math.max(0, r.total - r.viewPx / r.rowPx);

/** First row (with its part) that a place of the scroll bar stands for. */
export function topOf(r: Rows, scrollPx: number): number {
  const range = spacerPx(r) - r.viewPx;
  if (range <= 0) return 0;
  return Math.min(topMax(r), (Math.max(0, scrollPx) / range) * topMax(r));
}

/** Place of the scroll bar for a first row. */
export function scrollOf(r: Rows, top: number): number {
  const max = topMax(r);
  return max === 0 ? 0 : (Math.min(Math.max(0, top), max) / max) * (spacerPx(r) - r.viewPx);
}

/** Rows to draw, with the offset in px of the first of them against the top of the view. */
export function drawn(r: Rows, top: number): { first: number; count: number; offsetPx: number } {
  const first = Math.max(0, Math.floor(top) - OVERSCAN);
  const last = Math.min(r.total, Math.ceil(top + r.viewPx / r.rowPx) + OVERSCAN);
  return { first, count: Math.max(0, last - first), offsetPx: (first - top) * r.rowPx };
}

/** First row after which a row is wholly in view, moving as little as possible. */
export function topToShow(r: Rows, top: number, row: number): number {
  const whole = Math.max(1, r.viewPx / r.rowPx);
  if (row < top) return row;
  return row + 1 > top + whole ? Math.min(topMax(r), row + 1 - whole) : top;
}

/** Row that a key goes to; null for keys that are not the list's. */
export function rowFor(key: string, at: number, r: Rows): number | null {
  const page = Math.max(1, Math.floor(r.viewPx / r.rowPx) - 1);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: r.total - 1 }[key];
  return to === undefined || r.total === 0 ? null : Math.min(r.total - 1, Math.max(0, to));
}
