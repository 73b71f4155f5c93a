// Words and icons of leads: kinds, states, steps of the log, clues.
import type { ClueLine, LeadStep } from '../backend/types';
import { m } from '../paraglide/messages.js';
import type { IconName } from '../parts/icons';
import { count } from '../words/language.svelte';

interface Kind {
  icon: IconName;
  name: () => string;
}

const KINDS: Record<string, Kind> = {
  victim: { icon: 'user', name: m.lead_kind_victim }, offender: { icon: 'user-other', name: m.lead_kind_offender }, place: { icon: 'house', name: m.lead_kind_place },
  object: { icon: 'cube', name: m.lead_kind_object }, text: { icon: 'text', name: m.lead_kind_text }, device: { icon: 'phone', name: m.lead_kind_device },
  account: { icon: 'at', name: m.lead_kind_account }, relation: { icon: 'link', name: m.lead_kind_relation },
};
const STATES: Record<string, () => string> = {
  open: m.lead_state_open, followed: m.lead_state_followed, shared: m.lead_state_shared, identified: m.lead_state_identified, closed: m.lead_state_closed,
};

export const LEAD_KINDS = Object.keys(KINDS);
export const LEAD_STATES = Object.keys(STATES);
export const kindName = (kind: string): string => KINDS[kind]?.name() ?? kind;
export const kindIcon = (kind: string): IconName => KINDS[kind]?.icon ?? 'info';
export const stateName = (state: string): string => STATES[state]?.() ?? state;

const CLUES: Record<string, { icon: IconName; name: () => string }> = {
  serial: { icon: 'camera', name: m.clue_serial }, 'lens-serial': { icon: 'camera', name: m.clue_lens_serial }, camera: { icon: 'camera', name: m.clue_camera }, software: { icon: 'gear', name: m.clue_software },
  owner: { icon: 'user', name: m.clue_owner }, place: { icon: 'moved', name: m.clue_place }, folder: { icon: 'folder', name: m.clue_folder }, sequence: { icon: 'order', name: m.clue_sequence },
  'thumbnail-differs': { icon: 'compare', name: m.clue_thumbnail_differs }, original: { icon: 'star', name: m.clue_original },
};
export const clueName = (clue: ClueLine): string => CLUES[clue.kind]?.name() ?? clue.kind;
export const clueIcon = (clue: ClueLine): IconName => CLUES[clue.kind]?.icon ?? 'info';

const RISKS: Record<string, () => string> = { now: m.lead_log_risk_now, taken: m.lead_log_risk_taken, none: m.lead_log_risk_none };

/** A step of the log; the value says more where there is one. */
export function stepText(step: LeadStep): string {
  const number = Number(step.value);
  const n = step.value !== null && Number.isFinite(number) ? count(number) : '';
  switch (step.what) {
    case 'made': return m.lead_log_made();
    case 'state': return step.value ? stateName(step.value) : m.lead_log_state();
    case 'name': return m.lead_log_name();
    case 'labels': return m.lead_log_labels();
    case 'text': return m.lead_log_text();
    case 'series': return m.lead_log_series();
    case 'place': return m.lead_log_place();
    case 'related': return m.lead_log_related();
    case 'risk': return RISKS[step.value ?? '']?.() ?? m.lead_log_risk();
    case 'evidence-added': return number === 1 ? m.lead_log_added_one() : n ? m.lead_log_added({ n }) : m.lead_log_added_some();
    case 'evidence-changed': return m.lead_log_evidence_changed();
    case 'evidence-removed': return number === 1 ? m.lead_log_removed_one() : n ? m.lead_log_removed({ n }) : m.lead_log_removed_some();
    case 'undone': return m.lead_log_undone();
    case 'redone': return m.lead_log_redone();
    default: return step.what;
  }
}
