// Other tools in the window: their cases looked at and added, what they said beside an item, and a case that is written for them.
import { render } from '@testing-library/svelte';
import axe from 'axe-core';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '../src/backend';
import { Fake } from '../src/backend/fake';
import type { ItemDetail } from '../src/backend/types';
import VicsDialog from '../src/export/VicsDialog.svelte';
import AddForeign from '../src/pages/AddForeign.svelte';
import AddSources from '../src/pages/AddSources.svelte';
import DropZone from '../src/pages/DropZone.svelte';
import JobCard from '../src/pages/JobCard.svelte';
import { drafts } from '../src/pages/drafts.svelte';
import OtherTools from '../src/review/OtherTools.svelte';
import { session } from '../src/shell/session.svelte';
import { REMARKS } from '../src/words/remarks';

let fake: Fake;
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await new Promise((done) => setTimeout(done, 0));
    flushSync();
  }
}
async function begin(language = 'en'): Promise<void> {
  fake = new Fake({ shown: 200, hidden: 10, refused: 2, settings: { language, theme: 'dark' } });
  use(fake);
  session.head = null;
  session.locked = false;
  session.error = null;
  await session.begin();
  await settled();
}
const said = (name: string): unknown[] => fake.log.filter((one) => one.name === name).map((one) => one.args);
const button = (text: string): HTMLButtonElement => {
  const found = [...document.querySelectorAll<HTMLButtonElement>('button')].find((one) => one.textContent?.trim().startsWith(text));
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
async function press(text: string): Promise<void> {
  button(text).click();
  await settled();
}
async function fill(id: string, text: string): Promise<void> {
  const field = document.getElementById(id) as HTMLInputElement | HTMLSelectElement;
  field.value = text;
  field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
  await settled();
}

beforeEach(() => drafts.drop());

describe('the case of another tool', () => {
  it('is looked at first, asked about, and then added with the answers', async () => {
    await begin();
    let closed = false;
    render(AddForeign, { files: ['/evidence/case.json'], onclose: () => (closed = true) });
    await settled();
    expect(said('foreign_look')).toEqual([{ form: { file: '/evidence/case.json', media: '', profile: '', meanings: [] } }]);
    const text = document.body.textContent ?? '';
    for (const part of ['VICS case 2.0', 'Griffin 7.1', '4,120', '107', 'The scheme does not have 99', 'declares 4,118 media and holds 4,120 records']) expect(text).toContain(part);
    await fill('foreign-mean-0', 'non-pertinent');
    await press('Add 4,120 records');
    expect(said('foreign_add')).toEqual([{ form: { file: '/evidence/case.json', media: '', profile: '', meanings: [['0', 'non-pertinent']] } }]);
    expect(closed).toBe(true);
  });

  it('is not added before it was looked at, nor with a path that is none', async () => {
    await begin();
    render(AddForeign, { onclose: () => undefined });
    expect(button('Add the case').disabled).toBe(true);
    await press('Look inside');
    expect(document.body.textContent).toContain('Choose the file, or give its whole path');
    await fill('foreign-file', '/evidence/case.json');
    await press('Look inside');
    await fill('foreign-media', 'not/whole');
    expect(button('Add the case').disabled).toBe(true);
    expect(said('foreign_add')).toEqual([]);
  });

  it('says what is wrong with a file, and keeps what was typed', async () => {
    await begin();
    render(AddForeign, { files: ['/evidence/broken.json'], onclose: () => undefined });
    await settled();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('breaks off after 12 records');
    expect((document.getElementById('foreign-file') as HTMLInputElement).value).toBe('/evidence/broken.json');
  });

  it('is told from sources among what was typed and what was dropped', async () => {
    await begin();
    let files: string[] | null = null;
    render(AddSources, { onclose: () => undefined, onforeign: (found) => (files = found) });
    await fill('add-paths', '/evidence/a\n/evidence/case.json');
    await press('Load 2 sources');
    expect(said('sources_add')).toEqual([{ paths: ['/evidence/a'] }]);
    expect(files).toEqual(['/evidence/case.json']);
    document.body.replaceChildren();
    render(DropZone);
    fake.say({ event: 'dropped', paths: ['/evidence/b', '/evidence/two.xml'] });
    await settled();
    expect(said('sources_add').at(-1)).toEqual({ paths: ['/evidence/b'] });
    expect(document.querySelector('[role="dialog"] h1')?.textContent).toBe('Add the case of another tool');
  });

  it('tells at its end what became of its records', async () => {
    await begin();
    const outcome = { kind: 'foreign' as const, records: 9, joined: 8, absent: 1, places: 12, opinions: 8, disagreeing: 0, conflicts: 2, unanswered: 3, new_items: 4 };
    render(JobCard, { job: { job: 1, kind: 'load', state: 'done', stages: [], rate: 0, bytes: 0, seconds_left: null, outcome, error: null, resumed: false } });
    const text = document.body.textContent ?? '';
    for (const part of ['8 of 9 records joined', 'contradict each other: 2', 'the meaning of: 3']) expect(text).toContain(part);
    expect(text).not.toContain('disagree with their file');
  });

  it.each(['en', 'nl'])('has nothing for axe to find, in %s', async (language) => {
    await begin(language);
    const { container } = render(AddForeign, { files: ['/evidence/case.json'], onclose: () => undefined });
    await settled();
    const found = await axe.run(container, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(found.violations.map((one) => one.id)).toEqual([]);
  });
});

describe('what other tools said', () => {
  const detail = async (number: number): Promise<ItemDetail> => fake.call('item', { number });

  it('stands beside the item as text alone, each under its own name', async () => {
    await begin();
    const found = Array.from({ length: 200 }, (_, at) => (at + 1) * 44);
    let both: ItemDetail | undefined;
    for (const number of found) {
      both = await detail(number).catch(() => undefined);
      if (both && both.opinions.length > 1) break;
    }
    render(OtherTools, { detail: both! });
    const text = document.body.textContent ?? '';
    for (const part of ['Griffin 7.1', 'C4All', 'These verdicts contradict each other.', 'It decides nothing.', '=cmd', 'not: The victim is identified', 'Exifs · Model']) expect(text).toContain(part);
    expect(document.querySelector('dd b, li img')).toBeNull();
    expect(document.querySelector('details')?.open).toBe(false);
    document.body.replaceChildren();
    const { container } = render(OtherTools, { detail: { ...both!, tools_conflict: false, opinions: both!.opinions.map((one) => ({ ...one, against_decision: true, category: null, code: '0', meaning: 'non-pertinent' })) } });
    expect(container.textContent).toContain('code 0: judged, not pertinent');
    expect(container.textContent).toContain('It says otherwise than was decided.');
    expect(container.textContent).not.toContain('contradict each other');
  });

  it('has words for every remark about a case', () => {
    expect(REMARKS.filter((one) => one.startsWith('case-'))).toHaveLength(27);
  });
});

describe('a case for another tool', () => {
  it('is written once a team lead says that it is known to be in the clear', async () => {
    await begin();
    render(VicsDialog, { onclose: () => undefined });
    await fill('vics-out', '/home/a/out.json');
    await press('Write the file');
    expect(said('vics_write')).toEqual([]);
    expect(document.body.textContent).toContain('Say that you know.');
    document.getElementById('vics-sure')?.click();
    await settled();
    await press('Write the file');
    expect(said('vics_write')).toEqual([{ out: '/home/a/out.json' }]);
    expect(document.body.textContent).toContain('Written: 203,418 items.');
  });

  it('is not offered to anybody else, who is told whom to ask', async () => {
    await begin('nl');
    session.head = { ...session.head!, role: 'investigator' };
    render(VicsDialog, { onclose: () => undefined });
    await settled();
    expect(document.getElementById('vics-out')).toBeNull();
    expect(document.body.textContent).toContain('Alleen een teamleider schrijft het.');
  });
});
