// Sentences for the codes of errors, in both languages. A code that the window does not know keeps the program's own words.
import type { WindowError } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { words } from './language.svelte';

type Words = { sentence: () => string; hint: () => string };

const CODES: Record<string, Words> = {
  'access-denied': { sentence: m.error_access_denied, hint: m.error_access_denied_hint },
  'not-allowed': { sentence: m.error_not_allowed, hint: m.error_not_allowed_hint },
  'in-use': { sentence: m.error_in_use, hint: m.error_in_use_hint },
  'not-found': { sentence: m.error_not_found, hint: m.error_not_found_hint },
  'sets-missing': { sentence: m.error_sets_missing, hint: m.error_sets_missing_hint },
  'already-there': { sentence: m.error_already_there, hint: m.error_already_there_hint },
  'disk-full': { sentence: m.error_disk_full, hint: m.error_disk_full_hint },
  damaged: { sentence: m.error_damaged, hint: m.error_damaged_hint },
  'bad-input': { sentence: m.error_bad_input, hint: m.error_bad_input_hint },
  'not-trusted': { sentence: m.error_not_trusted, hint: m.error_not_trusted_hint },
  'profile-needed': { sentence: m.error_profile_needed, hint: m.error_profile_needed_hint },
  'case-inside-source': { sentence: m.error_case_inside_source, hint: m.error_case_inside_source_hint },
  'no-sandbox': { sentence: m.error_no_sandbox, hint: m.error_no_sandbox_hint },
  stopped: { sentence: m.error_stopped, hint: m.error_stopped_hint },
  internal: { sentence: m.error_internal, hint: m.error_internal_hint },
  locked: { sentence: m.error_locked, hint: m.error_locked_hint },
  'no-case': { sentence: m.error_no_case, hint: m.error_no_case_hint },
  busy: { sentence: m.error_busy, hint: m.error_busy_hint },
};

/** Codes that have sentences here. */
export const ERROR_CODES = Object.keys(CODES);

/** What happened. English keeps the program's words, which know more; Dutch has those of the code. */
export function errorSentence(error: WindowError): string {
  const own = CODES[error.code];
  return words.language === 'en' || !own ? error.message : own.sentence();
}

/** Codes whose hint of the program is about the terminal: what to do in the window is another thing. */
const OF_TERMINAL = new Set(['sets-missing']);

/** What to do. */
export function errorHint(error: WindowError): string {
  const own = CODES[error.code];
  if (own && OF_TERMINAL.has(error.code)) return own.hint();
  return words.language === 'en' || !own ? error.hint || (own ? own.hint() : '') : own.hint();
}
