// What a person states of the case as prosecutors count it: whole numbers, each of which may be left out.
import type { QualificationLine } from '../backend/types';

/** Largest number that the program takes. */
export const ACT_MAX = 4_294_967_295;
const PLAIN = /^\d{1,10}$/;
/** With separators between groups of three, as people copy it. */
const GROUPED = /^\d{1,3}(?:[., ]\d{3}){1,3}$/;

/** Items of a field: null where it is empty, undefined where it is no whole number. */
export function readItems(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!PLAIN.test(trimmed) && !GROUPED.test(trimmed)) return undefined;
  const items = Number(trimmed.replace(/[., ]/g, ''));
  return items <= ACT_MAX ? items : undefined;
}

/** The acts whose number is another one than what stands: only these are stated anew, by whoever changed them. */
export const changedActs = (stated: readonly QualificationLine[], typed: Readonly<Record<string, string>>): Array<[string, number | null]> =>
  stated.flatMap((one): Array<[string, number | null]> => {
    const items = readItems(typed[one.act] ?? '');
    return items === undefined || items === one.items ? [] : [[one.act, items]];
  });
