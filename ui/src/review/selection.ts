// The selection as runs of places in a view: a million selected tiles are one run.

/** A run of places, both ends included. */
export type Run = readonly [first: number, last: number];
/** Runs in order; none touches the next. */
export type Runs = readonly Run[];

export const NONE: Runs = [];

/** Adds a run. */
export function add(runs: Runs, a: number, b: number): Runs {
  let first = Math.min(a, b), last = Math.max(a, b);
  const before: Run[] = [], after: Run[] = [];
  for (const run of runs) {
    if (run[1] < first - 1) before.push(run);
    else if (run[0] > last + 1) after.push(run);
    else {
      first = Math.min(first, run[0]);
      last = Math.max(last, run[1]);
    }
  }
  return [...before, [first, last], ...after];
}

/** Takes a run out. */
export function remove(runs: Runs, a: number, b: number): Runs {
  const first = Math.min(a, b), last = Math.max(a, b);
  return runs.flatMap((run): Run[] => {
    if (run[1] < first || run[0] > last) return [run];
    const left: Run[] = [];
    if (run[0] < first) left.push([run[0], first - 1]);
    if (run[1] > last) left.push([last + 1, run[1]]);
    return left;
  });
}

export function has(runs: Runs, index: number): boolean {
  let low = 0, high = runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = runs[middle]!;
    if (index < run[0]) high = middle - 1;
    else if (index > run[1]) low = middle + 1;
    else return true;
  }
  return false;
}

export const toggle = (runs: Runs, index: number): Runs => (has(runs, index) ? remove(runs, index, index) : add(runs, index, index));

/** Number of places. */
export const size = (runs: Runs): number => runs.reduce((sum, run) => sum + run[1] - run[0] + 1, 0);

/** Places in order; for small selections. */
export function places(runs: Runs): number[] {
  const all: number[] = [];
  for (const [first, last] of runs) for (let at = first; at <= last; at += 1) all.push(at);
  return all;
}

/** The ring, what is selected, and from where Shift selects. */
export interface Hand {
  ring: number;
  runs: Runs;
  /** Where a run of Shift began, and what was selected before it. */
  from: { anchor: number; before: Runs } | null;
}

export const atRing = (ring: number): Hand => ({ ring, runs: NONE, from: null });

/** The ring moves; what is selected stays. */
export const moveTo = (hand: Hand, ring: number): Hand => ({ ring, runs: hand.runs, from: null });

/** The ring moves and takes all between along; going back lets go what was taken. */
export function extendTo(hand: Hand, ring: number): Hand {
  const from = hand.from ?? { anchor: hand.ring, before: hand.runs };
  return { ring, runs: add(from.before, from.anchor, ring), from };
}

/** The one in the ring is selected, or let go. */
export const toggleRing = (hand: Hand): Hand => ({ ring: hand.ring, runs: toggle(hand.runs, hand.ring), from: null });

export const letGo = (hand: Hand): Hand => ({ ring: hand.ring, runs: NONE, from: null });

export const selectAll = (hand: Hand, total: number): Hand => ({ ring: hand.ring, runs: total > 0 ? [[0, total - 1]] : NONE, from: null });
