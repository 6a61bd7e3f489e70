// Photos made small by the browser's own decoders, and kept as files in the origin's private file
// system, one under each SHA-256.
//
// A file gets its row in the database only after `put` has come to its end, so what a crash leaves
// half-written has no row and is removed at the next start; no renaming is needed, which not every
// browser can do.
const FOLDER = "zoufang-photos";

const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

export async function put(name, bytes) {
  const file = await (await folder()).getFileHandle(name, { create: true });
  const handle = await file.createSyncAccessHandle();
  try {
    // The same photo once more: what is whole already may have a row, and is not touched.
    if (isWhole(handle, bytes)) return;
    handle.truncate(0);
    if (handle.write(bytes, { at: 0 }) !== bytes.length) throw new DOMException("no room", "QuotaExceededError");
    handle.flush();
  } finally {
    handle.close();
  }
}

function isWhole(handle, bytes) {
  if (handle.getSize() !== bytes.length) return false;
  const kept = new Uint8Array(bytes.length);
  handle.read(kept, { at: 0 });
  return kept.every((byte, at) => byte === bytes[at]);
}

export async function read(name, start, size) {
  const file = await (await (await folder()).getFileHandle(name)).getFile();
  return new Uint8Array(await file.slice(start, start + size).arrayBuffer());
}

export async function remove(name) {
  await (await folder()).removeEntry(name).catch((error) => { if (error.name !== "NotFoundError") throw error; });
}

export async function listed() {
  const names = [];
  for await (const name of (await folder()).keys()) names.push(name);
  return names;
}

// Room left for this origin; -1 where the browser does not say.
export async function freeBytes() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? -1 : Math.max(0, quota - usage);
}

// "wifi", "cellular" or "unknown"; a worker who asked for little data counts as paying for it. Browsers of
// desks never say, nor do iPhones and Firefox: a desk counts as not paying, a phone is not guessed at.
export function networkKind() {
  const connection = navigator.connection;
  if (connection?.saveData || connection?.type === "cellular") return "cellular";
  if (["wifi", "ethernet"].includes(connection?.type)) return "wifi";
  return connection?.type === undefined && isDesk() ? "wifi" : "unknown";
}

// An iPad calls itself a Macintosh, but can be touched.
function isDesk() {
  const { userAgent, maxTouchPoints } = navigator;
  return /Windows NT|X11/.test(userAgent) || (userAgent.includes("Macintosh") && maxTouchPoints === 0);
}

const QUALITIES = [0.82, 0.74, 0.66, 0.58, 0.5];
const SMALLEST_SIDE = 400;

// The picture upright, its longest side at most `longest`, a JPEG of at most `limit` bytes with nothing
// in it but the picture: what a canvas writes has no metadata.
export async function shrink(bytes, type, longest, limit, watermark) {
  const whole = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: "from-image" });
  try {
    const most = Math.max(whole.width, whole.height);
    for (let side = Math.min(longest, most); ; side = Math.floor(side * 0.8)) {
      const canvas = draw(whole, side / most, watermark);
      for (const quality of QUALITIES) {
        const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
        if (blob.size <= limit) {
          const made = new Uint8Array(await blob.arrayBuffer());
          return { bytes: made, width: canvas.width, height: canvas.height };
        }
      }
      if (side < SMALLEST_SIDE) throw new Error("nothing but noise");
    }
  } finally {
    whole.close();
  }
}

function draw(whole, scale, watermark) {
  const width = Math.max(1, Math.round(whole.width * scale)), height = Math.max(1, Math.round(whole.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";  // transparency becomes paper
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(whole, 0, 0, width, height);
  if (watermark) {
    const size = Math.max(14, Math.floor(Math.min(width, height) / 28));
    pen.font = `${size}px sans-serif`;
    pen.lineWidth = Math.max(2, size / 6);
    pen.strokeStyle = "#000";
    pen.fillStyle = "#fff";
    pen.strokeText(watermark, size / 2, height - size / 2);
    pen.fillText(watermark, size / 2, height - size / 2);
  }
  return canvas;
}
