// Runs before each test file: what jsdom lacks.
import { afterEach } from 'vitest';
import { cleanup, configure } from '@testing-library/svelte';

// A busy machine is slow: what is waited for may take its time, what is never there fails all the same.
configure({ asyncUtilTimeout: 15_000 });

globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as unknown as typeof ResizeObserver;
Element.prototype.scrollIntoView ??= () => undefined;

afterEach(() => cleanup());
// jsdom lays nothing out: every element is as large as a window, so that the grid has tiles.
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1_000 });
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 380 });
// Nor does it draw: a page has to stand without its canvas.
HTMLCanvasElement.prototype.getContext = (() => null) as typeof HTMLCanvasElement.prototype.getContext;
HTMLImageElement.prototype.decode ??= () => Promise.resolve();
window.matchMedia ??= ((query: string) => ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined })) as unknown as typeof window.matchMedia;
