// What a person says of a lead, while it is typed: text as it stands in the fields, and what is wrong with it.
import type { LeadForm } from '../backend/types';

export const NAME_MAX = 200;
export const TEXT_MAX = 20_000;
export const LABELS_MAX = 100;

export interface LeadDraft {
  kind: string;
  state: string;
  name: string;
  labels: string[];
  text: string;
  series: string;
  latitude: string;
  longitude: string;
  radius: string;
  related: number[];
  /** Of a new lead: a child may be at risk now. */
  risk: boolean;
}

export const emptyDraft = (): LeadDraft => ({ kind: 'victim', state: 'open', name: '', labels: [], text: '', series: '', latitude: '', longitude: '', radius: '', related: [], risk: false });

export function draftOf(form: LeadForm): LeadDraft {
  const [latitude, longitude, radius] = form.place ?? ['', '', ''];
  return {
    kind: form.kind, state: form.state, name: form.name, labels: [...form.labels], text: form.text, series: form.series ?? '',
    latitude: String(latitude), longitude: String(longitude), radius: String(radius), related: [...form.related], risk: false,
  };
}

export type DraftField = 'name' | 'labels' | 'text' | 'series' | 'latitude' | 'longitude' | 'radius';
export type DraftProblem = 'missing' | 'long' | 'number' | 'range';

/** A number with a point or a comma; null for anything else. */
export function figure(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('−', '-');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

/** Length as the program counts it: characters, not units of the encoding. */
const long = (text: string, most: number): boolean => [...text].length > most;

/** What is wrong, by field; empty when it can be sent. */
export function problems(draft: LeadDraft): Partial<Record<DraftField, DraftProblem>> {
  const found: Partial<Record<DraftField, DraftProblem>> = {};
  if (draft.name.trim() === '') found.name = 'missing';
  else if (long(draft.name.trim(), NAME_MAX)) found.name = 'long';
  if (long(draft.series.trim(), NAME_MAX)) found.series = 'long';
  if (long(draft.text, TEXT_MAX)) found.text = 'long';
  if (draft.labels.length > LABELS_MAX) found.labels = 'long';
  const place = [['latitude', -90, 90], ['longitude', -180, 180], ['radius', 1, 40_000_000]] as const;
  if (place.some(([field]) => draft[field].trim() !== '')) {
    for (const [field, low, high] of place) {
      const value = figure(draft[field]);
      if (draft[field].trim() === '') found[field] = 'missing';
      else if (value === null) found[field] = 'number';
      else if (value < low || value > high) found[field] = 'range';
    }
  }
  return found;
}

/** The form that is sent; only of a draft without problems. */
export function formOf(draft: LeadDraft): LeadForm {
  const figures = [draft.latitude, draft.longitude, draft.radius].map(figure);
  const [latitude, longitude, radius] = figures;
  return {
    kind: draft.kind, state: draft.state, name: draft.name.trim(), labels: [...draft.labels], text: draft.text.trim(), series: draft.series.trim() || null,
    place: latitude == null || longitude == null || radius == null ? null : [latitude, longitude, Math.round(radius)], related: [...draft.related],
  };
}
