// Bounds of what can be set, and how typed minutes are read.

export const BOUNDS = {
  blank_minutes: { min: 1, max: 60 },
  lock_minutes: { min: 1, max: 120 },
  break_minutes: { min: 0, max: 240 },
} as const;
export type Minutes = keyof typeof BOUNDS;

/** Lengths of a tile's picture, px, as the program makes them. */
export const TILES = [96, 128, 160, 208, 256] as const;

/** A whole number within the bounds; null for anything else, so that nothing odd is ever stored. */
export function minutes(what: Minutes, text: string): number | null {
  if (!/^\d{1,3}$/.test(text.trim())) return null;
  const n = Number(text.trim());
  return n >= BOUNDS[what].min && n <= BOUNDS[what].max ? n : null;
}
