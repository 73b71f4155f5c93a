// Hears the keyboard for the whole window, and hands actions to whatever page is there.
import { choosing } from '../backend';
import { overlays } from '../shell/overlays.svelte';
import { session } from '../shell/session.svelte';
import { bindings, keyName, keymap, keyOf, type Action, type Group, type Scope } from './keymap';

/** Does an action; false when it means nothing here, and then the browser may have the key. */
export type Act = (action: Action, event: KeyboardEvent) => boolean;

interface Listener {
  act: Act;
  release?: (key: string) => void;
}

class Keyboard {
  /** Scope of the page: what keys mean. */
  scope: Scope = $state('anywhere');
  private readonly listeners: Listener[] = [];

  /** The person's keymap. */
  get groups(): Group[] {
    return this.map;
  }

  private readonly map: Group[] = $derived(keymap(session.settings?.keys ?? []));
  private readonly bound = $derived(bindings(this.map, this.scope));

  /** First key of an action, for a tip or a key cap. */
  key(action: string): string {
    return keyOf(this.map, action);
  }

  /** Hears actions until the answer is called. The newest is asked first. */
  on(act: Act, release?: (key: string) => void): () => void {
    const listener: Listener = release ? { act, release } : { act };
    this.listeners.unshift(listener);
    return () => {
      const at = this.listeners.indexOf(listener);
      if (at >= 0) this.listeners.splice(at, 1);
    };
  }

  /** Does an action without its key: from the list of commands. False when it means nothing on this page. */
  run(id: string): boolean {
    const action = this.map.flatMap((group) => group.actions).find((one) => one.id === id);
    if (!action || action.hold) return false;
    const event = new KeyboardEvent('keydown');
    return this.listeners.some((listener) => listener.act(action, event));
  }

  keydown(event: KeyboardEvent): void {
    if (event.defaultPrevented || session.blank) return;
    const name = keyName(event);
    const action = this.bound.get(name);
    if (!action || !this.mayAct(event, name, action)) return;
    for (const listener of this.listeners) {
      if (listener.act(action, event)) {
        event.preventDefault();
        return;
      }
    }
  }

  keyup(event: KeyboardEvent): void {
    for (const listener of this.listeners) listener.release?.(event.key === ' ' ? 'Space' : event.key.toUpperCase());
  }

  /** Off while typing; a button has its own Space and Enter; single keys can be switched off. */
  private mayAct(event: KeyboardEvent, name: string, action: Action): boolean {
    // Locking works from everywhere, also from within a dialog, which it closes.
    if (overlays.dialogs > 0 || choosing()) return action.id === 'lock';
    const withHand = name.startsWith('Ctrl ') || name.startsWith('Alt ') || /^F\d+$/.test(name);
    if (typing(event.target) && !(withHand && !EDITING.has(name))) return name === 'Escape';
    if ((name === 'Space' || name === 'Enter' || name === 'Shift Space') && pressable(event.target)) return false;
    // Space is no sign that speech input types by accident: pictures can still be seen.
    const single = name.replace('Shift ', '').length === 1;
    return !(single && session.settings?.single_keys_off);
  }
}

/** Keys that belong to a text field while one is typed in. */
const EDITING = new Set(['Ctrl A', 'Ctrl Z', 'Ctrl Shift Z', 'Alt ArrowLeft', 'Alt ArrowRight']);

/** True where letters are text. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range', 'submit'].includes(target.type);
}

/** True where Space and Enter press what has the focus. */
function pressable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a[href], summary, input, [role="button"], [role="menuitem"], [role="tab"]') !== null;
}

export const keyboard = new Keyboard();
