// Offsets of devices' clocks: read and written as hours, minutes and seconds.

/** What the program can hold: 32 bits of seconds, about 68 years. A camera that began again in 1970 is within it. */
export const AHEAD_S_MAX = 2_147_483_647;

export type OffsetProblem = 'missing' | 'form' | 'long';

/** Reads `h:m:s` or `h:m`, e.g. `0:02:30`; minutes and seconds below 60. The sign is chosen apart. */
export function parseHms(text: string): { seconds: number } | { problem: OffsetProblem } {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: 'missing' };
  const found = /^(\d{1,7}):(\d{1,2})(?::(\d{1,2}))?$/.exec(trimmed);
  if (!found) return { problem: 'form' };
  const [hours, minutes, seconds] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  if (minutes > 59 || seconds > 59) return { problem: 'form' };
  const all = hours * 3600 + minutes * 60 + seconds;
  return all > AHEAD_S_MAX ? { problem: 'long' } : { seconds: all };
}

const two = (value: number): string => value.toString().padStart(2, '0');

/** Writes seconds as `h:mm:ss`, without a sign. */
export function hms(seconds: number): string {
  const all = Math.abs(Math.round(seconds));
  return `${Math.floor(all / 3600)}:${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}`;
}

/** An offset for a narrow place: `+0:02:00` when the clock is ahead, `−…` when it is behind, empty when it is right. */
export const signed = (seconds: number): string => (seconds === 0 ? '' : `${seconds > 0 ? '+' : '−'}${hms(seconds)}`);

/** The true time of a moment by a clock that is ahead; both in seconds. */
export const corrected = (byClock_s: number, ahead_s: number): number => byClock_s - ahead_s;
