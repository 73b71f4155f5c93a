// The door to the program behind the window: commands, events, pictures. Nothing else in the window speaks to it.
import type { Answer, Args, Backend, CommandName } from './backend';
import { tauri } from './tauri';
import type { Event } from './types';

export type { Answer, Args, CommandName } from './backend';
export { windowError } from './backend';

let backend: Backend = tauri;

/** Exchanges the backend: for tests, and for development without the program. */
export function use(other: Backend): void {
  backend = other;
}

/** Choosers of the system that are open. */
let choosers = 0;

/** True while a chooser of the system is open: keys that reach the page all the same are meant for it. */
export const choosing = (): boolean => choosers > 0;

/** Runs a command; what it fails with is a `WindowError`. */
export async function call<K extends CommandName>(name: K, args: Args<K>): Promise<Answer<K>> {
  if (!name.startsWith('pick_')) return backend.call(name, args);
  choosers += 1;
  try {
    return await backend.call(name, args);
  } finally {
    choosers -= 1;
  }
}

/** Hears every event of the program. */
export function listen(hear: (event: Event) => void): Promise<() => void> {
  return backend.listen(hear);
}

/** Gives the address of a path below `media:`. */
export function mediaUrl(path: string): string {
  return backend.mediaUrl(path);
}
