// A screen of its own for the windows of the journeys: nothing of them is seen, and no other window takes their keys.
import { spawn, spawnSync } from 'node:child_process';

let stopScreen: () => void = () => {};

/** Programs of the system that journeys need; where one is not there, journeys are skipped and say so. */
export function missing(): string[] {
  return ['WebKitWebDriver', 'Xvfb'].filter((name) => spawnSync('which', [name]).status !== 0);
}

/** Starts a screen and gives its name, e.g. `:7`. */
export async function startScreen(): Promise<{ display: string; stop: () => void }> {
  // Xvfb finds a number that is free, and writes it to the third descriptor once it listens.
  const started = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await new Promise<string>((resolve, reject) => {
    let said = '';
    started.stdio[3]?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.endsWith('\n')) resolve(`:${said.trim()}`);
    });
    started.on('exit', () => reject(new Error('The screen did not start.')));
  });
  return { display, stop: () => started.kill('SIGTERM') };
}

export async function setup(): Promise<void> {
  if (missing().length > 0) return;
  const { display, stop } = await startScreen();
  process.env.ZEEF_JOURNEY_DISPLAY = display;
  stopScreen = stop;
}

export function teardown(): void {
  stopScreen();
}
