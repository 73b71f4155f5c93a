// Minutes of work and the proposal of a break, for the whole window. The rules stand in `logic/breakTimer`.
import { session } from '../shell/session.svelte';
import { askLater, freshBreak, handMoved, isDue, minutesToBreak, minutesWorked, taken, type BreakState } from './logic/breakTimer';
import { now } from './parts/now.svelte';

class Care {
  private stretch: BreakState = $state.raw(freshBreak());

  private readonly every = $derived(session.settings?.break_minutes ?? 0);
  /** True when a break is to be proposed. */
  readonly due = $derived(isDue(this.stretch, now.at.getTime(), this.every));
  /** Minutes until then; null when none is wanted. The strip and the note read this one clock. */
  readonly minutes = $derived(minutesToBreak(this.stretch, now.at.getTime(), this.every));
  readonly worked = $derived(minutesWorked(this.stretch, now.at.getTime()));

  hand(): void {
    this.stretch = handMoved(this.stretch, Date.now());
  }
  later(): void {
    this.stretch = askLater(this.stretch, Date.now());
  }
  taken(): void {
    this.stretch = taken();
  }
}

export const care = new Care();
