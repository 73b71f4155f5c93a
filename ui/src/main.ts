// Where the window begins.
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { use } from './backend';
import { session } from './shell/session.svelte';

async function begin(): Promise<void> {
  if (__FAKE__ && new URLSearchParams(location.search).has('fake')) {
    const { fakeFromAddress } = await import('./backend/fake');
    use(fakeFromAddress(new URLSearchParams(location.search)));
  }
  // Reload and "save picture" of the webview's own menu have no place here.
  window.addEventListener('contextmenu', (event) => event.preventDefault());
  // A file that is dropped beside the drop zone must not be opened by the webview.
  for (const kind of ['dragover', 'drop'] as const) window.addEventListener(kind, (event) => event.preventDefault());
  const target = document.getElementById('app');
  if (!target) throw new Error('the page has no place for the window');
  mount(App, { target });
  await session.begin();
}

void begin();
