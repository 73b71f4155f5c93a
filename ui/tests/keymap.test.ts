// The keymap as data: no clash within a view plus "anywhere", with the person's changes too.
import { describe, expect, it } from 'vitest';
import { bindings, clashes, keymap, keyName, keyOf, keyText } from '../src/keys/keymap';
import { call, use } from '../src/backend';
import type { Backend } from '../src/backend/backend';
import { keyboard, typing } from '../src/keys/keyboard.svelte';

const pressed = (key: string, held: Partial<KeyboardEvent> = {}): Parameters<typeof keyName>[0] => ({
  key, code: '', ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held,
});

describe('the keymap', () => {
  it('has no clash within a view plus anywhere', () => expect(clashes(keymap())).toEqual([]));

  it('finds the clash of a change', () => {
    const found = clashes(keymap([['bookmark', ['N']]]));
    expect(found).toMatchObject([{ key: 'N', actions: ['bookmark', 'note'] }]);
    expect(clashes(keymap([['compare', ['Ctrl K']]]))).toMatchObject([{ key: 'Ctrl K' }]);
  });

  it('names every action once, in both languages', () => {
    const actions = keymap().flatMap((group) => group.actions);
    expect(new Set(actions.map((one) => one.id)).size).toBe(actions.length);
    for (const action of actions) {
      expect(action.en, action.id).not.toBe('');
      expect(action.nl, action.id).not.toBe('');
      expect(action.keys.length, action.id).toBeGreaterThan(0);
    }
  });

  it('takes over what a person changed, but not arrows, digits and Esc', () => {
    const map = keymap([['bookmark', ['M', 'Ctrl B']], ['left', ['H']], ['category-1', ['Q']]]);
    expect(bindings(map, 'review').get('Ctrl B')?.id).toBe('bookmark');
    expect(bindings(map, 'review').get('B')).toBeUndefined();
    expect(keyOf(map, 'left')).toBe('ArrowLeft');
    expect(bindings(map, 'review').get('1')?.id).toBe('category-1');
  });

  it('has no letter or digit for every page: what is typed beside a field must not reach the items', () => {
    const single = keymap().filter((group) => group.scope === 'anywhere').flatMap((group) => group.actions).filter((action) => action.keys.some((key) => /^[A-Z0-9]$/.test(key)));
    expect(single.map((action) => action.id)).toEqual([]);
    expect(bindings(keymap(), 'anywhere').get('Ctrl H')?.id).toBe('hidden');
    expect(bindings(keymap(), 'review').get('H')?.id).toBe('hidden-here');
  });

  it('gives a key another meaning in compare, where that is meant', () => {
    expect(bindings(keymap(), 'review').get('Home')?.id).toBe('home');
    expect(bindings(keymap(), 'compare').get('Home')?.id).toBe('make-a');
    expect(bindings(keymap(), 'compare').get('Ctrl L')?.id).toBe('lock');
    expect(bindings(keymap(), 'review').get('Y')).toBeUndefined();
  });
});

describe('the keyboard', () => {
  it('does an action without its key, and says when it means nothing', () => {
    const done: string[] = [];
    const off = keyboard.on((action) => action.id === 'bookmark' && done.push(action.id) > 0);
    expect(keyboard.run('bookmark')).toBe(true);
    expect(keyboard.run('note')).toBe(false);
    // Nothing is clear without a hand that holds a key.
    expect(keyboard.run('reveal')).toBe(false);
    expect(done).toEqual(['bookmark']);
    off();
  });

  it('hears nothing but the lock while a chooser of the system is open', async () => {
    const done: string[] = [];
    const off = keyboard.on((action) => done.push(action.id) > 0);
    const key = (name: string, ctrlKey = false): void => keyboard.keydown(new KeyboardEvent('keydown', { key: name, ctrlKey, cancelable: true }));
    let chosen: (files: string[]) => void = () => undefined;
    const asked = new Promise<string[]>((answer) => (chosen = answer));
    use({ call: (() => asked) as unknown as Backend['call'], listen: async () => () => undefined, mediaUrl: (path) => path });
    const files = call('pick_files', { title: 'Which?' });
    key('?');
    key('l', true);
    chosen(['/a']);
    expect(await files).toEqual(['/a']);
    key('?');
    expect(done).toEqual(['lock', 'keys']);
    off();
  });
});

describe('names of keys', () => {
  it('are those of the keymap', () => {
    expect(keyName(pressed('z', { ctrlKey: true }))).toBe('Ctrl Z');
    expect(keyName(pressed('Z', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl Shift Z');
    expect(keyName(pressed(' ', { shiftKey: true }))).toBe('Shift Space');
    expect(keyName(pressed('?', { shiftKey: true }))).toBe('?');
    expect(keyName(pressed('+', { shiftKey: true }))).toBe('+');
    expect(keyName(pressed('.', { ctrlKey: true }))).toBe('Ctrl .');
    expect(keyName(pressed('ArrowLeft', { altKey: true }))).toBe('Alt ArrowLeft');
  });

  it('are digits on either row, and where digits need Shift', () => {
    expect(keyName(pressed('1', { code: 'Numpad1' }))).toBe('1');
    expect(keyName(pressed('&', { code: 'Digit1' }))).toBe('1');
    expect(keyName(pressed('!', { code: 'Digit1', shiftKey: true }))).toBe('!');
  });

  it('are said in the language of the window', () => {
    expect(keyText('Space', 'nl')).toBe('Spatie');
    expect(keyText('Shift ArrowLeft', 'en')).toBe('Shift ←');
  });

  it('are off while typing', () => {
    const of = (html: string): Element => {
      document.body.innerHTML = html;
      return document.body.firstElementChild!;
    };
    expect(typing(of('<input type="text">'))).toBe(true);
    expect(typing(of('<textarea></textarea>'))).toBe(true);
    expect(typing(of('<input type="checkbox">'))).toBe(false);
    expect(typing(of('<button></button>'))).toBe(false);
  });
});
