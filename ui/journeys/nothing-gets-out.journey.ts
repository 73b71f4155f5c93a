// Proof: nothing gets out of the webview. A server on this machine counts who comes; pages try every way out that is known.
// The window is driven here, so that it is not in a network namespace of its own: the policy of the page is alone at work.
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { missing } from './screen';
import type { Person } from './person';
import { eventually, World } from './world';

/** Ways out, each as the body of a function of the address; `done` is called when it has failed or has been tried. */
const WAYS: Record<string, string> = {
  'fetch': 'fetch(url).then(done, done)',
  'fetch without cors': "fetch(url, { mode: 'no-cors' }).then(done, done)",
  'fetch kept alive': "fetch(url, { method: 'POST', body: 'x', keepalive: true }).then(done, done)",
  'request': 'const r = new XMLHttpRequest(); r.onloadend = done; r.open("GET", url); r.send()',
  'beacon': 'navigator.sendBeacon(url, "x"); done()',
  'picture': 'const i = new Image(); i.onload = i.onerror = done; i.src = url',
  'picture set': 'const i = new Image(); i.onload = i.onerror = done; i.srcset = url + " 1x"',
  'script': 'const s = document.createElement("script"); s.onload = s.onerror = done; s.src = url; document.head.append(s)',
  'module': 'import(url).then(done, done)',
  'style sheet': 'const l = document.createElement("link"); l.rel = "stylesheet"; l.onload = l.onerror = done; l.href = url; document.head.append(l)',
  'style import': 'const s = document.createElement("style"); s.textContent = "@import url(" + url + ");"; document.head.append(s); setTimeout(done, 300)',
  'background': 'document.body.style.backgroundImage = "url(" + url + ")"; setTimeout(done, 300)',
  'cursor': 'document.body.style.cursor = "url(" + url + "), auto"; setTimeout(done, 300)',
  'font': 'new FontFace("x", "url(" + url + ")").load().then(done, done)',
  'prefetch': 'const l = document.createElement("link"); l.rel = "prefetch"; l.onload = l.onerror = done; l.href = url; document.head.append(l); setTimeout(done, 500)',
  'preload': 'const l = document.createElement("link"); l.rel = "preload"; l.as = "image"; l.onload = l.onerror = done; l.href = url; document.head.append(l); setTimeout(done, 500)',
  'preconnect': 'const l = document.createElement("link"); l.rel = "preconnect"; l.href = url; document.head.append(l); setTimeout(done, 500)',
  'icon': 'const l = document.createElement("link"); l.rel = "icon"; l.href = url; document.head.append(l); setTimeout(done, 500)',
  'manifest': 'const l = document.createElement("link"); l.rel = "manifest"; l.href = url; document.head.append(l); setTimeout(done, 300)',
  'frame': 'const f = document.createElement("iframe"); f.onload = f.onerror = done; f.src = url; document.body.append(f); setTimeout(done, 500)',
  'frame of text': 'const f = document.createElement("iframe"); f.srcdoc = "<img src=" + url + ">"; document.body.append(f); setTimeout(done, 500)',
  'object': 'const o = document.createElement("object"); o.onload = o.onerror = done; o.data = url; document.body.append(o); setTimeout(done, 500)',
  'embed': 'const o = document.createElement("embed"); o.src = url; document.body.append(o); setTimeout(done, 500)',
  'video': 'const v = document.createElement("video"); v.onerror = done; v.src = url; v.preload = "auto"; document.body.append(v); setTimeout(done, 500)',
  'audio': 'const v = new Audio(url); v.onerror = done; v.play().catch(done); setTimeout(done, 500)',
  'web socket': 'const w = new WebSocket(url.replace("http", "ws")); w.onerror = w.onclose = done; setTimeout(done, 500)',
  'event source': 'const e = new EventSource(url); e.onerror = () => { e.close(); done(); }; setTimeout(done, 500)',
  'worker': 'const w = new Worker(url); w.onerror = done; setTimeout(done, 500)',
  'worker of text': 'const w = new Worker(URL.createObjectURL(new Blob(["fetch(\'" + url + "\')"]))); w.onerror = done; setTimeout(done, 500)',
  'shared worker': 'const w = new SharedWorker(url); w.onerror = done; setTimeout(done, 500)',
  'service worker': 'navigator.serviceWorker.register(url).then(done, done)',
  'form': 'const f = document.createElement("form"); f.action = url; f.method = "post"; document.body.append(f); f.submit(); setTimeout(done, 500)',
  'form in a new window': 'const f = document.createElement("form"); f.action = url; f.target = "_blank"; document.body.append(f); f.submit(); setTimeout(done, 500)',
  'new window': 'window.open(url); setTimeout(done, 500)',
  'link': 'const a = document.createElement("a"); a.href = url; document.body.append(a); a.click(); setTimeout(done, 500)',
  'link with a ping': 'const a = document.createElement("a"); a.href = "#x"; a.ping = url; document.body.append(a); a.click(); setTimeout(done, 500)',
  'download': 'const a = document.createElement("a"); a.href = url; a.download = "x"; document.body.append(a); a.click(); setTimeout(done, 500)',
  'navigation': 'location.href = url; setTimeout(done, 500)',
  'replaced page': 'location.replace(url); setTimeout(done, 500)',
  'refresh': 'const m = document.createElement("meta"); m.httpEquiv = "refresh"; m.content = "0;url=" + url; document.head.append(m); setTimeout(done, 500)',
  'peer connection': 'const p = new RTCPeerConnection({ iceServers: [{ urls: url.replace("http://", "stun:") }] }); p.createDataChannel("x"); p.createOffer().then((o) => p.setLocalDescription(o)); setTimeout(done, 500)',
  'text as script': 'try { eval("fetch(url)") } catch {} setTimeout(done, 300)',
  'written page': 'try { const d = document.implementation.createHTMLDocument(); d.body.innerHTML = "<img src=" + url + ">"; document.body.append(d.body.firstChild) } catch {} setTimeout(done, 300)',
  'vector picture': 'const s = document.createElementNS("http://www.w3.org/2000/svg", "image"); s.setAttribute("href", url); const g = document.createElementNS("http://www.w3.org/2000/svg", "svg"); g.append(s); document.body.append(g); setTimeout(done, 300)',
};

