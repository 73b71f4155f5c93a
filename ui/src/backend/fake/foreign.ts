// Other tools, for the fake backend: a case to be looked at and added, what tools said of items, and a case that is written for them.
import type { ForeignLook, OpinionView, WindowError } from '../types';
import type { Answers } from './index';
import { spread } from './items';

const refuse = (code: string, message: string, hint: string): WindowError => ({ code, message, hint, detail: '' });

/** What the file holds; a scheme that a person chose is taken over. */
function look(file: string, profile: string): ForeignLook {
  const scheme = profile === '' ? 'six' : profile;
  return {
    file: file.split('/').at(-1) ?? file, form: 'VICS case 2.0', tools: ['Griffin 7.1'], scheme, cases: 1, records: 4_120, places: 9_302,
    categories: [['', 310], ['0', 1_204], ['1', 812], ['2', 1_790], ['99', 4]], questions: ['0'], needs_scheme: false, foreign_codes: [['99', 4]],
    stored_found: 4_001, stored_missing: 107, without_stored: 12, stored_refused: 1,
    remarks: [
      { code: 'case-declared', figures: [4_118, 4_120], text: 'The file declares 4118 media and holds 4120 records; tools count differently' },
      { code: 'case-miniature', figures: [88], text: '88 × Miniature, a small picture of the file, not kept' },
    ],
  };
}

/** What tools said of an item: of one in eleven, and of one in forty-four two tools contradict each other. */
export function opinionsOf(number: number, scheme: string, code: string, other: string, decided: string | null): OpinionView[] {
  if (number % 11 !== 0) return [];
  const base: OpinionView = {
    label: 'A03', at: '2026-11-24T09:12:00Z', tool: 'Griffin 7.1', scheme, code, category: code, meaning: null, against_decision: decided !== null && decided !== code,
    series: spread(number, 91) % 2 ? 'Haven' : '', tags: 'kitchen, <b>curtain</b>', comments: '', updated: '2019-03-04T10:00:00+02:00Z', flags: [['distributed', true], ['victim_identified', false]],
    more: [
      ['Exifs · Model', 'Aria 5'], ['Exifs · Lat/Lon', '52.1 N / 4.9 E'], ['IsPrecategorized', 'true'], ['MediaID', String(number)], ['PhotoDNA', 'TWFuTWFu…'],
      ['Segments', '{"Category":2,"End":9,"SegmentIndex":1,"Start":5}'], ['X_Station', '=cmd|\'/C calc\'!A0'],
    ], more_left: 0,
  };
  if (number % 44 !== 0) return [base];
  return [base, { ...base, tool: 'C4All', label: 'A04', code: other, category: other, series: '', tags: '', updated: '', flags: [], more: [['subCat', 'b']], against_decision: decided !== null && decided !== other }];
}

/** `begin` starts a job that loads; `found` tells which files are cases of other tools. */
export function foreignAnswers(begin: () => number, found: (path: string) => boolean): Partial<Answers> {
  return {
    foreign_find: ({ paths }) => paths.filter(found),
    foreign_look: ({ form }) => {
      if (form.file.includes('broken')) throw refuse('bad-input', 'The file breaks off after 12 records, at byte 40,212.', 'Ask its sender for another copy.');
      return look(form.file, form.profile);
    },
    foreign_add: begin,
    vics_write: ({ out }) => ({ media: 203_418, file: out, sha256: '9f2c'.padEnd(64, '07d1') }),
  };
}
