// What an entry of a set said before and says now, as the program notes it, in the language of the window.
import { m } from '../paraglide/messages.js';
import { flagName } from '../review/flags';

const FLAG_VALUES: Record<string, () => string> = { yes: m.notices_flag_yes, no: m.notices_flag_no, 'not stated': m.value_none_stated };

/** What was said, of the kind of a notice; `category` names a code where its scheme is known. What has no words here stays as it is. */
export function sayNoted(kind: string, text: string, category: (code: string) => string = (code) => code): string {
  if (text === '') return '–';
  switch (kind) {
    case 'category-changed': return category(text);
    case 'verdict-disputed': return text === 'disputed' ? m.notices_disputed() : category(text);
    case 'flags-changed': return text.split('; ').map(flag).join('; ');
    default: return text;
  }
}

/** One flag as `victim identified: yes`. */
function flag(text: string): string {
  const at = text.lastIndexOf(': ');
  const value = FLAG_VALUES[text.slice(at + 2)];
  return value ? `${flagName(text.slice(0, at).replace(/[ -]/g, '_'))}: ${value()}` : text;
}