describe.skipIf(missing().length > 0)('nothing gets out of the webview', () => {
  const came: string[] = [];
  let server: Server;
  let world: World;
  let person: Person;
  let port: number;

  beforeAll(async () => {
    server = createServer((request, answer) => {
      came.push(request.url ?? '');
      answer.end('x');
    });
    // A connection without a request is somebody who came, too.
    server.on('connection', () => came.push('connection'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    port = (server.address() as AddressInfo).port;
    world = new World();
    person = await world.open();
    await eventually('the first page', async () => (await person.text()).length > 0, 60);
  });

  afterAll(async () => {
    await world?.end();
    server?.close();
  });

  it('counts whoever comes', async () => {
    await fetch(`http://127.0.0.1:${port}/control`);
    expect(came).toContain('/control');
    const before = came.length;
    await new Promise<void>((done) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(done));
    });
    await eventually('the server counts a bare connection', () => came.length > before);
    came.length = 0;
  });

  it.each(Object.entries(WAYS))('%s', async (name, body) => {
    came.length = 0;
    const address = `http://127.0.0.1:${port}/${encodeURIComponent(name)}`;
    await person.session.runLong(
      `const url = arguments[0]; const finished = arguments[arguments.length - 1];
       let told = false; const done = () => { if (!told) { told = true; finished(null); } };
       try { ${body} } catch (error) { done(); }
       setTimeout(done, 2000);`, address);
    expect(came, `${name} reached the server`).toEqual([]);
    // The page is still the program's own.
    expect(await person.session.run('return location.origin + location.pathname')).toMatch(/^tauri:\/\/localhost\/(index\.html)?$/);
  });

  it('has let nobody out in the meantime', async () => {
    came.length = 0;
    // Whatever was begun above has had its time: what is slow to come is met by the same closed door.
    await person.session.runLong('setTimeout(arguments[arguments.length - 1], 1500)');
    expect(came).toEqual([]);
    await fetch(`http://127.0.0.1:${port}/control`);
    expect(came).toContain('/control');
  });
});
