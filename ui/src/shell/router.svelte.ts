// Which part of the program is on the page.
import type { ViewQuery } from '../backend/types';

/** Parts that stand in the header once a case is open, in the order of Ctrl 1 to 5. */
export const PARTS = ['review', 'numbers', 'sets', 'security', 'settings'] as const;
/** Pages beside them: `start` without a case; `load` and `hidden` belong to the review. */
export const PAGES = ['start', ...PARTS, 'load', 'hidden', 'notices', 'day', 'new-case'] as const;
export type Part = (typeof PARTS)[number];
export type Page = (typeof PAGES)[number];

class Router {
  page: Page = $state('start');
  /** Item that the page is asked to come to, e.g. from a notice. */
  item: number | null = $state(null);
  /** View that the review is asked to open; it takes it from here. */
  view: ViewQuery | null = $state.raw(null);
  /** The page before, to go back to from a page that is no part. */
  before: Page = $state('start');

  go(page: Page, item: number | null = null): void {
    if (page !== this.page) this.before = this.page;
    this.page = page;
    this.item = item;
  }

  /** Goes to the review, to a view. */
  review(query: ViewQuery): void {
    this.view = query;
    this.go('review');
  }
}

export const router = new Router();
