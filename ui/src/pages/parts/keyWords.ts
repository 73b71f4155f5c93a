// Names of the places where keys hold.
import type { Scope } from '../../keys/keymap';
import { m } from '../../paraglide/messages.js';

export function scopeName(scope: Scope): string {
  switch (scope) {
    case 'anywhere': return m.settings_keys_scope_anywhere();
    case 'review': return m.settings_keys_scope_review();
    case 'compare': return m.settings_keys_scope_compare();
    case 'leads': return m.settings_keys_scope_leads();
    case 'stack dialog': return m.settings_keys_scope_stack();
    case 'map and time': return m.keys_scope_places();
    case 'map': return m.keys_scope_map();
    case 'time line': return m.keys_scope_time();
  }
}
