// The page's half of the app: starts the Python worker at once, carries Flet's messages between it
// and Flutter, and tells it what only a window hears. Takes the place of Flet's python.js.
(() => {
  const marks = (globalThis.marks = {});  // milliseconds since the page was opened, read by the bench
  const mark = (name, at = performance.timeOrigin + performance.now()) => {
    marks[name] ??= Math.round(at - performance.timeOrigin);
  };
  const splash = () => document.getElementById("splash");
  // The splash stays until the app's own first view is drawn; Flet's English "Working..." is under it.
  // A message is a byte 0 and [action, body] in MessagePack; action 1 only answers the registration.
  const uncover = (message) => {
    if (!splash() || message[0] !== 0 || message[2] === 1) return;
    mark("firstView");
    requestAnimationFrame(() => requestAnimationFrame(() => {
      mark("shown");
      splash()?.remove();
    }));
  };

  const worker = new Worker("python-worker.js", { type: "module" });
  let deliver = null;  // Flutter's receiver; what comes before it waits in `backlog`
  let backlog = [];
  let becomeReady, fail;
  const ready = new Promise((resolve, reject) => { becomeReady = resolve; fail = reject; });
  ready.catch((reason) => {
    console.error("Python:", reason);
    splash()?.classList.add("failed");
  });

  // Another window has asked for the records: this one stops at once and says so. Everything typed is
  // on the disk already, as a draft or saved.
  const TAKE_OVER = "take-over";
  const giveUp = () => {
    worker.terminate();
    splash()?.remove();
    document.querySelector("flutter-view")?.setAttribute("inert", "");
    const moved = document.getElementById("moved");
    moved.hidden = false;
    moved.querySelector("button").onclick = () => {
      sessionStorage.setItem(TAKE_OVER, "yes");
      location.reload();
    };
  };

  // A file input of the window itself: what it opens on a phone is the camera or the gallery.
  const pick = ({ camera, most }) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = camera ? "image/*" : "image/*,video/mp4,video/quicktime";
    if (camera) input.capture = "environment";
    else input.multiple = true;
    const answer = async () => {
      const files = await Promise.all([...input.files].map(async (file) =>
        file.size > most ? null : new Uint8Array(await file.arrayBuffer().catch(() => new ArrayBuffer(0)))));
      input.remove();
      worker.postMessage({ picked: files });
    };
    input.onchange = answer;
    input.oncancel = answer;
    input.hidden = true;
    document.body.append(input);
    input.click();
  };

  const asked = { persist: () => navigator.storage?.persist?.(), pick };
  worker.onmessage = ({ data }) => {
    if (data instanceof Uint8Array) {
      uncover(data);
      deliver ? deliver(data) : backlog.push(data);
    }
    else if (data.mark) mark(data.mark, data.at);
    else if (data.ask) asked[data.ask](data);
    else if (data.taken) giveUp();
    else if (data.ready) becomeReady();
    else if (data.failed) fail(data.failed);
  };
  worker.onerror = (event) => fail(event.message || "the worker could not be loaded");
  const takeOver = sessionStorage.getItem(TAKE_OVER) !== null;
  sessionStorage.removeItem(TAKE_OVER);
  // Only a touch screen's own browser opens a camera for a file input.
  const hasCamera = "capture" in HTMLInputElement.prototype && matchMedia("(pointer: coarse)").matches;
  worker.postMessage({ documentUrl: document.URL, online: navigator.onLine, takeOver, hasCamera });

  const tell = (event) => worker.postMessage({ event });
  addEventListener("online", () => tell("online"));
  addEventListener("offline", () => tell("offline"));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") tell("resume");
  });
  addEventListener("flutter-first-frame", () => { mark("firstFrame"); }, { once: true });

  // The three functions that Flet's Flutter client calls.
  globalThis.jsConnect = async (appId, args, receive) => {
    mark("jsConnect");
    deliver = receive;
    backlog.forEach(deliver);
    backlog = [];
    await ready;
  };
  globalThis.jsSend = async (appId, data) => worker.postMessage(data, [data.buffer]);
  globalThis.jsDisconnect = async () => worker.terminate();
})();
