// Review while sources are loaded: the first pictures are decided while others are read, and what comes waits for a key.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { JobView } from '../src/backend/types';
import type { Person } from './person';
import { drawPicture } from './pictures';
import { missing } from './screen';
import { PASSPHRASE, Reviewer } from './reviewer';
import { pattern, texts } from './words';
import { VIEWS } from './views';
import { eventually, World } from './world';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pictures in the first source, which is there, and in the second, which is on its way. */
const [FIRST, SECOND] = [12, 700];

describe.skipIf(missing().length > 0)('reviewing while loading', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let job: number;

  const state = async () => (await person.ask<JobView[]>('jobs')).find((one) => one.job === job)?.state;

  beforeAll(async () => {
    world = new World();
    for (const [folder, count, seed] of [['first', FIRST, 1], ['second', SECOND, 5000]] as const) {
      mkdirSync(join(world.media, folder));
      for (let index = 0; index < count; index += 1) {
        writeFileSync(join(world.media, folder, `picture-${index}.png`), drawPicture(seed + index, 96, 72));
      }
    }
    // A file that cannot be a picture: it is refused with a reason, and is never hidden.
    writeFileSync(join(world.media, 'second', 'broken.png'), drawPicture(9).subarray(0, 200));
    person = await world.open();
    anna = new Reviewer(person);
    await person.ask('startup');
    await anna.makeCase(world, [join(world.media, 'first')]);
    await anna.toGrid();
  });

  afterAll(async () => {
    await world?.end();
  });

  it('holds a load between two files, and says so', async () => {
    job = await person.ask<number>('sources_add', { paths: [join(world.media, 'second')] });
    await eventually('the load is at work', async () => (await state()) === 'running', 30);
    await person.ask('job_pause', { job });
    await eventually('the load is held', async () => (await state()) === 'paused', 30);
    await person.read(anna.say('job_paused'), 30);
  });

  it('lets her decide meanwhile, and keeps what came behind a key', async () => {
    const names = await person.names('option');
    expect(names.length).toBeGreaterThan(0);
    const first = await anna.ring();
    await person.press('2');
    await anna.decided(1);
    expect(await anna.tile(first)).not.toContain(anna.say('tile_undecided'));
  });

  it('goes on, comes to its end, and shows the rest when she asks for it', async () => {
    await person.ask('job_resume', { job });
    await eventually('the load is done', async () => (await state()) === 'done', 120);
    const strip = await anna.strip();
    expect(strip.total).toBe(FIRST + SECOND + 1);
    expect(strip.shown + strip.hidden + strip.refused).toBe(strip.total);
    expect(strip.refused).toBe(1);
    await person.see('button', pattern(texts('en').get('show_more') ?? ''), 30);
    await person.press('F5');
    await person.seeNone('button', pattern(texts('en').get('show_more') ?? ''), 30);
    await person.see('heading', anna.say('shelf_undecided'));
    await person.read(anna.count(FIRST + SECOND - 1));
  });

  it('lists what was refused, with the reason', async () => {
    await VIEWS.sources?.(anna);
    await person.see('option', /broken\.png/, 30);
  });

  it('closes while a load is at work, and nothing is lost', async () => {
    await person.press('Ctrl', '1');
    const before = await anna.strip();
    await person.ask('sources_add', { paths: [join(world.media)] });
    await world.close();
    person = await world.open();
    await person.ask('case_open', { dir: world.path('case'), user: 'anna', passphrase: PASSPHRASE });
    const after = await person.ask<typeof before>('strip');
    expect(after.total).toBeGreaterThanOrEqual(before.total);
    expect(after.decided).toBe(before.decided);
  });
});
