// What is known of the item in the ring: asked for a moment after the ring came to rest, so that a held arrow asks for nothing.
import { call, windowError } from '../backend';
import type { ItemDetail, WindowError } from '../backend/types';

/** Milliseconds that the ring rests on an item before its details are asked for. */
const REST_MS = 60;

class Details {
  /** Of the item in the ring, or of the one before while that is on its way. */
  detail: ItemDetail | null = $state.raw(null);
  error: WindowError | null = $state.raw(null);
  private wanted: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  want(number: number | null): void {
    this.wanted = number;
    clearTimeout(this.timer);
    if (number === null) {
      this.detail = null;
      return;
    }
    this.timer = setTimeout(() => void this.ask(number), REST_MS);
  }

  private async ask(number: number): Promise<void> {
    try {
      const detail = await call('item', { number });
      if (this.wanted !== number) return;
      this.detail = detail;
      this.error = null;
    } catch (thrown) {
      if (this.wanted === number) this.error = windowError(thrown);
    }
  }
}

export const details = new Details();
