// Which part of the program is on the page.
import { untrack } from 'svelte';
import type { ViewQuery } from '../backend/types';

/** Parts that stand in the header once a case is open, in the order of Ctrl 1 to 7. */
export const PARTS = ['review', 'leads', 'numbers', 'sets', 'export', 'security', 'settings'] as const;
/** Pages of the leads, in the order of their tabs; `leads` is the desk. */
export const LEAD_PAGES = ['leads', 'places', 'links', 'made-here'] as const;
/** Pages beside them: `start` without a case; `load` and `hidden` belong to the review. */
export const PAGES = ['start', ...PARTS, 'places', 'links', 'made-here', 'load', 'hidden', 'notices', 'day', 'new-case'] as const;
export type Part = (typeof PARTS)[number];
export type LeadPage = (typeof LEAD_PAGES)[number];
export type Page = (typeof PAGES)[number];

/** Dialogs of one page that can be asked for from another. */
export type Asked = 'sources' | 'foreign' | 'import' | 'enrol' | 'export' | 'report' | 'vics' | 'user' | 'passphrase';

class Router {
  page: Page = $state('start');
  /** Item that the page is asked to come to, e.g. from a notice. */
  item: number | null = $state(null);
  /** Lead that the pages of the leads are about; null for the whole case. */
  lead: { lead: number; name: string } | null = $state.raw(null);
  /** View that the review is asked to open; it takes it from here. */
  view: ViewQuery | null = $state.raw(null);
  /** Dialog that the page is asked to open; it takes it from here. */
  asked: Asked | null = $state(null);
  /** The page before, to go back to from a page that is no part. */
  before: Page = $state('start');

  go(page: Page, item: number | null = null): void {
    if (page !== this.page) this.before = this.page;
    this.page = page;
    this.item = item;
  }

  /** Goes to a page, to open one of its dialogs there. */
  ask(page: Page, asked: Asked): void {
    this.go(page);
    this.asked = asked;
  }

  /** Opens the dialogs of a page that are asked for, also when it is there already. Called where the page begins. */
  takes(dialogs: Partial<Record<Asked, () => void>>): void {
    $effect(() => {
      const open = this.asked === null ? undefined : dialogs[this.asked];
      if (!open) return;
      this.asked = null;
      untrack(open);
    });
  }

  /** Goes to the review, to a view. */
  review(query: ViewQuery): void {
    this.view = query;
    this.go('review');
  }
}

export const router = new Router();
