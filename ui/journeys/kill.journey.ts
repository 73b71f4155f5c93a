// The plug is pulled in mid-work: whatever was acknowledged is there afterwards, and the case is sound.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CaseHead, DecideDone, JobView, Strip, Tile, ViewHead } from '../src/backend/types';
import type { Person } from './person';
import { missing } from './screen';
import { inDemonstration, type Reviewer } from './reviewer';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('pulling the plug', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let head: CaseHead;

  beforeAll(async () => {
    world = new World();
    ({ person, anna, head } = await inDemonstration(world));
  });

  afterAll(async () => {
    await world?.end();
  });

  async function again(): Promise<void> {
    ({ person, anna } = await inDemonstration(world));
  }

  it('loses no decision that was acknowledged', async () => {
    const codes = head.scheme.categories.map((one) => one.code);
    const query = { shelf: 'undecided', picks: [], text: '', order: 'number', descending: false, stacked: false };
    const view = await person.ask<ViewHead>('view_open', { query, anchor: null });
    const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 30 });
    const given = new Map<number, string>();
    for (const [place, tile] of tiles.entries()) {
      const category = codes[place % codes.length] ?? '';
      const target = { kind: 'items', numbers: [tile.number] };
      const done = await person.ask<DecideDone>('decide', { target, category, others: 'keep', note: null });
      if (done.operation !== null) given.set(tile.number, category);
    }
    // One more is on its way when the plug is pulled: it is there or it is not, and nothing else is changed by it.
    const last = tiles.at(-1)?.number ?? 0;
    void person.session.run(
      `window.__TAURI_INTERNALS__.invoke('decide', { target: { kind: 'items', numbers: [arguments[0]] }, category: null, others: 'keep', note: null })`, last).catch(() => undefined);
    await world.kill();
    await again();
    for (const [number, category] of given) {
      const { category: found } = await person.ask<{ category: string | null }>('item', { number });
      if (number === last) expect([category, null]).toContain(found);
      else expect(found, `item ${number}`).toBe(category);
    }
  });

  it('loses no keystroke that the deck had answered', async () => {
    const before = (await anna.strip()).decided;
    await person.session.typeKeys(['1', '1', '1']);
    await anna.decided(before + 3);
    await world.kill();
    await again();
    expect((await anna.strip()).decided).toBe(before + 3);
    await person.press('Ctrl', 'z');
    await anna.decided(before + 2);
  });

  it('leaves a case that is sound, in mid-load too', async () => {
    const job = await person.ask<number>('verify_run', { notedHead: null });
    const seen = await eventually('the case is verified', async () => {
      const found = (await person.ask<JobView[]>('jobs')).find((one) => one.job === job);
      return found?.state === 'done' || found?.state === 'failed' ? found : undefined;
    }, 60);
    expect(seen.outcome).toMatchObject({ kind: 'verify', sound: true, problems: [] });
    const strip = await person.ask<Strip>('strip');
    expect(strip.shown + strip.hidden + strip.refused).toBe(strip.total);
  });
});
