// Durable files for SQLite: two files in the origin's private file system, seen by Python as /data.
//
// Only a dedicated worker may hold synchronous access handles, and only one at a time may hold a
// file: hence the lock, and a second tab is told "busy" instead of being given a database that
// forgets. Nothing here needs SharedArrayBuffer, so the server needs no special headers.
const FOLDER = "zoufang";
const FILES = ["zoufang.db", "zoufang.db-journal"];
const LOCK = "zoufang-database";
const CALL = "zoufang-window";  // channel on which a window asks the one with the files to give them up
// A page that has just been closed or reloaded may hold its lock and handles a moment longer.
const PATIENCE_MS = 3000;
const RETRY_MS = 50;
// Numbers of Emscripten's errno.
const ENOENT = 44, EIO = 29, EINVAL = 28, ENOSPC = 51, EACCES = 2;
const DIRECTORY = 0o040777, FILE = 0o100666;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Resolves to true once this worker holds the lock (until it ends), or to false when another does.
const holdLock = () => new Promise((resolve) => {
  navigator.locks.request(LOCK, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
    resolve(true);
    return new Promise(() => {});
  }).catch(() => resolve(false));
});

async function openHandle(folder, name) {
  const file = await folder.getFileHandle(name, { create: true });
  for (const started = performance.now(); ;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (performance.now() - started > PATIENCE_MS) throw error;
      await sleep(RETRY_MS);
    }
  }
}

// Opens the files while Python is still loading. Gives {result, handles}: "durable" with handles,
// "busy" when another tab has them, "memory" where the browser has no private file system.
//
// `takeOver`: the other tab is asked for the files first. `onAsked` is called here once another tab
// asks; it has to end this worker, and with it go lock and handles. A message comes between two turns
// of Python, and a transaction is over within one: nothing is cut in half.
export async function openFiles({ takeOver, onAsked }) {
  if (!navigator.storage?.getDirectory || !navigator.locks) return { result: "memory" };
  const call = new BroadcastChannel(CALL);
  if (takeOver) call.postMessage("give");
  if (!(await holdLock())) {
    call.close();
    return { result: "busy" };
  }
  call.onmessage = onAsked;
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
    const handles = await Promise.all(FILES.map((name) => openHandle(folder, name)));
    return { result: "durable", handles: Object.fromEntries(FILES.map((name, i) => [name, handles[i]])) };
  } catch (error) {
    console.error("private file system:", error);
    return { result: "memory" };
  }
}

// Makes /data in Python's file system: the durable files, or plain memory. Nothing when busy.
export function mountFiles(FS, { result, handles }) {
  if (result === "busy") return result;
  FS.mkdir("/data");
  if (result === "durable") FS.mount(fileSystem(FS, handles), {}, "/data");
  return result;
}

function fileSystem(FS, handles) {
  const fail = (errno) => new FS.ErrnoError(errno);
  // A JavaScript error crossing into SQLite would end Python; an errno rolls the transaction back.
  const guarded = (action) => {
    try {
      return action();
    } catch (error) {
      console.error("private file system:", error);
      throw fail(error.name === "QuotaExceededError" ? ENOSPC : EIO);
    }
  };
  const handleOf = (node) => handles[node.name];
  // SQLite deletes its journal to commit. A handle cannot be deleted, so an empty journal counts as none.
  const exists = (name) => name in handles && !(name.endsWith("-journal") && handles[name].getSize() === 0);

  const node_ops = {
    getattr(node) {
      const time = new Date(node.changedAt);
      const size = FS.isDir(node.mode) ? 4096 : handleOf(node).getSize();
      return {
        dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size,
        atime: time, mtime: time, ctime: time, blksize: 4096, blocks: Math.ceil(size / 4096),
      };
    },
    setattr(node, attributes) {
      if (attributes.size !== undefined) guarded(() => handleOf(node).truncate(attributes.size));
    },
    lookup(parent, name) {
      if (!exists(name)) throw fail(ENOENT);
      return makeNode(parent, name, FILE);
    },
    mknod(parent, name, mode) {
      if (!(name in handles)) throw fail(EACCES);
      return makeNode(parent, name, mode);
    },
    unlink(parent, name) {
      guarded(() => { handles[name].truncate(0); handles[name].flush(); });
    },
    readdir: () => [".", "..", ...Object.keys(handles).filter(exists)],
  };
  const stream_ops = {
    read: (stream, buffer, offset, length, at) =>
      guarded(() => handleOf(stream.node).read(buffer.subarray(offset, offset + length), { at })),
    write: (stream, buffer, offset, length, at) => {
      stream.node.changedAt = Date.now();
      return guarded(() => handleOf(stream.node).write(buffer.subarray(offset, offset + length), { at }));
    },
    llseek(stream, offset, whence) {
      const base = whence === 1 ? stream.position : whence === 2 ? handleOf(stream.node).getSize() : 0;
      if (base + offset < 0) throw fail(EINVAL);
      return base + offset;
    },
    // The folder itself is synced too, after the journal was made; it has no handle and needs none.
    fsync: (stream) => guarded(() => { handleOf(stream.node)?.flush(); return 0; }),
  };
  function makeNode(parent, name, mode) {
    const node = FS.createNode(parent, name, mode, 0);
    return Object.assign(node, { node_ops, stream_ops, changedAt: Date.now() });
  }
  return { mount: () => makeNode(null, "/", DIRECTORY), node_ops, stream_ops };
}
