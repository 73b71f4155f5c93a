// What a person does at the window, and what she sees: by roles and names, as a screen reader has them, and by keys.
import { eventually } from './world';
import type { Session } from './webdriver';

/** Most characters of a page that a failure tells. */
const TOLD_MAX = 1500;

/** A name: exactly this text, or one that fits. */
export type Name = string | RegExp;

/** Functions in the page: elements by role and accessible name (a part of "Accessible Name and Description Computation"). */
const EYES = `
const ROLES = {
  button: 'button,[role=button],input[type=button],input[type=submit],summary',
  link: 'a[href],[role=link]', heading: 'h1,h2,h3,h4,h5,h6,[role=heading]',
  textbox: 'input:not([type]),input[type=text],input[type=search],input[type=password],input[type=date],textarea,[role=textbox],[role=searchbox]',
  checkbox: 'input[type=checkbox],[role=checkbox],[role=switch]', radio: 'input[type=radio],[role=radio]',
  combobox: 'select,[role=combobox]', spinbutton: 'input[type=number],[role=spinbutton]', slider: 'input[type=range],[role=slider]',
  dialog: 'dialog[open],[role=dialog],[role=alertdialog]', option: '[role=option],option', listbox: '[role=listbox]',
  status: '[role=status],output', alert: '[role=alert]', row: 'tr,[role=row]', listitem: 'li,[role=listitem]', tab: '[role=tab]',
  toolbar: '[role=toolbar]', navigation: 'nav,[role=navigation]', main: 'main,[role=main]', contentinfo: 'footer,[role=contentinfo]',
  complementary: 'aside,[role=complementary]', menuitem: '[role=menuitem]', region: 'section[aria-label],section[aria-labelledby],[role=region]',
  progressbar: 'progress,[role=progressbar]', table: 'table,[role=table]', image: 'img,[role=img]',
};
const tidy = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
function textOf(node) {
  if (node.nodeType === 3) return node.textContent;
  if (node.nodeType !== 1 || node.getAttribute('aria-hidden') === 'true' || node.tagName === 'KBD') return '';
  const style = getComputedStyle(node);
  if (style.display === 'none' || style.visibility === 'hidden') return '';
  if (node.getAttribute('aria-label')) return ' ' + node.getAttribute('aria-label') + ' ';
  const parts = [...node.childNodes].map(textOf).join('');
  return style.display.startsWith('inline') ? parts : ' ' + parts + ' ';
}
function nameOf(node) {
  const by = node.getAttribute('aria-labelledby');
  if (by) return tidy(by.split(/\\s+/).map((id) => document.getElementById(id)).filter(Boolean).map(textOf).join(' '));
  if (node.getAttribute('aria-label')) return tidy(node.getAttribute('aria-label'));
  if (node.labels && node.labels.length) return tidy([...node.labels].map(textOf).join(' '));
  const text = ['INPUT', 'SELECT', 'TEXTAREA', 'DIALOG'].includes(node.tagName) ? '' : tidy(textOf(node));
  return text || tidy(node.getAttribute('alt') || node.getAttribute('title') || node.getAttribute('placeholder') || node.value);
}
const seen = (node) => node.checkVisibility ? node.checkVisibility({ visibilityProperty: true }) : node.getClientRects().length > 0;
const reach = (node) => !node.closest('[inert],[aria-hidden=true]');
function find(role, name) {
  const fits = name === null ? () => true : name.exact !== undefined ? (found) => found === name.exact
    : (found) => new RegExp(name.source, name.flags).test(found);
  return [...document.querySelectorAll(ROLES[role] ?? '[role=' + role + ']')].filter((node) => seen(node) && reach(node) && fits(nameOf(node)));
}
`;

function passed(name: Name | undefined): unknown {
  if (name === undefined) return null;
  return typeof name === 'string' ? { exact: name } : { source: name.source, flags: name.flags };
}

/** Somebody at the window. */
export class Person {
  constructor(readonly session: Session) {}

  /** Waits for something on the page; where it does not come, what is there instead is told. */
  private async wait<T>(what: string, look: () => Promise<T | undefined | false>, seconds?: number): Promise<T> {
    try {
      return await eventually(what, look, seconds);
    } catch (error) {
      const there = await this.text().catch(String);
      throw new Error(`${error instanceof Error ? error.message : String(error)}\nThe page has: ${there.slice(0, TOLD_MAX)}`);
    }
  }

