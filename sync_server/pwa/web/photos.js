// Photos as durable files in the origin's private file system, one under each SHA-256.
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
    handle.truncate(0);
    if (handle.write(bytes, { at: 0 }) !== bytes.length) throw new DOMException("no room", "QuotaExceededError");
    handle.flush();
  } finally {
    handle.close();
  }
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

// "wifi", "cellular" or "unknown"; a worker who asked for little data counts as paying for it.
export function networkKind() {
  const connection = navigator.connection;
  if (connection?.saveData || connection?.type === "cellular") return "cellular";
  return ["wifi", "ethernet"].includes(connection?.type) ? "wifi" : "unknown";
}
