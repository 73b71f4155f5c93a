// Sentences for remarks of the program, in both languages. One that comes in English alone keeps its words.
import type { Figure, Remark, RemarkCode } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { count } from './language.svelte';

type Known = Exclude<RemarkCode, 'other'>;
type Figures = { a: string; b: string; c: string };

// A word of the program that is missing here does not pass the check of types.
const SAY: Record<Known, (figures: Figures) => string> = {
  'scheme-illustration': m.remark_scheme_illustration,
  'wait-version-adds': m.remark_wait_version_adds, 'wait-version-withdraws': m.remark_wait_version_withdraws, 'wait-adds': m.remark_wait_adds,
  'wait-withdraws': m.remark_wait_withdraws, 'wait-quarantined': m.remark_wait_quarantined, 'wait-meaning': m.remark_wait_meaning,
  'row-empty-file': m.remark_row_empty_file, 'row-no-digest': m.remark_row_no_digest, 'row-bad-digest': m.remark_row_bad_digest,
  'row-placeholder': m.remark_row_placeholder, 'row-digest-number': m.remark_row_digest_number, 'row-digest-kind': m.remark_row_digest_kind,
  'row-several': m.remark_row_several, 'row-columns': m.remark_row_columns, 'row-number': m.remark_row_number, 'row-category': m.remark_row_category,
  'row-category-long': m.remark_row_category_long, 'row-no-object': m.remark_row_no_object, 'row-twice': m.remark_row_twice,
  'row-malicious': m.remark_row_malicious, 'row-special': m.remark_row_special, 'row-product': m.remark_row_product,
  'row-ordinary': m.remark_row_ordinary, 'row-alert': m.remark_row_alert,
  'open-nothing': m.remark_open_nothing, 'open-twice': m.remark_open_twice, 'open-two-sets': m.remark_open_two_sets, 'open-profile': m.remark_open_profile,
  'open-meaning': m.remark_open_meaning, 'open-judged': m.remark_open_judged, 'open-idle': m.remark_open_idle,
  'case-continues': m.remark_case_continues, 'case-context': m.remark_case_context, 'case-version': m.remark_case_version,
  'case-no-context': m.remark_case_no_context, 'case-no-scheme': m.remark_case_no_scheme, 'case-other-profile': m.remark_case_other_profile,
  'case-declared': m.remark_case_declared, 'case-both': m.remark_case_both, 'case-miniature': m.remark_case_miniature,
  'case-long': m.remark_case_long, 'case-part': m.remark_case_part, 'case-cut': m.remark_case_cut, 'case-bytes': m.remark_case_bytes,
  'case-field': m.remark_case_field, 'case-empty-digest': m.remark_case_empty_digest, 'case-other-md5': m.remark_case_other_md5,
  'case-perceptual': m.remark_case_perceptual, 'case-perceptual-two': m.remark_case_perceptual_two, 'case-no-place': m.remark_case_no_place,
  'case-precategorized': m.remark_case_precategorized, 'case-no-case': m.remark_case_no_case, 'case-no-record': m.remark_case_no_record,
  'case-ampersand': m.remark_case_ampersand, 'case-element': m.remark_case_element, 'case-path-absolute': m.remark_case_path_absolute,
  'case-path-climbs': m.remark_case_path_climbs, 'case-path-zero': m.remark_case_path_zero,
  'verify-damaged': m.remark_verify_damaged, 'verify-chain': m.remark_verify_chain, 'verify-rows': m.remark_verify_rows,
  'verify-replay': m.remark_verify_replay, 'verify-reference': m.remark_verify_reference, 'verify-hide': m.remark_verify_hide,
  'verify-known-decoded': m.remark_verify_known_decoded, 'verify-derived': m.remark_verify_derived, 'verify-sums': m.remark_verify_sums,
  'verify-keys': m.remark_verify_keys, 'verify-pending': m.remark_verify_pending, 'verify-noted-head': m.remark_verify_noted_head,
  'verify-other-version': m.remark_verify_other_version, 'verify-not-in-set': m.remark_verify_not_in_set, 'verify-called-wrong': m.remark_verify_called_wrong,
};

/** Words of remarks that have sentences here. */
export const REMARKS = Object.keys(SAY) as Known[];

/** Whether the window has words of its own for a remark. */
export const isKnown = (remark: Remark): boolean => remark.code in SAY;

/** Says a remark. */
export function sayRemark(remark: Remark): string {
  if (remark.code === 'other') return remark.text;
  const figure = (at: number): string => written(remark.figures[at]);
  return SAY[remark.code]({ a: figure(0), b: figure(1), c: figure(2) });
}

// A code or the number of a version is a name, and has no separators.
const written = (figure: Figure | undefined): string => (typeof figure === 'number' ? count(figure) : (figure ?? ''));
