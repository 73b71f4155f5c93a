// Names of schemes, as their files have them.
import type { SchemeView } from '../backend/types';
import { session } from '../shell/session.svelte';
import { words } from './language.svelte';

/** The name of a scheme in the person's language, or in the only one that it has. */
export function schemeTitle(scheme: Pick<SchemeView, 'title' | 'title_nl'>): string {
  return words.language === 'nl' ? (scheme.title_nl ?? scheme.title) : scheme.title;
}

/** The same of a scheme's id, as sets name it; one that the program does not know keeps its id. */
export function schemeName(id: string): string {
  const scheme = session.startup?.schemes.find((one) => one.id === id);
  return scheme ? schemeTitle(scheme) : id;
}
