// What is written of notes and not saved yet. It is kept by the program as it is typed, in the case and for this person alone:
// a blank page, "stop now", a lock and a kill lose none of it, and the window holds none while it is locked.
import { call } from '../backend';
import type { NoteDraft } from '../backend/types';

class Notes {
  /** Drafts that wait, the newest last. */
  kept: NoteDraft[] = $state.raw([]);
  private readonly unsent = new Map<number, string | null>();
  private sending = false;

  /** What is written of the note of an item; undefined when nothing waits. */
  of(number: number): string | undefined {
    return this.kept.find((one) => one.number === number)?.text;
  }

  /** Asks for what waits. Without an answer none is offered; it is asked for again at the next opening. */
  async begin(): Promise<void> {
    try {
      this.kept = await call('note_drafts', {});
    } catch {
      this.kept = [];
    }
  }

  type(number: number, text: string): void {
    this.kept = [...this.kept.filter((one) => one.number !== number), { number, text }];
    this.put(number, text);
  }

  /** It was saved or put away. */
  forget(number: number): void {
    if (this.of(number) === undefined) return;
    this.kept = this.kept.filter((one) => one.number !== number);
    this.put(number, null);
  }

  /** Locked or closed: the window keeps none. */
  drop(): void {
    this.kept = [];
    this.unsent.clear();
  }

  private put(number: number, text: string | null): void {
    this.unsent.set(number, text);
    if (!this.sending) void this.send();
  }

  /** One at a time and in order; of what was typed meanwhile only the last goes. */
  private async send(): Promise<void> {
    this.sending = true;
    for (let next = this.unsent.entries().next(); !next.done; next = this.unsent.entries().next()) {
      const [number, text] = next.value;
      this.unsent.delete(number);
      try {
        await call('note_draft', { number, text });
      } catch {
        // It stays on the page; the next key sends all of it again.
      }
    }
    this.sending = false;
  }
}

export const notes = new Notes();
