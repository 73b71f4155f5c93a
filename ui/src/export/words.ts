// Words of the export page: what, how it stands, and why somebody may not sign.
import { m } from '../paraglide/messages.js';

export const whatName = (what: string): string => (what === 'all' ? m.export_what_all() : m.export_what_classified());
export const stateName = (state: string): string =>
  ({ asked: m.export_state_asked, signed: m.export_state_signed, withdrawn: m.export_state_withdrawn } as Record<string, () => string>)[state]?.() ?? state;
export const whyNot = (why: string | null): string =>
  ({ 'asked-it': m.export_not_asked_it, 'no-team-lead': m.export_not_team_lead, done: m.export_not_done } as Record<string, () => string>)[why ?? '']?.() ?? m.export_not_other();
