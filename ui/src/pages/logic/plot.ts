// The figures behind the plots of the numbers page: hours, days, axes and what is left. Plain arithmetic, no drawing.

import type { Counted } from '../../backend/types';

/** Round values for an axis from 0 to at least the largest value, four steps at most. */
export function ticks(max: number): number[] {
  if (max <= 0) return [0, 1];
  const raw = max / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const unit = [1, 2, 5, 10].find((step) => step * power >= raw) ?? 10;
  const step = Math.max(1, unit * power);
  const out = [0];
  while ((out.at(-1) ?? 0) < max) out.push((out.at(-1) ?? 0) + step);
  return out;
}

export interface Bar { at: Date; count: number }

/** `2026-11-25T14` as a time. The hours of the case are UTC; they are drawn in the hours of this machine. */
export const hourOf = (name: string): Date => new Date(`${name}:00:00Z`);

/** Hours of one day in local time, from the first with a decision (at latest 9) to the last (at earliest 17). */
export function hoursOfDay(byHour: Counted[], day: Date): Bar[] {
  const counts = new Array<number>(24).fill(0);
  for (const { name, count } of byHour) {
    const at = hourOf(name);
    if (at.getFullYear() === day.getFullYear() && at.getMonth() === day.getMonth() && at.getDate() === day.getDate()) {
      counts[at.getHours()] = (counts[at.getHours()] ?? 0) + count;
    }
  }
  const busy = counts.map((n, hour) => (n > 0 ? hour : -1)).filter((hour) => hour >= 0);
  const [first, last] = [Math.min(9, ...busy), Math.max(16, ...busy)];
  const bars: Bar[] = [];
  for (let hour = first; hour <= last; hour += 1) {
    bars.push({ at: new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour), count: counts[hour] ?? 0 });
  }
  return bars;
}

/** Decisions of each of the last `days` days, the oldest first. */
export function byDay(byHour: Counted[], now: Date, days: number): Bar[] {
  const bars: Bar[] = [];
  for (let back = days - 1; back >= 0; back -= 1) {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - back);
    const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() - back + 1);
    const count = byHour.reduce((sum, hour) => {
      const time = hourOf(hour.name).getTime();
      return time >= at.getTime() && time < next.getTime() ? sum + hour.count : sum;
    }, 0);
    bars.push({ at, count });
  }
  return bars;
}

/** Hours of deciding that are left at a pace; null where nothing can be said. */
export function hoursLeft(left: number, ratePerHour: number | null): number | null {
  if (left === 0) return 0;
  if (ratePerHour === null || ratePerHour <= 0) return null;
  return left / ratePerHour;
}
