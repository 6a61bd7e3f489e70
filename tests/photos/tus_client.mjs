// Sends one file by tus-js-client as anyone would, and prints what came of it as JSON.
// Arguments: the package's folder, the file, the address, the token, the SHA-256, options as JSON.
import { createRequire } from 'node:module';
import { createReadStream, statSync } from 'node:fs';

const [folder, file, endpoint, token, sha256, options] = process.argv.slice(2);
const tus = createRequire(folder + '/')('tus-js-client');
const { stopAfter, ...more } = JSON.parse(options);
let receipt = null;
let stopped = false;

const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  uploadSize: statSync(file).size,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { sha256, filetype: 'image/jpeg' },
  retryDelays: [0, 50],
  ...more,
  onAfterResponse(_request, response) {
    receipt = response.getHeader('Zoufang-Photo-Receipt') ?? receipt;
  },
  onChunkComplete(_size, accepted) {
    if (stopAfter && accepted >= stopAfter && !stopped) {
      stopped = true;
      upload.abort().then(() => say({ stopped: accepted, url: upload.url }));
    }
  },
  onError: (error) => say({ error: String(error) }),
  onSuccess: () => say({ url: upload.url, receipt }),
});

function say(outcome) {
  console.log(JSON.stringify(outcome));
}

upload.start();
