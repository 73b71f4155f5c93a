// Proof: the window that a person starts has no network, listens nowhere, and leaves nothing running when it is ended.
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { missing } from './screen';
import { eventually, program, processes, World } from './world';

const text = (path: string) => readFileSync(path, 'utf8');
const network = (pid: number | 'self') => readlinkSync(`/proc/${pid}/ns/net`);

describe.skipIf(missing().length > 0)('a window that nobody drives', () => {
  let world: World;
  let started: ChildProcess;
  /** What a person starts: the courier, which starts the window. */
  let courier: number;

  /** The courier and all that descend from it. */
  const family = () => {
    const all = processes();
    const found = new Set([courier]);
    for (let grown = true; grown; ) {
      const more = all.filter((one) => found.has(one.parent) && !found.has(one.pid));
      more.forEach((one) => found.add(one.pid));
      grown = more.length > 0;
    }
    return all.filter((one) => found.has(one.pid) && one.state !== 'Z');
  };

  beforeAll(async () => {
    world = new World();
    const environment = world.environment();
    delete environment.TAURI_WEBVIEW_AUTOMATION;
    const log = openSync(world.path('log/window.log'), 'a');
    started = spawn(program('zeef-window'), [], { env: environment, cwd: world.home, detached: true, stdio: ['ignore', log, log] });
    courier = started.pid ?? 0;
    await eventually('the window draws', () => family().some((one) => one.name.startsWith('WebKitWebProces')), 60);
  });

  afterAll(async () => {
    for (const one of family()) process.kill(one.pid, 'SIGKILL');
    await world.end();
  });

  it('is in a network of its own, in which there is nothing', () => {
    const members = family();
    expect(members.map((one) => one.name).some((name) => name.startsWith('WebKitNetwork'))).toBe(true);
    for (const one of members) {
      if (one.pid === courier) continue;
      expect(network(one.pid), one.name).not.toBe(network('self'));
      const devices = text(`/proc/${one.pid}/net/dev`).split('\n').slice(2).map((line) => line.split(':')[0]?.trim()).filter(Boolean);
      expect(devices, one.name).toEqual(['lo']);
      for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
        const path = `/proc/${one.pid}/net/${table}`;
        expect(text(path).trim().split('\n').length, `${one.name}: ${table}`).toBe(1);
      }
    }
  });

  it('has one process outside of it, which starts the post room, and no thread anywhere else', () => {
    const members = family();
    expect(members.filter((one) => one.name === 'zeef-courier').map((one) => one.pid)).toEqual([courier]);
    expect(network(courier)).toBe(network('self'));
    const window = members.find((one) => one.name === 'zeef-window');
    for (const thread of readdirSync(`/proc/${window?.pid}/task`)) {
      expect(readlinkSync(`/proc/${window?.pid}/task/${thread}/ns/net`)).not.toBe(network('self'));
    }
  });

  it('writes no memory to a file when it falls, and lets nobody read it', () => {
    for (const one of family()) expect(text(`/proc/${one.pid}/limits`), one.name).toMatch(/Max core file size\s+0\s+0/);
  });

  it('leaves nothing running', async () => {
    const members = family();
    process.kill(courier, 'SIGKILL');
    const alive = () => processes().filter((one) => one.state !== 'Z' && members.some((member) => member.pid === one.pid && member.name === one.name));
    await eventually('all have ended', () => alive().length === 0, 20);
  });
});