  /** Runs a function body in the page, with `find(role, name)`, `nameOf(node)` and `textOf(node)` at hand. */
  look<T>(body: string, ...args: unknown[]): Promise<T> {
    return this.session.run<T>(`${EYES}\n${body}`, ...args);
  }

  /** Names of all that has a role, and whose name fits. */
  names(role: string, name?: Name): Promise<string[]> {
    return this.look('return find(arguments[0], arguments[1]).map(nameOf)', role, passed(name));
  }

  /** Waits until something is there. */
  async see(role: string, name?: Name, seconds?: number): Promise<string> {
    return this.wait(`to see ${role} ${String(name ?? '')}`, async () => (await this.names(role, name))[0], seconds);
  }

  /** Waits until nothing of the kind is there. */
  async seeNone(role: string, name?: Name, seconds?: number): Promise<void> {
    await this.wait(`to see no ${role} ${String(name ?? '')}`, async () => (await this.names(role, name)).length === 0, seconds);
  }

  /** All text of the page, as it reads. */
  text(): Promise<string> {
    return this.look('return tidy(document.body.innerText)');
  }

  /** Waits until the page has this text. */
  async read(text: Name, seconds?: number): Promise<string> {
    const fits = (all: string) => (typeof text === 'string' ? all.includes(text) : text.test(all));
    return this.wait(`to read ${String(text)}`, async () => {
      const all = await this.text();
      return fits(all) ? all : undefined;
    }, seconds);
  }

  /** Clicks. */
  async click(role: string, name?: Name, seconds?: number): Promise<void> {
    const middle = await this.wait(`to click ${role} ${String(name ?? '')}`, () => this.look<{ x: number; y: number } | undefined>(
      `for (const node of find(arguments[0], arguments[1])) {
         if (node.disabled || node.getAttribute('aria-disabled') === 'true') continue;
         node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
         const box = node.getBoundingClientRect();
         const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
         // What lies over it, a dialog say, would take the click.
         const top = document.elementFromPoint(at.x, at.y);
         if (top && (node.contains(top) || top.contains(node))) return at;
       }
       return undefined;`, role, passed(name)).then((at) => at ?? undefined), seconds);
    await this.session.clickAt(middle.x, middle.y);
  }

  /** Fills a field: what was in it is replaced. */
  async fill(name: Name, text: string, role = 'textbox'): Promise<void> {
    await this.wait(`to fill ${String(name)}`, () => this.look<boolean>(
      `const node = find(arguments[0], arguments[1])[0];
       if (!node) return false;
       node.focus();
       if (node.select) node.select();
       return document.activeElement === node;`, role, passed(name)));
    await this.type(text);
  }

  /** Chooses in a list of a form. */
  async choose(name: Name, option: Name): Promise<void> {
    await this.wait(`to choose ${String(option)}`, () => this.look<boolean>(
      `const list = find('combobox', arguments[0])[0];
       const fits = arguments[1].exact !== undefined ? (text) => text === arguments[1].exact : (text) => new RegExp(arguments[1].source).test(text);
       const wanted = list && [...list.options].find((one) => fits(tidy(one.textContent)) || fits(one.value));
       if (!wanted) return false;
       list.value = wanted.value;
       list.dispatchEvent(new Event('input', { bubbles: true }));
       list.dispatchEvent(new Event('change', { bubbles: true }));
       return true;`, passed(name), passed(option)));
  }

  /** Types, key by key, in as few requests as the driver takes. */
  async type(text: string): Promise<void> {
    await this.session.typeKeys([...text]);
  }

  /** Presses keys together: `press('Ctrl', 'Shift', 'z')`. */
  press(...keys: string[]): Promise<void> {
    return this.session.press(keys);
  }

  /** Asks the backend straight, as the page does: only where a journey prepares or checks what no view shows. */
  async ask<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
    const answer = await this.session.runLong<{ good?: T; bad?: unknown }>(
      `const done = arguments[arguments.length - 1];
       window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then((good) => done({ good }), (bad) => done({ bad }));`,
      command, args);
    if (answer.bad !== undefined) throw new Error(`${command}: ${JSON.stringify(answer.bad)}`);
    return answer.good as T;
  }
}
