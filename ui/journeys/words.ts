// The words of the window, as the pages have them: journeys name what they look for by its key, so that they hold in both
// languages and follow a better wording.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './world';

export type Language = 'en' | 'nl';

/** Gives the text of a key, with its values put in. */
export type Words = (key: string, values?: Record<string, string | number>) => string;

/** All texts of a language. */
export function texts(language: Language): Map<string, string> {
  const folder = join(ROOT, 'ui/messages');
  const parts = join(folder, language);
  const files = [join(folder, `${language}.json`), ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [])];
  const found = new Map<string, string>();
  for (const file of files) {
    for (const [key, text] of Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)) {
      if (key.startsWith('$')) continue;
      if (typeof text === 'string') found.set(key, text);
      // A message that says one of something otherwise: `n=1` beside `n=*`.
      else for (const one of text as { match: Record<string, string> }[]) {
        for (const [when, said] of Object.entries(one.match)) found.set(when.endsWith('=*') ? key : `${key} ${when}`, said);
      }
    }
  }
  return found;
}

export function words(language: Language): Words {
  const all = texts(language);
  return (key, values = {}) => {
    const special = Object.entries(values).map(([name, value]) => all.get(`${key} ${name}=${value}`)).find((one) => one !== undefined);
    const text = special ?? all.get(key);
    if (text === undefined) throw new Error(`No text is called ${key}.`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
  };
}

/** A pattern for a text in which the values may be anything. */
export function pattern(text: string): RegExp {
  const quoted = text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${quoted.join('.+')}$`);
}
