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
  }
}
