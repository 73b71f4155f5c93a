// Proposes a break after so many minutes of work. It never blocks and never repeats itself before it was answered or the
// time that was asked for has passed. It holds no clock: whoever uses it says what time it is, in milliseconds.

/** A hand that rests so long has had a break, whether it was called one or not. */
export const REST_COUNTS_MS = 5 * 60_000;
/** "Later" asks again after so long. */
export const LATER_MS = 10 * 60_000;

export interface BreakState {
  /** Since when this stretch of work lasts; null before the first hand. */
  since: number | null;
  /** The last hand. */
  last: number | null;
  /** Not before this is it proposed again. */
  quietUntil: number;
}

export const freshBreak = (): BreakState => ({ since: null, last: null, quietUntil: 0 });

/** A hand moved. After a long rest a new stretch begins. */
export function handMoved(s: BreakState, now: number): BreakState {
  const rested = s.last !== null && now - s.last >= REST_COUNTS_MS;
  return s.since === null || rested ? { since: now, last: now, quietUntil: 0 } : { ...s, last: now };
}

/** Minutes until a break is proposed: 0 when it is time; null when none is wanted. */
export function minutesToBreak(s: BreakState, looked: number, breakMinutes: number): number | null {
  if (breakMinutes <= 0) return null;
  // Before the first hand the whole stretch is still to come.
  if (s.since === null || s.last === null) return breakMinutes;
  // The clock is looked at a few times a minute; a hand that moved since knows better.
  const now = Math.max(looked, s.last);
  // While nobody is there, the stretch does not grow.
  if (now - s.last >= REST_COUNTS_MS) return breakMinutes;
  const due = Math.max(s.since + breakMinutes * 60_000, s.quietUntil);
  return Math.max(0, Math.ceil((due - now) / 60_000));
}

/** Whether a break is to be proposed now. */
export function isDue(s: BreakState, now: number, breakMinutes: number): boolean {
  return minutesToBreak(s, now, breakMinutes) === 0;
}

/** Minutes that this stretch has lasted. */
export function minutesWorked(s: BreakState, now: number): number {
  return s.since === null ? 0 : Math.floor((now - s.since) / 60_000);
}

export const askLater = (s: BreakState, now: number): BreakState => ({ ...s, quietUntil: now + LATER_MS });
/** A break was taken: the next stretch begins with the next hand. */
export const taken = (): BreakState => freshBreak();
