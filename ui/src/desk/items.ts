// The items that a lead rests on, and the list of leads, as the desk shows them.
import type { EvidenceView, LeadLine } from '../backend/types';

export interface DeskItem {
  number: number;
  hasPicture: boolean;
  /** Size of the upright picture; null where it is not known, and then nothing can be drawn in it. */
  width: number | null;
  height: number | null;
  /** All evidence of this item, in the order of adding. */
  evidence: EvidenceView[];
  /** Those of it that are regions. */
  regions: EvidenceView[];
}

/** Evidence by item, in the order of the items' numbers. */
export function byItem(evidence: readonly EvidenceView[]): DeskItem[] {
  const items = new Map<number, DeskItem>();
  for (const one of evidence) {
    const item = items.get(one.number) ?? { number: one.number, hasPicture: one.has_picture, width: one.width, height: one.height, evidence: [], regions: [] };
    item.evidence.push(one);
    if (one.region) item.regions.push(one);
    items.set(one.number, item);
  }
  return [...items.values()].sort((a, b) => a.number - b.number);
}

/** Places of the strip that are drawn: as many as there is room for, with the ring among them. */
export function stripRun(total: number, ring: number, room: number): { first: number; last: number } {
  const length = Math.max(1, Math.min(total, room));
  const first = Math.max(0, Math.min(ring - Math.floor(length / 2), total - length));
  return { first, last: Math.min(total, first + length) - 1 };
}

export type LeadShelf = 'mine' | 'all' | 'closed';

const onShelf = (line: LeadLine, shelf: LeadShelf): boolean =>
  shelf === 'closed' ? line.state === 'closed' : line.state !== 'closed' && (shelf === 'all' || line.own);

const URGENCY: Record<string, number> = { now: 0, taken: 1 };

/** Leads of a shelf: those with a flag first, else in the order of the program. */
export function shelved(lines: readonly LeadLine[], shelf: LeadShelf): LeadLine[] {
  return lines
    .map((line, place) => ({ line, place }))
    .filter(({ line }) => onShelf(line, shelf))
    .sort((a, b) => (URGENCY[a.line.risk] ?? 2) - (URGENCY[b.line.risk] ?? 2) || a.place - b.place)
    .map(({ line }) => line);
}

export const shelfCount = (lines: readonly LeadLine[], shelf: LeadShelf): number => lines.filter((line) => onShelf(line, shelf)).length;
