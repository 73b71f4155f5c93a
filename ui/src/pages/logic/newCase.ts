// The form of a new case: what is asked, what is wrong with it, and the text of the legal scope that is stored.
// Each error is a word that the page has a sentence for; nothing that was typed is ever changed or lost.

import type { NewCaseForm } from '../../backend/types';
import { strength } from './passphrase';
import { NAME_MAX } from './sets';

/** Longest texts of one line that are taken. Names are bound by the program itself. */
export const TEXT_MAX = 200;

export const MEDIA = ['pictures', 'videos', 'archives', 'other'] as const;
export type Medium = (typeof MEDIA)[number];

export interface NewCaseDraft {
  number: string;
  unit: string;
  warrant: string;
  /** Days as `2026-11-25`, empty for open. */
  from: string;
  to: string;
  media: Medium[];
  scheme: string;
  dir: string;
  /** True once a hand changed the folder; then it no longer follows the number. */
  dirTouched: boolean;
  user: string;
  passphrase: string;
  repeat: string;
}

export type Field = 'number' | 'unit' | 'warrant' | 'from' | 'to' | 'media' | 'scheme' | 'dir' | 'user' | 'passphrase' | 'repeat';
export type Problem = 'missing' | 'long' | 'order' | 'date' | 'absolute' | 'short' | 'differs' | 'lines';

/** Order in which errors are walked: that of the page. */
export const FIELDS: Field[] = ['number', 'unit', 'warrant', 'from', 'to', 'media', 'scheme', 'dir', 'user', 'passphrase', 'repeat'];

export function emptyDraft(scheme: string): NewCaseDraft {
  return {
    number: '', unit: '', warrant: '', from: '', to: '', media: ['pictures', 'videos', 'archives', 'other'], scheme,
    dir: '', dirTouched: false, user: '', passphrase: '', repeat: '',
  };
}

/** The folder that is suggested for a number: what a file system may not like becomes a dash. */
export function suggestedDir(casesDir: string, number: string): string {
  const name = number.trim().replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[-]+$/g, '');
  if (name === '' || casesDir === '') return '';
  return `${casesDir.replace(/\/+$/, '')}/${name}`;
}

const isDay = (text: string): boolean => {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return false;
  const day = new Date(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3])));
  return day.getUTCMonth() === Number(found[2]) - 1 && day.getUTCDate() === Number(found[3]);
};

const line = (text: string, max: number, needed: boolean): Problem | null => {
  if (text.trim() === '') return needed ? 'missing' : null;
  // A line end would forge a second line of the legal scope.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return 'lines';
  return [...text].length > max ? 'long' : null;
};

/** What is wrong, by field. Empty when the case can be made. */
export function problems(d: NewCaseDraft): Partial<Record<Field, Problem>> {
  const found: Partial<Record<Field, Problem>> = {};
  const put = (field: Field, problem: Problem | null) => { if (problem) found[field] = problem; };
  put('number', line(d.number, NAME_MAX, true));
  put('unit', line(d.unit, TEXT_MAX, true));
  put('warrant', line(d.warrant, TEXT_MAX, true));
  put('from', d.from === '' || isDay(d.from) ? null : 'date');
  put('to', d.to === '' || isDay(d.to) ? null : 'date');
  if (!found.from && !found.to && d.from !== '' && d.to !== '' && d.from > d.to) found.to = 'order';
  put('media', d.media.length === 0 ? 'missing' : null);
  put('scheme', d.scheme === '' ? 'missing' : null);
  put('dir', d.dir.trim() === '' ? 'missing' : d.dir.trim().startsWith('/') || /^[A-Za-z]:\\/.test(d.dir.trim()) ? null : 'absolute');
  put('user', line(d.user, NAME_MAX, true));
  const strong = strength(d.passphrase);
  put('passphrase', strong === 'empty' ? 'missing' : strong === 'short' ? 'short' : null);
  if (d.passphrase !== '' && d.repeat !== d.passphrase) found.repeat = d.repeat === '' ? 'missing' : 'differs';
  return found;
}

/** The first field with an error, in the order of the page, so that the ring goes there. */
export const firstProblem = (found: Partial<Record<Field, Problem>>): Field | null => FIELDS.find((field) => found[field]) ?? null;

/** The legal scope as `key: value` lines. Keys are English words, so that a case reads the same everywhere. */
export function legalScope(d: NewCaseDraft): string {
  const lines = [`warrant: ${d.warrant.trim()}`];
  if (d.from !== '' || d.to !== '') lines.push(`period: ${d.from === '' ? '..' : d.from} to ${d.to === '' ? '..' : d.to}`);
  lines.push(`media: ${MEDIA.filter((medium) => d.media.includes(medium)).join(', ')}`);
  return lines.join('\n');
}

export function toForm(d: NewCaseDraft): NewCaseForm {
  return {
    dir: d.dir.trim(), number: d.number.trim(), unit: d.unit.trim(), legal_scope: legalScope(d), scheme: d.scheme,
    user: d.user.trim(), passphrase: d.passphrase,
  };
}
