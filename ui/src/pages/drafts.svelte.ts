// What was typed and not sent yet, so that going to another page and back loses nothing. Dropped on lock: drafts can hold
// a passphrase or words about a case.
import { emptyExport, type ExportDraft } from '../export/exports';
import { emptyDraft, type NewCaseDraft } from './logic/newCase';

class Drafts {
  newCase: NewCaseDraft = $state(emptyDraft(''));
  /** Paths that were typed as sources. */
  paths = $state('');
  /** The wish for an export. */
  export: ExportDraft = $state(emptyExport());
  /** Reasons by what they are for. */
  reasons: Record<string, string> = $state({});

  forgetNewCase(): void {
    Object.assign(this.newCase, emptyDraft(''));
  }

  forgetExport(): void {
    this.export = emptyExport();
  }

  drop(): void {
    this.forgetNewCase();
    this.forgetExport();
    this.paths = '';
    this.reasons = {};
  }
}

export const drafts = new Drafts();
