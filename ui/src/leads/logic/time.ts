// The time line: a stretch of time on so many pixels, neat marks, items in columns, and a span that a hand marks.
// Times are seconds since 1970 as if the wall clock were UTC: no zone is guessed, and none is applied.

export interface Stretch {
  from_s: number;
  to_s: number;
}

export const HOUR_S = 3_600;
export const DAY_S = 86_400;
/** Nearest view: ten minutes. */
const SHORTEST_S = 600;
/** Room at both ends of what there is, as a share. */
const MARGIN = 0.03;
/** A step of a key, as a share of the view. */
const STEP_SHARE = 0.01;
export const ZOOM_STEP = 2;

export const length_s = (of: Stretch): number => of.to_s - of.from_s;

/** Everything, with room at both ends; an hour around one moment; today's day without any. */
export function whole(times: Iterable<number>, now_s: number): Stretch {
  let [from, to] = [Infinity, -Infinity];
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from === Infinity) return { from_s: now_s - DAY_S, to_s: now_s };
  const room = Math.max((to - from) * MARGIN, HOUR_S / 2);
  return { from_s: from - room, to_s: to + room };
}

export const xOf = (view: Stretch, width_px: number, time_s: number): number => ((time_s - view.from_s) / length_s(view)) * width_px;
export const timeOf = (view: Stretch, width_px: number, x: number): number => view.from_s + (x / Math.max(1, width_px)) * length_s(view);

/** Within what there is, and not nearer than the shortest view. */
export function bounded(view: Stretch, all: Stretch): Stretch {
  const length = Math.min(length_s(all), Math.max(SHORTEST_S, length_s(view)));
  const middle = (view.from_s + view.to_s) / 2;
  const from_s = Math.min(Math.max(middle - length / 2, all.from_s), all.to_s - length);
  return { from_s, to_s: from_s + length };
}

/** Closer by a factor (wider below 1); the time `at_s` stays where it is. */
export function closer(view: Stretch, all: Stretch, factor: number, at_s: number): Stretch {
  const length = Math.min(length_s(all), Math.max(SHORTEST_S, length_s(view) / factor));
  const share = (at_s - view.from_s) / length_s(view);
  const from_s = at_s - share * length;
  return bounded({ from_s, to_s: from_s + length }, all);
}

/** Moved by pixels. */
export function shifted(view: Stretch, all: Stretch, width_px: number, dx: number): Stretch {
  const by = (dx / Math.max(1, width_px)) * length_s(view);
  return bounded({ from_s: view.from_s + by, to_s: view.to_s + by }, all);
}

/** The view moved just so far that a time is in it. */
export function showing(view: Stretch, all: Stretch, at_s: number): Stretch {
  const room = length_s(view) * 0.05;
  if (at_s < view.from_s + room) return bounded({ from_s: at_s - room, to_s: at_s - room + length_s(view) }, all);
  if (at_s > view.to_s - room) return bounded({ from_s: at_s + room - length_s(view), to_s: at_s + room }, all);
  return view;
}

/** A marked span: where it was begun, and where the mark is. Without a span both are the same. */
export interface Span {
  anchor_s: number;
  at_s: number;
}

/** What a key does to the mark, as the keymap names it. */
export type Move = 'left' | 'right' | 'day-left' | 'day-right' | 'first' | 'last';

/** The span after a key; `extend` keeps where it was begun. */
export function stepped(span: Span | null, view: Stretch, all: Stretch, move: Move, extend: boolean): Span {
  const now = span ?? { anchor_s: (view.from_s + view.to_s) / 2, at_s: (view.from_s + view.to_s) / 2 };
  const step = length_s(view) * STEP_SHARE;
  const to = { left: now.at_s - step, right: now.at_s + step, 'day-left': now.at_s - DAY_S, 'day-right': now.at_s + DAY_S, first: all.from_s, last: all.to_s }[move];
  const at_s = Math.min(Math.max(to, all.from_s), all.to_s);
  return { anchor_s: extend ? now.anchor_s : at_s, at_s };
}

