// Runs before each test file: what jsdom lacks.
import { afterEach } from 'vitest';
import { cleanup } from '@testing-library/svelte';

globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as unknown as typeof ResizeObserver;
Element.prototype.scrollIntoView ??= () => undefined;

afterEach(() => cleanup());
