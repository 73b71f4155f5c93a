// What each line of the security status says in the language of the window: a name, and a sentence for how it stands.
import type { SecurityLine, SecurityStanding, SecurityTopic } from '../../backend/types';
import { m } from '../../paraglide/messages.js';
import { count } from '../../words/language.svelte';
import { span } from '../logic/format';

type Said = Record<Exclude<SecurityStanding, 'unknown'>, () => string>;

const TOPICS: Record<SecurityTopic, { name: () => string; said: Said }> = {
  decoder: { name: m.security_decoder, said: { fine: m.security_decoder_fine, caution: m.security_decoder_caution, absent: m.security_decoder_absent } },
  network: { name: m.security_network, said: { fine: m.security_network_fine, caution: m.security_network_caution, absent: m.security_network_absent } },
  encryption: { name: m.security_encryption, said: { fine: m.security_encryption_fine, caution: m.security_encryption_caution, absent: m.security_encryption_absent } },
  swap: { name: m.security_swap, said: { fine: m.security_swap_fine, caution: m.security_swap_caution, absent: m.security_swap_absent } },
  'core-dump': { name: m.security_core_dump, said: { fine: m.security_core_dump_fine, caution: m.security_core_dump_caution, absent: m.security_core_dump_absent } },
  sets: { name: m.security_sets, said: { fine: m.security_sets_fine, caution: m.security_sets_caution, absent: m.security_sets_absent } },
  webview: { name: m.security_webview, said: { fine: m.security_webview_fine, caution: m.security_webview_caution, absent: m.security_webview_absent } },
  'screen-capture': { name: m.security_screen_capture, said: { fine: m.security_screen_capture_fine, caution: m.security_screen_capture_caution, absent: m.security_screen_capture_absent } },
  'auto-lock': { name: m.security_auto_lock, said: { fine: m.security_auto_lock_fine, caution: m.security_auto_lock_caution, absent: m.security_auto_lock_absent } },
  'case-folder': { name: m.security_case_folder, said: { fine: m.security_case_folder_fine, caution: m.security_case_folder_caution, absent: m.security_case_folder_absent } },
};

export const topicName = (topic: SecurityTopic): string => TOPICS[topic].name();

/** What cannot be told is never said to be in order. */
export const topicSentence = (topic: SecurityTopic, standing: SecurityStanding): string =>
  standing === 'unknown' ? m.security_no_answer() : TOPICS[topic].said[standing]();

/** What belongs to a line, in words where the window knows them. */
export function topicDetail(line: SecurityLine): string {
  // No kinds of swap are told where there is none.
  if (line.what === 'swap' && line.standing === 'fine' && line.detail === '') return m.security_swap_none();
  const found = line.what === 'sets' ? /^(\d+) \/ (\d+) \/ (\d+)(?: \+ (\d+) \/ (\d+))?$/.exec(line.detail) : null;
  if (!found) return line.detail;
  const [fresh, grace, beyond, byHand, days] = found.slice(1).map(Number) as [number, number, number, number, number];
  const age = days === 0 ? m.security_sets_age_today() : span(days * 86_400);
  return [
    ...(fresh + grace + beyond > 0 ? [m.security_sets_published({ fresh: count(fresh), grace: count(grace), beyond: count(beyond) })] : []),
    ...(byHand > 0 ? [m.security_sets_imported({ n: count(byHand), age })] : []),
  ].join(' ');
}

export function standingWord(standing: SecurityStanding): string {
  switch (standing) {
    case 'fine': return m.security_fine();
    case 'caution': return m.security_caution();
    case 'absent': return m.security_absent();
    case 'unknown': return m.security_unknown();
  }
}

/** Groups of the page, each with its topics in order. */
export const SECURITY_GROUPS: { title: () => string; topics: SecurityTopic[] }[] = [
  { title: m.security_group_break_in, topics: ['decoder'] },
  { title: m.security_group_leave, topics: ['network', 'screen-capture', 'webview'] },
  { title: m.security_group_stored, topics: ['encryption', 'case-folder', 'swap', 'core-dump', 'auto-lock'] },
  { title: m.security_group_known, topics: ['sets'] },
];
