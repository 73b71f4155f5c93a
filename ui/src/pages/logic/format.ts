// Writes shares, spans and moments as people in both languages read them, over the numbers and dates of `words`.
// No function looks at the clock: the time that it is now is passed in.
import { clock, count, day, decimal, words, type Language } from '../../words/language.svelte';

const LONG_MONTHS: Record<Language, readonly string[]> = {
  en: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
  nl: ['januari', 'februari', 'maart', 'april', 'mei', 'juni', 'juli', 'augustus', 'september', 'oktober', 'november', 'december'],
};
const WEEKDAYS: Record<Language, readonly string[]> = {
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  nl: ['zondag', 'maandag', 'dinsdag', 'woensdag', 'donderdag', 'vrijdag', 'zaterdag'],
};
const UNITS = {
  en: { second: ['second', 'seconds'], minute: ['minute', 'minutes'], hour: ['hour', 'hours'], day: ['day', 'days'] },
  nl: { second: ['seconde', 'seconden'], minute: ['minuut', 'minuten'], hour: ['uur', 'uur'], day: ['dag', 'dagen'] },
} as const;
const NEAR = { en: { today: 'today', yesterday: 'yesterday', h: 'h' }, nl: { today: 'vandaag', yesterday: 'gisteren', h: 'u' } } as const;

/** A share in per cent. A share that is not nothing is never written as 0, and one that is not all never as 100. */
export function percent(part: number, total: number): string {
  if (total <= 0 || part <= 0) return '0 %';
  const share = (100 * part) / total;
  if (share < 0.1) return `< ${decimal(0.1)} %`;
  if (part < total && share > 99.9) return `${decimal(99.9)} %`;
  return `${decimal(share)} %`;
}

/** Whole per cents of work that is done, for narrow places: 100 only when it is. */
export const percentDone = (share: number): string => `${share >= 1 ? 100 : Math.min(99, Math.floor(share * 100))} %`;

/** maandag 23 november, or Monday 23 November. */
export function longDay(at: Date): string {
  const l = words.language;
  return `${WEEKDAYS[l][at.getDay()]} ${at.getDate()} ${LONG_MONTHS[l][at.getMonth()]}`;
}

const dayNumber = (at: Date): number => Math.round(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000);

/** today 10:41, yesterday 16:00, else the day; a time that cannot be read is a dash. */
export function moment(time: Date | string, now: Date): string {
  const at = typeof time === 'string' ? new Date(time) : time;
  if (Number.isNaN(at.getTime())) return '–';
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return `${NEAR[words.language].today} ${clock(at)}`;
  if (days === 1) return `${NEAR[words.language].yesterday} ${clock(at)}`;
  return day(at);
}

const unit = (n: number, name: 'second' | 'minute' | 'hour' | 'day'): string =>
  `${count(n)} ${UNITS[words.language][name][n === 1 ? 0 : 1]}`;

/** A span of time in the one or two units that matter: 40 seconds, 3 minutes, 2 hours 10 minutes, 3 days. */
export function span(seconds: number): string {
  if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  if (minutes < 24 * 60) {
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    return rest === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(rest, 'minute')}`;
  }
  return unit(Math.round(minutes / (24 * 60)), 'day');
}

/** A span for a narrow place: 40 s, 3 min, 2 h, 3 days. */
export function shortSpan(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} ${NEAR[words.language].h}`;
  return unit(Math.round(seconds / 86_400), 'day');
}

/**
 * Time left as it is said: coarser the longer it is, so that it does not jump with every report. Always rounded up.
 * Below a minute in tens of seconds, below ten minutes in minutes, below an hour in fives, below six hours in halves of an hour.
 */
export function timeLeft(seconds: number): string {
  const up = (step: number): string => span(Math.max(step, Math.ceil(seconds / step) * step));
  if (seconds <= 60) return up(10);
  if (seconds <= 600) return up(60);
  if (seconds <= 3600) return up(300);
  return seconds <= 6 * 3600 ? up(1800) : up(3600);
}

/** Files a second, or a minute where that is below one a second. */
export function rate(perSecond: number, what: string): string {
  if (perSecond >= 10) return `${count(perSecond)} ${what}/s`;
  return perSecond >= 1 ? `${decimal(perSecond)} ${what}/s` : `${count(perSecond * 60)} ${what}/min`;
}
