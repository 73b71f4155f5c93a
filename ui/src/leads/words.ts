// Names of kinds, ends, reasons and checks of the pages beside the desk, and lengths, moments and spans as people write them.
import type { ExportCheck, LinkEnd, PlaceShown } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { count, decimal, words, type Language } from '../words/language.svelte';
import type { LinkKind } from './logic/links';
import type { MadeReason } from './logic/madeHere';
import { length_s, DAY_S, type Stretch, type Tick } from './logic/time';
import { schemeName } from '../words/schemes';

/** 250 m, 2.5 km. */
export const metres = (value: number): string => (value >= 1000 ? `${decimal(value / 1000, value < 10_000 ? 1 : 0)} km` : `${count(value)} m`);

/** 52.0091 N, 4.4319 E ± 110 m, with no more digits than it bears; in Dutch 52,0091 N, 4,4319 O ± 110 m. */
export function placeText(place: PlaceShown): string {
  const degrees = (value: number, positive: string, negative: string): string => {
    const digits = Math.abs(value).toFixed(place.digits);
    return `${words.language === 'nl' ? digits.replace('.', ',') : digits} ${value < 0 ? negative : positive}`;
  };
  return `${degrees(place.latitude, m.place_north(), m.place_south())}, ${degrees(place.longitude, m.place_east(), m.place_west())} ± ${metres(place.radius_m)}`;
}
/** What items share, in the words of the window where it has any. */
export const sharedText = (line: { value: string; place: PlaceShown | null }): string => (line.place ? placeText(line.place) : line.value);

const MONTHS: Record<Language, readonly string[]> = {
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  nl: ['jan', 'feb', 'mrt', 'apr', 'mei', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dec'],
};
const two = (value: number): string => value.toString().padStart(2, '0');
/** A wall clock is read as it stood: it has no zone. */
const wall = (time_s: number): { day: string; month: string; year: number; time: string } => {
  const at = new Date(time_s * 1000);
  return { day: String(at.getUTCDate()), month: MONTHS[words.language][at.getUTCMonth()]!, year: at.getUTCFullYear(), time: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` };
};

/** 14 Mar 2025 16:02, by the wall clock. */
export const wallTime = (time_s: number): string => {
  const { day, month, year, time } = wall(time_s);
  return `${day} ${month} ${year} ${time}`;
};
/** The same with seconds, for a clock that is set. */
export const wallClock = (time_s: number): string => `${wallTime(time_s)}:${two(new Date(time_s * 1000).getUTCSeconds())}`;

/** A span: its days when it is long, its times when it is short. */
export function spanText(span: Stretch): string {
  const [from, to] = [wall(span.from_s), wall(span.to_s)];
  const days = (one: typeof from): string => `${one.day} ${one.month} ${one.year}`;
  if (length_s(span) >= 3 * DAY_S) return m.time_span({ from: days(from), to: days(to) });
  if (days(from) === days(to)) return m.time_span_day({ day: days(from), from: from.time, to: to.time });
  return m.time_span({ from: wallTime(span.from_s), to: wallTime(span.to_s) });
}

/** Words of a mark of the axis; a day says its month where that begins or where the axis begins. */
export function tickText(tick: Tick): string {
  const { day, month, year, time } = wall(tick.time_s);
  switch (tick.unit) {
    case 'year': return String(year);
    case 'month': return `${month} ${year}`;
    case 'day': return `${day} ${month}`;
    case 'hour': case 'minute': return time === '00:00' ? `${day} ${month}` : time;
  }
}

const KINDS: Record<LinkKind, () => string> = {
  serial: m.link_serial, place: m.link_place, series: m.link_series, 'look-alike': m.link_look_alike, 'region-alike': m.link_region_alike, 'same-item': m.link_same_item, related: m.link_related, label: m.link_label,
};
export const linkKind = (kind: string): string => KINDS[kind as LinkKind]?.() ?? kind;

/** An end of a link; text of files and of other cases comes escaped. */
export function endName(end: LinkEnd): string {
  switch (end.end) {
    case 'item': return m.end_item({ n: count(end.number) });
    case 'lead': return end.name;
    case 'region': return m.end_region({ name: end.name, item: count(end.number), n: end.region });
    case 'device': return end.name || m.device_none();
    case 'case': return end.lead ? m.end_case_lead({ number: end.number, lead: end.lead }) : m.end_case({ number: end.number });
  }
}

const REASONS: Record<MadeReason, () => string> = {
  original: m.made_original, 'device-in-case': m.made_device, sequence: m.made_sequence, 'metadata-whole': m.made_metadata, 'no-known-match': m.made_no_match,
  'thumbnail-fits': m.made_thumbnail, unedited: m.made_unedited,
};
export const madeReason = (reason: string): string => REASONS[reason as MadeReason]?.() ?? reason;

/** Figures of a check that are numbers are written as such. */
const figure = (text: string): string => (/^\d{1,15}$/.test(text) ? count(Number(text)) : text);

/** What a check is about. */
const CHECKS: Record<string, () => string> = {
  'decided-by-people': m.check_decided, 'nothing-else-goes-along': m.check_nothing_else, 'sets-fresh': m.check_sets, 'scheme-translates': m.check_scheme, 'ledger-whole': m.check_ledger,
  disputed: m.check_disputed, 'media-there': m.check_media,
};
export const checkName = (what: string): string => CHECKS[what]?.() ?? what;

/** What is to be known beside the figures. */
const REMARKS: Record<string, (value: string) => string> = {
  naming: (value) => m.check_remark_naming({ n: figure(value) }), none: m.check_remark_none, old: m.check_remark_old, changed: m.check_remark_changed,
  'cut-short': m.check_remark_cut_short, 'not-there': m.check_remark_not_there,
};

/** What it found: its figures, then its remarks. */
export function checkValue(check: ExportCheck): string {
  const remarks = check.values.flatMap(([name, value]) => (name in REMARKS ? [REMARKS[name]!(value)] : []));
  return [checkFigures(check), ...remarks].filter((part) => part !== '').join('; ');
}

/** Values that it has no words for are said as they are, so that none is lost. */
function checkFigures(check: ExportCheck): string {
  const own = check.values.filter(([name]) => !(name in REMARKS));
  const values = new Map(own);
  const has = (...names: string[]): boolean => names.every((name) => values.has(name)) && values.size === names.length;
  const of = (name: string): string => figure(values.get(name) ?? '');
  if (has('decided', 'items')) return m.check_value_of({ part: of('decided'), all: of('items') });
  if (of('searched') === '0') return m.check_value_no_texts();
  if (has('searched')) return m.check_value_searched({ n: of('searched') });
  if (has('set', 'version', 'hours')) return m.check_value_set({ set: values.get('set')!, version: values.get('version')!, hours: of('hours') });
  if (has('scheme', 'exact', 'person')) return m.check_value_scheme({ scheme: schemeName(values.get('scheme')!), exact: of('exact'), person: of('person') });
  if (has('head', 'operations')) return m.check_value_ledger({ head: values.get('head')!, n: of('operations') });
  if (has('missing', 'items')) return m.check_value_missing({ n: of('missing'), all: of('items') });
  if (has('items')) return m.check_value_items({ n: of('items') });
  return own.map(([name, value]) => `${name} ${figure(value)}`).join(', ');
}
