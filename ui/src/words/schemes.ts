// Names of the schemes that come with the program, in both languages. A scheme of someone else keeps its own.
import { m } from '../paraglide/messages.js';
import { session } from '../shell/session.svelte';

/** By the title that the scheme's file has. */
const TITLES: Record<string, () => string> = {
  'INTERPOL baseline': m.scheme_interpol,
  'Nederland, art. 252 Sr (plain list)': m.scheme_nl,
  'Project VIC, United States': m.scheme_vic,
  'United Kingdom, sentencing categories': m.scheme_uk,
};

/** The name of a scheme for people, of its title. */
export const schemeTitle = (title: string): string => TITLES[title]?.() ?? title;

/** The same of a scheme's id, as sets name it. */
export function schemeName(id: string): string {
  const title = session.startup?.schemes.find((one) => one.id === id)?.title;
  return title === undefined ? id : schemeTitle(title);
}
