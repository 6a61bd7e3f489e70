// Runs the phone app: Pyodide, the packages and the app, in a worker beside the page.
//
// Takes the place of Flet's python-worker.js. Everything is part of the site, so nothing is asked of
// a package index; downloads run side by side; and it starts with the page, not after Flutter.
import { mountFiles, openFiles } from "./opfs.js";
import * as photos from "./photos.js";
import { loadPyodide } from "./pyodide/pyodide.mjs";

const mark = (name) => self.postMessage({ mark: name, at: performance.timeOrigin + performance.now() });

async function download(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name}: HTTP ${answer.status}`);
  return answer.arrayBuffer();
}

// What Flet's pyodide_connection.py expects of the module flet_js.
const flet_js = {
  receive_callback(message) {
    const bytes = message.toJs();
    self.postMessage(bytes, [bytes.buffer]);
  },
};

// What app/device/browser.py expects of the module zoufang_device.
const listeners = { online: [], resume: [] };
let online = true;
let python, files, page, mounts = 0;
let answerPick = () => {};  // who waits for what the window lets somebody choose
const onAsked = () => self.postMessage({ taken: true });
const zoufang_device = {
  // Asked a second time after "busy": the worker wants the app here and nowhere else.
  mountDurable: async () => {
    if (mounts++) files = openFiles({ takeOver: true, onAsked });
    return mountFiles(python.FS, await files);
  },
  isOnline: () => online,
  listen: (event, callback) => { listeners[event].push(callback); },
  photos,
  hasCamera: () => page.hasCamera,
  // Resolves to an array of Uint8Array, null in the place of a file above `most` bytes.
  pick: (camera, most) => new Promise((resolve) => {
    answerPick([]);  // an older question that the browser never answered
    answerPick = resolve;
    self.postMessage({ ask: "pick", camera, most });
  }),
  askPersist: () => self.postMessage({ ask: "persist" }),
};

function hear({ event }) {
  if (event === "online" || event === "offline") online = event === "online";
  for (const callback of listeners[event] ?? []) callback();
}

async function start(said) {
  page = said;
  mark("worker");
  online = page.online;
  files = openFiles({ takeOver: page.takeOver, onAsked });
  const packages = download("packages.zip"), app = download("app.zip");
  python = await loadPyodide({
    indexURL: new URL("pyodide/", self.location.href).href,
    env: { HOME: "/home/pyodide", PYPINYIN_NO_PHRASES: "1", PYPINYIN_NO_DICT_COPY: "1" },
    stdout: (line) => console.log(line),
    stderr: (line) => console.error(line),
  });
  mark("pyodide");
  flet_js.documentUrl = page.documentUrl;
  python.registerJsModule("flet_js", flet_js);
  python.registerJsModule("zoufang_device", zoufang_device);
  python.unpackArchive(await packages, "zip", { extractDir: "/home/pyodide/packages" });
  python.unpackArchive(await app, "zip", { extractDir: "/home/pyodide" });
  mark("unpacked");
  await python.runPythonAsync(`
import gc, runpy, sys
# Nothing that an import makes is garbage yet: looking for it costs a tenth of the start.
gc.disable()
sys.path[:0] = ["/home/pyodide", "/home/pyodide/packages"]
import flet_js
runpy.run_module("main", run_name="__main__")
gc.freeze()
gc.enable()
`);
  mark("ran");
  await flet_js.start_connection(flet_js.receive_callback);
  waiting.forEach((message) => flet_js.send(message));
  waiting = null;
  self.postMessage({ ready: true });
}

let waiting = [];
self.onmessage = ({ data }) => {
  if (data instanceof Uint8Array) waiting ? waiting.push(data) : flet_js.send(data);
  else if (data.event) hear(data);
  else if (data.picked) answerPick(data.picked);
  else start(data).catch((error) => self.postMessage({ failed: String(error) }));
};
