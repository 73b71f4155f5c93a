// What the export page reads, adds up and holds back: recipients by name and age key, sums of the preview, what stands in the way of signing.
import type { ExportLine, ExportPreview, ExportSample, RecipientView } from '../backend/types';
import { reasonProblem } from '../pages/logic/sets';

export type ExportWhat = 'classified' | 'all';

/** A request as it is being written. */
export interface ExportDraft {
  what: ExportWhat;
  recipients: { name: string; key: string }[];
  media: boolean;
  /** True when the person said that media may go along. */
  mediaSure: boolean;
  reason: string;
}

export const emptyExport = (): ExportDraft => ({ what: 'classified', recipients: [], media: false, mediaSure: false, reason: '' });

export type KeyProblem = 'missing' | 'form' | 'secret';
const BECH32 = /^age1[023456789acdefghjklmnpqrstuvwxyz]{58}$/;

/** What is wrong with the public key of a recipient. Only its form is looked at: whether it holds, the program says. */
export function keyProblem(key: string): KeyProblem | null {
  const trimmed = key.trim();
  if (trimmed === '') return 'missing';
  if (holdsSecret(trimmed)) return 'secret';
  return BECH32.test(trimmed) ? null : 'form';
}

/** How secret keys begin: those of age, and those of minisign. */
const SECRET = /AGE-SECRET-KEY-|RWRTY0Iy/i;
/** Whether a text holds the secret part of a key. It is never repeated. */
export const holdsSecret = (text: string): boolean => SECRET.test(text);

/** Public keys of a text as people hand it over: `NAME=age1…` or a key alone, one a line; `#` begins a comment. Null where a line is something else. */
export function keysIn(text: string): RecipientView[] | null {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const found = lines.map((line): RecipientView | null => {
    // The key has no `=`, a name may have one.
    const at = line.lastIndexOf('=');
    const key = line.slice(at + 1).trim();
    return BECH32.test(key) ? { name: at < 0 ? '' : line.slice(0, at).trim(), key } : null;
  });
  return found.length > 0 && found.every((one) => one !== null) ? (found as RecipientView[]) : null;
}

/** A key for the eye: its begin and its end. */
export const shortKey = (key: string): string => (key.length > 20 ? `${key.slice(0, 10)} … ${key.slice(-6)}` : key);

export const hasRecipient = (draft: ExportDraft, one: RecipientView): boolean => draft.recipients.some((other) => other.key === one.key);

export type ExportProblem = 'recipients' | 'media' | 'reason';

/** What is still missing in a request, in the order of the page. */
export function problems(draft: ExportDraft): ExportProblem[] {
  const found: ExportProblem[] = [];
  if (draft.recipients.length === 0) found.push('recipients');
  if (draft.media && !draft.mediaSure) found.push('media');
  if (reasonProblem(draft.reason) !== null) found.push('reason');
  return found;
}

/** The row "together" of the preview. */
export function together(preview: ExportPreview): [items: number, confirmed: number, alone: number, disputed: number] {
  const sum = (at: 1 | 2 | 3 | 4): number => preview.categories.reduce((all, row) => all + row[at], 0);
  return [sum(1), sum(2), sum(3), sum(4)];
}

/** True when one of the checks forbids to sign. */
export const isStopped = (preview: ExportPreview): boolean => preview.checks.some((one) => one.standing === 'stops');

const STATES: readonly string[] = ['asked', 'signed', 'withdrawn'];

/** Requests that wait first, the newest of them first; then what is done. */
export const inTurn = (lines: readonly ExportLine[]): ExportLine[] => [...lines].sort((a, b) =>
  Number(b.state === 'asked') - Number(a.state === 'asked') || b.request - a.request || STATES.indexOf(a.state) - STATES.indexOf(b.state));

/** Numbers of the items of a sample that were looked at. */
export const lookedAt = (sample: ExportSample): Set<number> => new Set(sample.items.filter((one) => one.looked).map((one) => one.number));

/** How many items of a sample could be looked at and were not. */
export const leftToLook = (sample: ExportSample, looked: ReadonlySet<number>): number =>
  sample.items.filter((one) => one.has_picture && !looked.has(one.number)).length;

/** What still keeps a person from pressing the button. */
export function ready(line: ExportLine, preview: ExportPreview | null, filled: { keyFile: string; keyPassphrase: string; out: string; read: boolean; looked: boolean }): boolean {
  return filled.looked && line.may_sign && line.state === 'asked' && preview !== null && !isStopped(preview)
    && filled.read && filled.keyFile.trim() !== '' && filled.keyPassphrase !== '' && filled.out.trim() !== '';
}
