// Keystrokes: in order, none lost.
import { describe, expect, it } from 'vitest';
import { Queue, WAITING_MAX } from '../src/review/queue';

/** A promise that is kept when the test says so. */
function open(): { done: Promise<void>; keep: () => void; break: (why: unknown) => void } {
  let keep = (): void => undefined, fail = (_: unknown): void => undefined;
  const done = new Promise<void>((kept, broken) => {
    keep = kept;
    fail = broken;
  });
  return { done, keep, break: fail };
}
const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe('the queue of keystrokes', () => {
  it('does what can be done at once, at once', () => {
    const done: number[] = [];
    const queue = new Queue(() => undefined);
    queue.push(() => void done.push(1));
    expect(done).toEqual([1]);
    expect(queue.idle).toBe(true);
  });

  it('keeps the order while a command is under way', async () => {
    const done: string[] = [];
    const queue = new Queue(() => undefined);
    const first = open();
    queue.push(() => first.done.then(() => void done.push('decide')));
    queue.push(() => void done.push('right'));
    queue.push(async () => {
      await turn();
      done.push('decide again');
    });
    queue.push(() => void done.push('left'));
    expect(done).toEqual([]);
    first.keep();
    await turn();
    await turn();
    await turn();
    expect(done).toEqual(['decide', 'right', 'decide again', 'left']);
  });

  it('drops what was meant for what would have come, and says how many', async () => {
    const done: string[] = [];
    const failed: Array<[unknown, number]> = [];
    const queue = new Queue((thrown, dropped) => failed.push([thrown, dropped]));
    const first = open();
    queue.push(() => first.done);
    queue.push(() => void done.push('for the next item'));
    queue.push(() => void done.push('for the one after'));
    first.break('disk full');
    await turn();
    expect(done).toEqual([]);
    expect(failed).toEqual([['disk full', 2]]);
    queue.push(() => void done.push('afterwards'));
    expect(done).toEqual(['afterwards']);
  });

  it('goes on after a step that failed at once', () => {
    const failed: unknown[] = [];
    const queue = new Queue((thrown) => failed.push(thrown));
    queue.push(() => {
      throw new Error('x');
    });
    expect(failed).toHaveLength(1);
    expect(queue.idle).toBe(true);
  });

  it('has a limit, and says when it is met', () => {
    const queue = new Queue(() => undefined);
    queue.push(() => new Promise(() => undefined));
    for (let key = 0; key < WAITING_MAX; key += 1) expect(queue.push(() => undefined)).toBe(true);
    expect(queue.push(() => undefined)).toBe(false);
  });
});
