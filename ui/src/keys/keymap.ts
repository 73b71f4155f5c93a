// The keymap as data: the deck, tips, the key sheet, the settings and the tests all read it from here.
import type { Language } from '../words/language.svelte';
import data from './keymap.json';

/** Where keys hold. `compare` is within the review; `stack dialog` holds while that dialog is open; `leads` is the lead desk;
 * `map` and `time line` hold while these have the focus on their page, `map and time`. */
export type Scope = 'anywhere' | 'review' | 'compare' | 'stack dialog' | 'leads' | 'map and time' | 'map' | 'time line';

export interface Action {
  id: string;
  /** Keys as the person has them, e.g. `Ctrl Shift Z`; none when they were taken off. */
  keys: string[];
  en: string;
  nl: string;
  /** Something happens while it is held. */
  hold: boolean;
  /** The person cannot change it: arrows, digits, Esc. */
  fixed: boolean;
  scope: Scope;
}

export interface Group {
  scope: Scope;
  en: string;
  nl: string;
  actions: Action[];
}

/** Keys that a person has changed, as the settings hold them. */
export type Changes = ReadonlyArray<readonly [action: string, keys: readonly string[]]>;

/** What a scope adds to; a key of the narrower scope goes before. */
const EXTENDS: Record<Scope, readonly Scope[]> = {
  anywhere: ['anywhere'],
  review: ['review', 'anywhere'],
  compare: ['compare', 'review', 'anywhere'],
  'stack dialog': ['stack dialog'],
  leads: ['leads', 'anywhere'],
  'map and time': ['map and time', 'anywhere'],
  map: ['map', 'map and time', 'anywhere'],
  'time line': ['time line', 'map and time', 'anywhere'],
};

/** Keys that a narrower scope takes over on purpose. */
const REPLACES: Record<string, readonly string[]> = { compare: ['Home'] };

/** Groups in the order of the sheet, with the person's changes. */
export function keymap(changes: Changes = []): Group[] {
  const changed = new Map(changes.map(([action, keys]) => [action, [...keys]]));
  return data.map((group) => ({
    scope: group.scope as Scope,
    en: group.en,
    nl: group.nl,
    actions: group.actions.map((action) => {
      const fixed = 'fixed' in action && action.fixed === true;
      return {
        id: action.id,
        keys: (fixed ? undefined : changed.get(action.id)) ?? action.keys,
        en: action.en,
        nl: action.nl,
        hold: 'hold' in action && action.hold === true,
        fixed,
        scope: group.scope as Scope,
      };
    }),
  }));
}

export interface Clash {
  scope: Scope;
  key: string;
  actions: [string, string];
}

/** Keys that would mean two things within a view plus "anywhere". */
export function clashes(groups: readonly Group[]): Clash[] {
  const found: Clash[] = [];
  for (const scope of Object.keys(EXTENDS) as Scope[]) {
    const taken = new Map<string, Action>();
    for (const action of groups.flatMap((group) => (EXTENDS[scope].includes(group.scope) ? group.actions : []))) {
      for (const key of action.keys) {
        const other = taken.get(key);
        const replaced = other && other.scope !== action.scope && REPLACES[scope]?.includes(key);
        if (other && !replaced) found.push({ scope, key, actions: [other.id, action.id] });
        taken.set(key, action);
      }
    }
  }
  // The wider scopes are met again within the narrower ones: each clash is told once.
  return found.filter((clash, at) => found.findIndex((one) => one.actions.join() === clash.actions.join() && one.key === clash.key) === at);
}

/** What a key does in a scope. */
export function bindings(groups: readonly Group[], scope: Scope): Map<string, Action> {
  const bound = new Map<string, Action>();
  // The widest first, so that the narrower ones go over it.
  for (const one of [...EXTENDS[scope]].reverse()) {
    for (const group of groups) {
      if (group.scope !== one) continue;
      for (const action of group.actions) for (const key of action.keys) bound.set(key, action);
    }
  }
  return bound;
}

/** Keys of an action, the first of them; empty when it has none. */
export function keyOf(groups: readonly Group[], action: string): string {
  for (const group of groups) {
    const found = group.actions.find((one) => one.id === action);
    if (found) return found.keys[0] ?? '';
  }
  return '';
}

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/** Names keys as the keymap does: `Ctrl Shift Z`, `Space`, `?`. Letters are those of the layout, digits those of either row. */
export function keyName(event: Pressed): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  let key = event.key;
  // On layouts whose digits need Shift, the digit row still means digits.
  if (digit && !event.altKey) key = event.shiftKey && event.code.startsWith('Digit') && !/^\d$/.test(key) ? key : (digit[1] ?? key);
  if (key === ' ' || key === 'Spacebar') key = 'Space';
  if (/^\p{L}$/u.test(key)) key = key.toUpperCase();
  // Shift made the sign itself, as in `?` and `+`: then it is no part of the name.
  const sign = key.length === 1 && !/[\p{L}\d]/u.test(key);
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && !sign) parts.push('Shift');
  return [...parts, key].join(' ');
}

const NAMES: Record<Language, Record<string, string>> = {
  en: { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del', Backspace: '⌫', PageUp: 'PgUp', PageDown: 'PgDn' },
  nl: { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del', Backspace: '⌫', PageUp: 'PgUp', PageDown: 'PgDn', Space: 'Spatie' },
};

/** Names keys for a person. */
export function keyText(keys: string, language: Language): string {
  return keys.split(' ').map((part) => NAMES[language][part] ?? part).join(' ');
}
