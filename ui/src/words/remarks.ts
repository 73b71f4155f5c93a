// Sentences for remarks of the program, in both languages. One that the window does not know keeps the program's words.
import type { Remark } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { count } from './language.svelte';

type Figures = { a: string; b: string; c: string };

const SAY: Record<string, (figures: Figures) => string> = {
  'scheme-illustration': () => m.remark_scheme_illustration(),
  'wait-version-adds': (f) => m.remark_wait_version_adds(f), 'wait-version-withdraws': (f) => m.remark_wait_version_withdraws(f),
  'wait-adds': (f) => m.remark_wait_adds(f), 'wait-withdraws': (f) => m.remark_wait_withdraws(f),
  'wait-quarantined': (f) => m.remark_wait_quarantined(f), 'wait-meaning': () => m.remark_wait_meaning(),
  'row-empty-file': () => m.remark_row_empty_file(), 'row-no-digest': () => m.remark_row_no_digest(), 'row-bad-digest': () => m.remark_row_bad_digest(),
  'row-placeholder': () => m.remark_row_placeholder(), 'row-columns': () => m.remark_row_columns(), 'row-number': () => m.remark_row_number(),
  'row-digest-kind': () => m.remark_row_digest_kind(), 'row-category': () => m.remark_row_category(), 'row-no-object': () => m.remark_row_no_object(),
  'row-twice': () => m.remark_row_twice(), 'row-malicious': () => m.remark_row_malicious(), 'row-special': () => m.remark_row_special(),
  'row-product': () => m.remark_row_product(), 'row-digest-number': () => m.remark_row_digest_number(), 'row-ordinary': () => m.remark_row_ordinary(),
  'row-alert': () => m.remark_row_alert(), 'row-several': () => m.remark_row_several(),
  'open-nothing': () => m.remark_open_nothing(), 'open-twice': () => m.remark_open_twice(), 'open-two-sets': () => m.remark_open_two_sets(), 'open-profile': () => m.remark_open_profile(),
  'case-continues': () => m.remark_case_continues(), 'case-context': () => m.remark_case_context(), 'case-version': () => m.remark_case_version(),
  'case-no-context': () => m.remark_case_no_context(), 'case-no-scheme': () => m.remark_case_no_scheme(), 'case-other-profile': () => m.remark_case_other_profile(),
  'case-declared': (f) => m.remark_case_declared(f), 'case-both': () => m.remark_case_both(), 'case-miniature': (f) => m.remark_case_miniature(f),
  'case-long': (f) => m.remark_case_long(f), 'case-part': (f) => m.remark_case_part(f), 'case-cut': (f) => m.remark_case_cut(f),
  'case-bytes': (f) => m.remark_case_bytes(f), 'case-field': (f) => m.remark_case_field(f), 'case-empty-digest': (f) => m.remark_case_empty_digest(f),
  'case-other-md5': (f) => m.remark_case_other_md5(f), 'case-perceptual': (f) => m.remark_case_perceptual(f), 'case-perceptual-two': (f) => m.remark_case_perceptual_two(f),
  'case-no-place': (f) => m.remark_case_no_place(f), 'case-precategorized': (f) => m.remark_case_precategorized(f), 'case-no-case': (f) => m.remark_case_no_case(f),
  'case-no-record': (f) => m.remark_case_no_record(f), 'case-ampersand': (f) => m.remark_case_ampersand(f), 'case-element': (f) => m.remark_case_element(f),
  'case-path-absolute': (f) => m.remark_case_path_absolute(f), 'case-path-climbs': (f) => m.remark_case_path_climbs(f), 'case-path-zero': (f) => m.remark_case_path_zero(f),
  'verify-damaged': () => m.remark_verify_damaged(), 'verify-chain': () => m.remark_verify_chain(), 'verify-rows': () => m.remark_verify_rows(),
  'verify-replay': () => m.remark_verify_replay(), 'verify-reference': () => m.remark_verify_reference(), 'verify-hide': () => m.remark_verify_hide(),
  'verify-known-decoded': () => m.remark_verify_known_decoded(), 'verify-derived': () => m.remark_verify_derived(), 'verify-sums': () => m.remark_verify_sums(),
  'verify-keys': () => m.remark_verify_keys(), 'verify-pending': () => m.remark_verify_pending(), 'verify-noted-head': () => m.remark_verify_noted_head(),
  'verify-other-version': () => m.remark_verify_other_version(), 'verify-not-in-set': () => m.remark_verify_not_in_set(), 'verify-called-wrong': () => m.remark_verify_called_wrong(),
};

/** Words of remarks that have sentences here. */
export const REMARKS = Object.keys(SAY);

/** Whether the window has words of its own for a remark. */
export const isKnown = (remark: Remark): boolean => remark.code in SAY;

/** Says a remark. */
export function sayRemark(remark: Remark): string {
  // The number of a version is a name, and has no separators.
  const isName = (at: number): boolean => at === 0 && remark.code.startsWith('wait-version');
  const figure = (at: number): string => (isName(at) ? (remark.figures[at] ?? '') : remark.figures[at] === undefined ? '' : count(Number(remark.figures[at])));
  return SAY[remark.code]?.({ a: figure(0), b: figure(1), c: figure(2) }) ?? remark.text;
}
