// What a backend has to be: the real one and the fake one of development and tests are exchanged behind it.
import type { Commands } from './commands';
import type { Event, WindowError } from './types';

export type CommandName = keyof Commands;
export type Args<K extends CommandName> = Parameters<Commands[K]>[0];
export type Answer<K extends CommandName> = ReturnType<Commands[K]>;

export interface Backend {
  call<K extends CommandName>(name: K, args: Args<K>): Promise<Answer<K>>;
  /** Hears every event, in order; gives back what ends it. */
  listen(hear: (event: Event) => void): Promise<() => void>;
  /** Address of a path below `media:`. */
  mediaUrl(path: string): string;
}

/** Makes a `WindowError` of whatever was thrown, so that a page has one thing to show. */
export function windowError(thrown: unknown): WindowError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const found = thrown as Partial<WindowError>;
    return {
      code: String(found.code), message: String(found.message),
      hint: String(found.hint ?? ''), detail: String(found.detail ?? ''),
    };
  }
  return { code: 'internal', message: 'Something went wrong in the window.', hint: '', detail: String(thrown) };
}
