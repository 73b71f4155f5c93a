// The language of the window: messages, numbers, dates. A change shows at once, without a reload.
import { overwriteGetLocale } from '../paraglide/runtime.js';

export type Language = 'en' | 'nl';

class Words {
  /** Language that is in force. */
  language: Language = $state('en');
}

export const words = new Words();

// Messages read the language through a rune, so every text on the page follows it.
overwriteGetLocale(() => words.language);

/** Chooses by the settings: `en`, `nl` or `system`. */
export function chooseLanguage(setting: string, system: string = navigator.language): void {
  const wanted = setting === 'system' ? system : setting;
  words.language = wanted.toLowerCase().startsWith('nl') ? 'nl' : 'en';
  document.documentElement.lang = words.language;
}

const LOCALES: Record<Language, string> = { en: 'en-GB', nl: 'nl-NL' };
const MONTHS: Record<Language, readonly string[]> = {
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  nl: ['jan', 'feb', 'mrt', 'apr', 'mei', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dec'],
};

/** 40,212 in English; 40.212 in Dutch. */
export function count(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, words.language === 'nl' ? '.' : ',');
}

/** With at most so many decimals: 2.1 in English; 2,1 in Dutch. */
export function decimal(value: number, digits = 1): string {
  return new Intl.NumberFormat(LOCALES[words.language], { maximumFractionDigits: digits }).format(value);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 2.1 MB; units of a thousand. */
export function bytes(value: number): string {
  let unit = 0;
  let left = value;
  while (left >= 999.5 && unit < UNITS.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${decimal(left, left < 10 && unit > 0 ? 1 : 0)} ${UNITS[unit]}`;
}

const two = (value: number): string => value.toString().padStart(2, '0');

/** 14 Mar 2025 in English; 14 mrt 2025 in Dutch; local time. */
export function day(time: string | Date): string {
  const at = new Date(time);
  return `${at.getDate()} ${MONTHS[words.language][at.getMonth()]} ${at.getFullYear()}`;
}

/** 10:41, local time. */
export function clock(time: string | Date): string {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The clock for today, else the day; `now` is passed in. */
export function when(time: string, now: Date): string {
  const at = new Date(time);
  return at.toDateString() === now.toDateString() ? clock(at) : `${day(at)} ${clock(at)}`;
}

/** A time of metadata as it stood (`2025-03-14 16:02:11`), with the month as a word and no change of zone. */
export function stated(time: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})(.*)$/.exec(time);
  const month = found && MONTHS[words.language][Number(found[2]) - 1];
  return found && month ? `${Number(found[3])} ${month} ${found[1]}${found[4]}` : time;
}
