// Keystrokes in their order: a step begins when the one before is done, however long that takes, and none is lost.

/** Keystrokes that can wait. Nobody types further ahead; a book on the keyboard may. */
export const WAITING_MAX = 256;

type Step = () => void | Promise<void>;

export class Queue {
  private readonly steps: Step[] = [];
  private busy = false;

  /** Hears of a step that failed, and how many that waited behind it were dropped: they were meant for what would have come. */
  constructor(private readonly failed: (thrown: unknown, dropped: number) => void) {}

  get idle(): boolean {
    return !this.busy;
  }

  /** Runs a step now if nothing is under way, else when its turn comes. False when too many wait. */
  push(step: Step): boolean {
    if (this.steps.length >= WAITING_MAX) return false;
    this.steps.push(step);
    if (!this.busy) this.go();
    return true;
  }

  /** Drops what waits; gives their number. */
  drop(): number {
    return this.steps.splice(0).length;
  }

  /** Runs steps without a turn of the event loop between those that are done at once. */
  private go(): void {
    while (this.steps.length > 0) {
      const step = this.steps.shift()!;
      this.busy = true;
      try {
        const under = step();
        if (under) {
          under.then(() => this.next(), (thrown: unknown) => this.fail(thrown));
          return;
        }
      } catch (thrown) {
        this.failed(thrown, this.drop());
      }
      this.busy = false;
    }
  }

  private next(): void {
    this.busy = false;
    this.go();
  }

  private fail(thrown: unknown): void {
    this.failed(thrown, this.drop());
    this.next();
  }
}
