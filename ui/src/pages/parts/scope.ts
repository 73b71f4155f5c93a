// Says the legal scope of a case in the language of the window: its lines are stored with English words, see the form of a new case.
import { m } from '../../paraglide/messages.js';
import type { Medium } from '../logic/newCase';

const MEDIA: Record<Medium, () => string> = {
  pictures: m.newcase_media_pictures, videos: m.newcase_media_videos, archives: m.newcase_media_archives, other: m.newcase_media_other,
};

/** A line that the form did not write, e.g. one that was given in the terminal, stays as it is. */
function sayLine(line: string): string {
  const [, key = '', value = ''] = /^(warrant|period|media): (.*)$/.exec(line) ?? [];
  switch (key) {
    case 'warrant': return `${m.newcase_warrant()}: ${value}`;
    case 'period': {
      const [, from, to] = /^(\S+) to (\S+)$/.exec(value) ?? [];
      return from === undefined || to === undefined ? line : m.case_scope_period({ from, to });
    }
    case 'media': {
      const named = value.split(', ').map((one) => (one in MEDIA ? MEDIA[one as Medium]().toLowerCase() : one));
      return m.case_scope_media({ media: named.join(', ') });
    }
    default: return line;
  }
}

export const sayScope = (scope: string): string => scope.split('\n').map(sayLine).join('\n');
