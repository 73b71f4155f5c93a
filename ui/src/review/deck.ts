// What the deck says: on what keys act, and what was done last.
import type { SchemeView, UndoLabel } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { categoryShort } from '../parts/categories';
import { count, words } from '../words/language.svelte';
import type { ActsOn } from './acts';

const LETTERS = ['A', 'B', 'C', 'D'] as const;

/** What stands beside the number. */
export function actsText(acts: ActsOn, compared: number | null): string {
  switch (acts.on) {
    case 'nothing': return m.acts_nothing();
    case 'ring': return m.acts_ring();
    case 'stack': return m.acts_stack();
    case 'picture': return compared === null ? m.acts_picture() : m.acts_picture_in({ letter: LETTERS[compared] ?? '' });
    case 'all': return m.acts_all();
    case 'selection': return acts.items !== null && acts.items !== acts.tiles ? m.acts_tiles({ n: count(acts.tiles) }) : m.acts_selected();
  }
}

/** Number of items, or null while it is counted. */
export const actsNumber = (acts: ActsOn): number | null => (acts.on === 'nothing' ? 0 : acts.items);

const WHAT: Record<string, (n: { n: string }) => string> = {
  cleared: m.undo_cleared, bookmarked: m.undo_bookmarked, unbookmarked: m.undo_unbookmarked, 'handed-over': m.undo_handed_over,
  'handover-taken-back': m.undo_handover_taken_back, 'not-alike': m.undo_not_alike, alike: m.undo_alike, 'out-of-stack': m.undo_out_of_stack,
  'back-in-stack': m.undo_back_in_stack, noted: () => m.undo_noted(), vetoed: () => m.undo_vetoed(),
  'lead-made': () => m.undo_lead_made(), 'lead-changed': () => m.undo_lead_changed(), 'evidence-added': m.undo_evidence_added, 'evidence-changed': () => m.undo_evidence_changed(),
  'evidence-removed': m.undo_evidence_removed, 'clock-set': () => m.undo_clock_set(), 'qualification-stated': () => m.undo_qualification(),
  'risk-raised': () => m.undo_risk_raised(), 'risk-taken': () => m.undo_risk_taken(), 'risk-lowered': () => m.undo_risk_lowered(),
};

/** An operation in words: `8 × not relevant`. */
export function undoText(label: UndoLabel, scheme: SchemeView): string {
  const n = count(label.items);
  if (label.what === 'decided') return m.undo_decided({ n, category: categoryShort(scheme, label.category ?? '', words.language).toLocaleLowerCase() });
  return WHAT[label.what]?.({ n }) ?? label.what;
}
