// Names of jobs and of their stages in the language of the window.
import type { JobKind } from '../../backend/types';
import { m } from '../../paraglide/messages.js';

export function jobTitle(kind: JobKind): string {
  switch (kind) {
    case 'load': return m.jobs_load();
    case 'sync': return m.jobs_sync();
    case 'rematch': return m.jobs_rematch();
    case 'verify': return m.jobs_verify();
    case 'import': return m.jobs_import();
    case 'demo': return m.jobs_demo();
  }
}

const STAGES: Record<string, () => string> = {
  list: m.jobs_stage_list, read: m.jobs_stage_read, 'look-up': m.jobs_stage_look_up, decode: m.jobs_stage_decode, record: m.jobs_stage_record,
  stack: m.jobs_stage_stack, match: m.jobs_stage_match, fetch: m.jobs_stage_fetch, apply: m.jobs_stage_apply, verify: m.jobs_stage_verify,
  import: m.jobs_stage_import, draw: m.jobs_stage_draw, describe: m.jobs_stage_describe, join: m.jobs_stage_join,
};

/** A stage that the window does not know keeps the program's word. */
export const stageName = (stage: string): string => STAGES[stage]?.() ?? stage;
