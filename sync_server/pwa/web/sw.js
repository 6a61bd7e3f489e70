// Keeps the whole app on the device, so that it opens with the server gone.
//
// One cache a version, and a version is served whole or not at all: installation fails unless every
// file has the hash that the build wrote down, so a server caught half-way through an update changes
// nothing. Requests outside this worker's scope, and those the build does not know, pass untouched.
const VERSION = "__VERSION__";
const FILES = __FILES__;  // path below the scope -> first 16 hex digits of its SHA-256
const RARE_FONT = "__RARE_FONT__", RARE_FONT_SLICES = "__RARE_FONT_SLICES__";

const PREFIX = "zoufang-shell-";
const CACHE = PREFIX + VERSION;
const INVENTORY = "sw-inventory.json";
const DOWNLOADS_AT_ONCE = 6;

// Flutter takes CanvasKit's smaller variant in Chromium. Its own test needs ImageDecoder, which a
// service worker does not have; the iterator alone tells the engines apart.
const isChromium = Boolean(self.Intl && Intl.v8BreakIterator);
const isWanted = (file) => !file.startsWith("canvaskit/") || file.startsWith("canvaskit/chromium/") === isChromium;
const urlOf = (file) => new URL(file, self.registration.scope).href;

async function hashOf(buffer) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function earlierVersions() {
  const found = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === CACHE) continue;
    const cache = await caches.open(name);
    const inventory = await cache.match(urlOf(INVENTORY));
    if (inventory) found.push({ cache, files: await inventory.json() });
  }
  return found;
}

async function keep(file, cache, earlier) {
  if (await cache.match(urlOf(file))) return;  // an interrupted installation goes on where it stopped
  for (const { cache: old, files } of earlier) {
    const unchanged = files[file] === FILES[file] && (await old.match(urlOf(file)));
    if (unchanged) return cache.put(urlOf(file), unchanged);
  }
  const answer = await fetch(urlOf(file), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${file}: HTTP ${answer.status}`);
  // The network's own Response is kept: V8 keeps compiled code with it, not with one made here.
  const copy = answer.clone();
  if ((await hashOf(await answer.arrayBuffer())) !== FILES[file]) {
    throw new Error(`${file} does not belong to version ${VERSION}`);
  }
  await cache.put(urlOf(file), copy);
}

async function install() {
  const cache = await caches.open(CACHE);
  const earlier = await earlierVersions();
  const todo = Object.keys(FILES).filter(isWanted);
  const download = async () => { while (todo.length) await keep(todo.shift(), cache, earlier); };
  await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, download));
  await cache.put(urlOf(INVENTORY), new Response(JSON.stringify(FILES)));
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

// The file of ours that answers `request`, or null.
function fileFor(request) {
  const url = request.url.split(/[?#]/)[0];
  if (request.method !== "GET" || !url.startsWith(self.registration.scope)) return null;
  const file = url.slice(self.registration.scope.length);
  if (file === "" || file === "index.html") return "index.html";
  // Characters outside the two fonts of the app: Flutter asks for one of Google's slices.
  if (file.startsWith(RARE_FONT_SLICES)) return RARE_FONT;
  return file in FILES ? file : null;
}

async function answer(request, file) {
  const kept = await (await caches.open(CACHE)).match(urlOf(file));
  return kept ?? fetch(file === RARE_FONT ? urlOf(file) : request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => { if (event.data === "update-now") self.skipWaiting(); });
self.addEventListener("fetch", (event) => {
  const file = fileFor(event.request);
  if (file !== null) event.respondWith(answer(event.request, file));
});
