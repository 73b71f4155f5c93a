// What the page "likely made here" holds, so that it stands as it was left when a person comes back from an item.
import { SvelteSet } from 'svelte/reactivity';
import { call } from '../backend';
import type { MadeHere, MadeHereLine } from '../backend/types';
import { having } from './logic/madeHere';

class Likely {
  made: MadeHere | null = $state.raw(null);
  /** Row that has the ring. */
  at = $state(0);
  /** Reasons that an item must have to be listed. */
  readonly wanted = new SvelteSet<string>();
  readonly lines: MadeHereLine[] = $derived(this.made === null ? [] : having(this.made, [...this.wanted]));

  async load(): Promise<void> {
    this.made = await call('made_here', {});
    this.at = Math.min(this.at, Math.max(0, this.lines.length - 1));
  }

  toggle(reason: string): void {
    if (!this.wanted.delete(reason)) this.wanted.add(reason);
    this.at = 0;
  }

  /** Takes every reason off; false when there is none. */
  letGo(): boolean {
    if (this.wanted.size === 0) return false;
    this.wanted.clear();
    this.at = 0;
    return true;
  }

  /** Nothing of a case stays. */
  drop(): void {
    this.made = null;
    this.at = 0;
    this.wanted.clear();
  }
}

export const likely = new Likely();
