// "Likely made here": reasons that can be switched off, and the rank that is left.
import type { MadeHere, MadeHereLine } from '../../backend/types';

export type MadeReason = 'original' | 'device-in-case' | 'sequence' | 'metadata-whole' | 'no-known-match' | 'thumbnail-fits' | 'unedited';
export const MADE_REASONS: readonly MadeReason[] = ['device-in-case', 'original', 'sequence', 'no-known-match', 'metadata-whole', 'thumbnail-fits', 'unedited'];

/** Lines that have every one of the wanted reasons, in the rank of the program. */
export function having(made: MadeHere, wanted: readonly string[]): MadeHereLine[] {
  return made.lines.filter((line) => wanted.every((reason) => line.reasons.some(([name]) => name === reason)));
}

/** Reasons with the number of items of each, the commonest last word of the program first; unknown ones at the end. */
export function counted(made: MadeHere): { reason: string; count: number }[] {
  const place = (reason: string): number => {
    const at = (MADE_REASONS as readonly string[]).indexOf(reason);
    return at < 0 ? MADE_REASONS.length : at;
  };
  return made.reasons.map(([reason, count]) => ({ reason, count })).sort((a, b) => place(a.reason) - place(b.reason));
}
