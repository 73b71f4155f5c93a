// Changes keys: what a pressed key would mean, with which action it would clash, and the list of changes that is stored.
import { clashes, keymap, type Action, type Changes, type Group } from '../../keys/keymap';

export type Change = [action: string, keys: string[]];

/** Keys that the program and the system need, and keys that name nothing. */
const RESERVED = new Set(['Tab', 'Shift Tab', 'Escape', 'Dead', 'Process', 'Unidentified', 'CapsLock', 'NumLock', 'ContextMenu', 'Shift', 'Control', 'Alt', 'Meta', 'AltGraph']);
/** The key itself, without what is held with it. */
const bare = (key: string): string => key.replace(/^(?:(?:Ctrl|Alt|Shift) )+/, '');

/** True while only Shift, Ctrl or Alt are down: more is to come. */
export const isUnfinished = (key: string): boolean => ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph'].includes(bare(key));

export type Verdict =
  | { kind: 'free' }
  /** It has this key already. */
  | { kind: 'same' }
  /** The key cannot be given to anything. */
  | { kind: 'reserved' }
  /** The key belongs to an action that cannot be changed. */
  | { kind: 'fixed'; other: Action }
  | { kind: 'clash'; other: Action };

const find = (groups: readonly Group[], id: string): Action | undefined => groups.flatMap((group) => group.actions).find((action) => action.id === id);

/** What giving a key to an action would mean. */
export function judge(changes: Changes, action: string, key: string): Verdict {
  if (RESERVED.has(key) || RESERVED.has(bare(key))) return { kind: 'reserved' };
  const now = keymap(changes);
  if (find(now, action)?.keys.includes(key)) return { kind: 'same' };
  const next = keymap(withKeys(changes, action, [key]));
  const clash = clashes(next).find((one) => one.key === key && one.actions.includes(action));
  if (!clash) return { kind: 'free' };
  const other = find(now, clash.actions[0] === action ? clash.actions[1] : clash.actions[0]);
  if (!other) return { kind: 'free' };
  return { kind: other.fixed ? 'fixed' : 'clash', other };
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((key, i) => key === b[i]);

/** The changes with these keys for an action; what is as it was made is not stored. */
export function withKeys(changes: Changes, action: string, keys: readonly string[]): Change[] {
  const others = changes.filter(([id]) => id !== action).map(([id, old]): Change => [id, [...old]]);
  const made = find(keymap(), action)?.keys ?? [];
  return same(made, keys) ? others : [...others, [action, [...keys]]];
}

/** The changes with a key taken from its action and given to another. */
export function taken(changes: Changes, action: string, key: string, from: Action): Change[] {
  return withKeys(withKeys(changes, from.id, from.keys.filter((one) => one !== key)), action, [key]);
}

export const isChanged = (changes: Changes, action: string): boolean => changes.some(([id]) => id === action);

/** Gives an action its made keys back, and takes them from whoever got them. */
export function asMade(changes: Changes, action: string): Change[] {
  const made = find(keymap(), action)?.keys ?? [];
  let next = withKeys(changes, action, made);
  for (const key of made) {
    const clash = clashes(keymap(next)).find((one) => one.key === key && one.actions.includes(action));
    const other = clash && find(keymap(next), clash.actions[0] === action ? clash.actions[1] : clash.actions[0]);
    if (other) next = withKeys(next, other.id, other.keys.filter((one) => one !== key));
  }
  return next;
}
