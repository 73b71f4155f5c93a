// The real backend: the one file that knows Tauri.
import { Channel, convertFileSrc, invoke } from '@tauri-apps/api/core';
import type { Answer, Args, Backend, CommandName } from './backend';
import { windowError } from './backend';
import type { Event } from './types';

export const tauri: Backend = {
  async call<K extends CommandName>(name: K, args: Args<K>): Promise<Answer<K>> {
    try {
      return await invoke<Answer<K>>(name, args as Record<string, unknown>);
    } catch (thrown) {
      throw windowError(thrown);
    }
  },
  async listen(hear) {
    const channel = new Channel<Event>();
    let heard = true;
    channel.onmessage = (event) => {
      if (heard) hear(event);
    };
    await invoke('listen', { channel });
    return () => {
      heard = false;
    };
  },
  mediaUrl: (path) => convertFileSrc('', 'media') + path.replace(/^\/+/, ''),
};
