// A small WebDriver client (W3C WebDriver 2): only what the journeys use, straight at WebKitWebDriver.
import { Agent, request } from 'node:http';

/** A key, or a character, as WebDriver names it. */
export const KEYS: Record<string, string> = {
  Escape: '\uE00C', Enter: '\uE007', Tab: '\uE004', Space: ' ', Backspace: '\uE003', Delete: '\uE017', Home: '\uE011',
  End: '\uE010', PageUp: '\uE00E', PageDown: '\uE00F', ArrowLeft: '\uE012', ArrowUp: '\uE013', ArrowRight: '\uE014',
  ArrowDown: '\uE015', Shift: '\uE008', Ctrl: '\uE009', Alt: '\uE00A', F5: '\uE035', F6: '\uE036',
};

/** One connection: the driver closes one that asks to be closed before it has answered. */
const AGENT = new Agent({ keepAlive: true, maxSockets: 1 });

/** What the driver says when it cannot do something. */
export class DriverError extends Error {
  constructor(readonly code: string, message: string) {
    super(`${code}: ${message}`);
  }
}

function ask(port: number, method: string, path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | number> = {};
    if (text !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(text);
    }
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: AGENT }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        try {
          const { value } = JSON.parse(Buffer.concat(parts).toString()) as { value: { error?: string; message?: string } };
          if (answer.statusCode === 200) resolve(value);
          else reject(new DriverError(value?.error ?? 'unknown', value?.message ?? ''));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** One session: one window. */
export class Session {
  private constructor(private readonly port: number, private readonly id: string) {}

  /** Tells whether the driver listens. */
  static async ready(port: number): Promise<boolean> {
    return ((await ask(port, 'GET', '/status')) as { ready: boolean }).ready;
  }

  /** Has the driver start a program. */
  static async start(port: number, binary: string, args: string[]): Promise<Session> {
    const wanted = { 'webkitgtk:browserOptions': { binary, args } };
    const made = (await ask(port, 'POST', '/session', { capabilities: { alwaysMatch: wanted } })) as { sessionId: string };
    const session = new Session(port, made.sessionId);
    await session.post('timeouts', { script: 60_000, pageLoad: 60_000, implicit: 0 });
    return session;
  }

  async end(): Promise<void> {
    await ask(this.port, 'DELETE', `/session/${this.id}`);
  }

  private post(path: string, body: unknown): Promise<unknown> {
    return ask(this.port, 'POST', `/session/${this.id}/${path}`, body);
  }

  /** Runs a function in the page. What it gives must be JSON. */
  async run<T>(work: string, ...args: unknown[]): Promise<T> {
    return (await this.post('execute/sync', { script: work, args })) as T;
  }

  /** The same, where the function calls its last argument when it is done. */
  async runLong<T>(work: string, ...args: unknown[]): Promise<T> {
    return (await this.post('execute/async', { script: work, args })) as T;
  }

  /** Presses keys in order and holds them; `release` lets go of all. */
  async hold(keys: string[]): Promise<void> {
    const actions = keys.map((key) => ({ type: 'keyDown', value: KEYS[key] ?? key }));
    await this.post('actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  /** Lets go of keys, the last first. */
  async letGo(keys: string[]): Promise<void> {
    const actions = [...keys].reverse().map((key) => ({ type: 'keyUp', value: KEYS[key] ?? key }));
    await this.post('actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  /** Presses and lets go, several times over in one request where `times` says so. */
  async press(keys: string[], times = 1): Promise<void> {
    const named = keys.map((key) => KEYS[key] ?? key);
    const down = named.map((value) => ({ type: 'keyDown', value }));
    const up = [...named].reverse().map((value) => ({ type: 'keyUp', value }));
    const actions = Array.from({ length: times }, () => [...down, ...up]).flat();
    await this.post('actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  /** Presses and lets go of one key after the other. */
  async typeKeys(keys: string[]): Promise<void> {
    const named = keys.map((key) => KEYS[key] ?? key);
    const actions = named.flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    await this.post('actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  /** Clicks where the middle of something is, in pixels of the page. */
  async clickAt(x: number, y: number, button = 0): Promise<void> {
    const actions = [
      { type: 'pointerMove', duration: 0, x: Math.round(x), y: Math.round(y) },
      { type: 'pointerDown', button },
      { type: 'pointerUp', button },
    ];
    await this.post('actions', { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
  }

  /** Presses at one place, moves by several steps to another, and lets go there; in pixels of the page. */
  async drag(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
    const STEPS = 6;
    const move = (part: number) => ({
      type: 'pointerMove', duration: 20, x: Math.round(from.x + (to.x - from.x) * part), y: Math.round(from.y + (to.y - from.y) * part),
    });
    const between = Array.from({ length: STEPS }, (_, step) => move((step + 1) / STEPS));
    const actions = [{ ...move(0), duration: 0 }, { type: 'pointerDown', button: 0 }, ...between, { type: 'pointerUp', button: 0 }];
    await this.post('actions', { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
  }

  /** The window as a PNG. */
  async picture(): Promise<Buffer> {
    // The driver waits for the next time that the page is painted, and a page on which nothing changes is not.
    await this.run(`
      let times = 0;
      const stir = setInterval(() => {
        times += 1;
        document.body.style.opacity = times % 2 && times < 40 ? '0.999' : '';
        if (times >= 40) clearInterval(stir);
      }, 50);`);
    return Buffer.from((await ask(this.port, 'GET', `/session/${this.id}/screenshot`)) as string, 'base64');
  }

  async resize(width: number, height: number): Promise<void> {
    await this.post('window/rect', { x: 0, y: 0, width, height });
  }
}
