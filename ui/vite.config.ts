// How the window is built: one page, for the webview alone. Messages are compiled before (`npm run words`).
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  base: './',
  publicDir: false,
  // The fake backend is for development and screenshots; in the product the branch that loads it is cut out.
  define: { __FAKE__: JSON.stringify(mode !== 'production') },
  build: {
    target: 'safari16',
    // The policy of the window allows no `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    chunkSizeWarningLimit: 900,
  },
  server: { port: 5199, strictPort: false },
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    testTimeout: 60_000,
  },
}));
