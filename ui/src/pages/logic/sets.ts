// Reads publishers, sets and imports for the page of the sets: how each stands, and whether an import can begin.

import type { ImportForm, ImportPreview, PublisherLine, SetLine } from '../../backend/types';
import { fours } from '../../parts/digests';

export type Standing = 'fine' | 'caution' | 'urgent' | 'plain';

/** How a publisher stands. What waits or is damaged comes before freshness. */
export function publisherStanding(line: PublisherLine): { tone: Standing; word: 'damaged' | 'waiting' | 'fresh' | 'in-grace' | 'beyond' | 'never' } {
  if (line.damage !== null) return { tone: 'urgent', word: 'damaged' };
  if (line.waiting !== null) return { tone: 'caution', word: 'waiting' };
  if (line.freshness === 'fresh') return { tone: 'fine', word: 'fresh' };
  if (line.freshness === 'in-grace') return { tone: 'caution', word: 'in-grace' };
  if (line.freshness === 'beyond') return { tone: 'caution', word: 'beyond' };
  return { tone: 'plain', word: 'never' };
}

/** Groups of a fingerprint in a row: the same rows as on the publisher's screen. */
const ROW_GROUPS = 4;
/** Cuts a fingerprint into rows of groups, as it is read aloud. */
export function fingerprintRows(fingerprint: string): string[][] {
  const groups = fours(fingerprint);
  const rows = Math.ceil(groups.length / ROW_GROUPS);
  return Array.from({ length: rows }, (_, row) => groups.slice(row * ROW_GROUPS, (row + 1) * ROW_GROUPS));
}

/** A reason that somebody else can understand later: not empty, not longer than the ledger takes. */
export const REASON_MIN = 8;
export const REASON_MAX = 500;
export function reasonProblem(text: string): 'missing' | 'short' | 'long' | null {
  const length = [...text.trim()].length;
  return length === 0 ? 'missing' : length < REASON_MIN ? 'short' : length > REASON_MAX ? 'long' : null;
}

/** Longest name of a set or a person, as the program takes it. */
export const NAME_MAX = 100;
/** What the program takes as a name: a line that can be shown safely, without controls and without turning text round. */
export function nameProblem(name: string): 'missing' | 'form' | 'long' | null {
  if (name.trim() === '') return 'missing';
  if ([...name.trim()].length > NAME_MAX) return 'long';
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name.trim()) ? 'form' : null;
}

/** A name for a list, from its file. */
export function suggestedName(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? '';
  return file.replace(/(?:\.(?:json|csv|txt|db|sqlite|gz|zip|md5|sha1|sha256|hash|kdb))+$/i, '').toLowerCase()
    .replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, NAME_MAX);
}

/** Codes that a person has to say the meaning of, each once, in order. */
export const questions = (previews: ImportPreview[]): string[] =>
  [...new Set(previews.flatMap((preview) => preview.questions))].sort();

export type ImportProblem = 'no-files' | 'no-preview' | 'name' | 'role' | 'entries';

/** What stands in the way of an import. Unanswered codes do not: those entries hide nothing, and that is said. */
export function importProblems(form: ImportForm, previews: ImportPreview[]): ImportProblem[] {
  const found: ImportProblem[] = [];
  if (form.files.length === 0) return ['no-files'];
  if (previews.length === 0) return ['no-preview'];
  if (nameProblem(form.name) !== null) found.push('name');
  if (form.role !== 'known' && form.role !== 'good') found.push('role');
  if (previews.reduce((sum, preview) => sum + preview.entries, 0) === 0) found.push('entries');
  return found;
}

/** What a person said that a code means. */
export type Meaning = [code: string, meaning: string];

/** Codes that stay without an answer. */
export const unanswered = (codes: string[], meanings: Meaning[]): string[] => codes.filter((code) => !meanings.some(([answered]) => answered === code));

/** Answers of a person put into the form: an empty meaning takes the answer away. */
export function withMeaning<F extends { meanings: Meaning[] }>(form: F, code: string, meaning: string): F {
  const others = form.meanings.filter(([answered]) => answered !== code);
  return { ...form, meanings: meaning === '' ? others : [...others, [code, meaning]] };
}

/** The oldest set that somebody publishes leads: a page says the worst first. */
export function bySorrow(sets: SetLine[]): SetLine[] {
  const weight = (set: SetLine) => ({ beyond: 0, 'in-grace': 1, fresh: 2 })[set.freshness ?? 'fresh'] ?? 2;
  return [...sets].sort((a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name));
}