/** The span in order; null for a mark that spans nothing. */
export function ordered(span: Span | null): Stretch | null {
  if (!span || span.anchor_s === span.at_s) return null;
  return { from_s: Math.min(span.anchor_s, span.at_s), to_s: Math.max(span.anchor_s, span.at_s) };
}

export const inside = (of: Stretch, time_s: number): boolean => time_s >= of.from_s && time_s <= of.to_s;

/** First place in a list of times, in order, whose time is not below. */
export function firstFrom(taken: readonly (readonly [number, number])[], time_s: number): number {
  let [low, high] = [0, taken.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (taken[middle]![0] < time_s) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Numbers of the items of a device within a stretch, in order of time. */
export function numbersIn(taken: readonly (readonly [number, number])[], of: Stretch): number[] {
  const numbers: number[] = [];
  for (let at = firstFrom(taken, of.from_s); at < taken.length && taken[at]![0] <= of.to_s; at += 1) numbers.push(taken[at]![1]);
  return numbers;
}

/** A column of the time line: items of a device that no pixel parts. */
export interface Column { x: number; count: number; chosen: number }

/** Items of a device in columns of `column_px`, within the view. */
export function columns(taken: readonly (readonly [number, number])[], view: Stretch, width_px: number, column_px: number, chosen: (number: number) => boolean): Column[] {
  const found: Column[] = [];
  for (let at = firstFrom(taken, view.from_s); at < taken.length && taken[at]![0] <= view.to_s; at += 1) {
    const [time, number] = taken[at]!;
    const x = Math.floor(xOf(view, width_px, time) / column_px) * column_px;
    let last = found.at(-1);
    if (last?.x !== x) found.push((last = { x, count: 0, chosen: 0 }));
    last.count += 1;
    if (chosen(number)) last.chosen += 1;
  }
  return found;
}

/** Height of a column: one item is seen, a thousand do not hide the rest. */
export const columnPx = (count: number, most: number, height_px: number): number =>
  count <= 0 ? 0 : Math.max(6, Math.round(height_px * (Math.log2(count + 1) / Math.log2(Math.max(2, most + 1)))));

export type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute';
export interface Tick { time_s: number; unit: Unit }

const STEPS: readonly (readonly [Unit, number, number])[] = [
  ['minute', 1, 60], ['minute', 5, 300], ['minute', 15, 900], ['hour', 1, HOUR_S], ['hour', 3, 3 * HOUR_S], ['hour', 6, 6 * HOUR_S], ['day', 1, DAY_S], ['day', 2, 2 * DAY_S],
  ['day', 7, 7 * DAY_S], ['month', 1, 30 * DAY_S], ['month', 3, 91 * DAY_S], ['month', 6, 182 * DAY_S], ['year', 1, 365 * DAY_S], ['year', 2, 730 * DAY_S], ['year', 5, 1826 * DAY_S], ['year', 10, 3652 * DAY_S], ['year', 50, 18_262 * DAY_S],
];
/** A mark needs this many pixels for its words. */
const TICK_PX = 92;

/** Neat marks for a view: whole years, months, days or hours, never closer than their words. */
export function ticks(view: Stretch, width_px: number): Tick[] {
  const most = Math.max(2, Math.floor(width_px / TICK_PX));
  const [unit, every, step_s] = STEPS.find(([, , seconds]) => length_s(view) / seconds <= most) ?? STEPS.at(-1)!;
  const found: Tick[] = [];
  const add = (time_s: number): void => {
    if (time_s >= view.from_s && time_s <= view.to_s) found.push({ time_s, unit });
  };
  if (unit === 'year' || unit === 'month') {
    const begin = new Date(view.from_s * 1000);
    const months = unit === 'year' ? every * 12 : every;
    let month = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / months) * months;
    for (let time = 0; time <= view.to_s; month += months) {
      // Date.UTC takes years below 100 for 1900 and later; no camera is that old.
      time = Date.UTC(Math.floor(month / 12), ((month % 12) + 12) % 12, 1) / 1000;
      add(time);
    }
  } else {
    for (let time = Math.ceil(view.from_s / step_s) * step_s; time <= view.to_s; time += step_s) add(time);
  }
  return found;
}
