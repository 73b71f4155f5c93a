// Journeys through the built program, in its real window: one at a time, because there is one screen and little of a machine.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Figures and pictures of the views are taken by the same means: ZEEF_RUN=figures, ZEEF_RUN=shots.
    include: [`journeys/*.${process.env.ZEEF_RUN ?? 'journey'}.ts`],
    environment: 'node',
    fileParallelism: false,
    globalSetup: 'journeys/screen.ts',
    // A debug build on a busy machine draws its first page in some seconds, and makes the demonstration case in ten.
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
});
