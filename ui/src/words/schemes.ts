// Names of schemes, as their files have them.
import type { SchemeView } from '../backend/types';
import { session } from '../shell/session.svelte';
import { words } from './language.svelte';

/** The name of a scheme in the person's language, or in the only one that it has. */
export function schemeTitle(scheme: Pick<SchemeView, 'title' | 'title_nl'>): string {
  return words.language === 'nl' ? (scheme.title_nl ?? scheme.title) : scheme.title;
}

/** The same of a scheme's id, as sets name it: of those that are shipped, or the case's own; any other keeps its id. */
export function schemeName(id: string): string {
  const own = session.head?.scheme;
  const scheme = session.startup?.schemes.find((one) => one.id === id) ?? (own?.id === id ? own : undefined);
  return scheme ? schemeTitle(scheme) : id;
}
