// The table of a preview: what is now, by whom, and what it will be.
import type { DecidePreview, Others, Overwrite } from '../backend/types';

export interface Line {
  /** Category now; null for undecided. */
  category: string | null;
  items: number;
  /** Null: nobody. */
  by: string | null;
  own: boolean;
  after: 'changed' | 'same' | 'kept';
}

/** Lines in the order of the table: undecided, those that are so already, one's own, those of others. */
export function lines(preview: DecidePreview, category: string | null, others: Others): Line[] {
  const all: Line[] = [];
  if (preview.undecided > 0) all.push({ category: null, items: preview.undecided, by: null, own: false, after: category === null ? 'same' : 'changed' });
  if (preview.same > 0 && category !== null) all.push({ category, items: preview.same, by: null, own: false, after: 'same' });
  for (const one of preview.overwrites) {
    all.push({ category: one.category, items: one.items, by: one.by, own: one.own, after: one.own || others === 'overwrite' ? 'changed' : 'kept' });
  }
  return all;
}

const foreign = (preview: DecidePreview): Overwrite[] => preview.overwrites.filter((one) => !one.own);

/** Decisions of others that would be changed if that is wished. */
export const ofOthers = (preview: DecidePreview): number => foreign(preview).reduce((sum, one) => sum + one.items, 0);

/** The one colleague whose decisions they are; null where they are of several. */
export function colleague(preview: DecidePreview): string | null {
  const names = new Set(foreign(preview).map((one) => one.by));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

/** Items whose decision will be another one: the number on the button. */
export function changing(preview: DecidePreview, category: string | null, others: Others): number {
  return lines(preview, category, others).reduce((sum, line) => sum + (line.after === 'changed' ? line.items : 0), 0);
}
