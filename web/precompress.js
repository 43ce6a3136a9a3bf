// Writes a .br and a .gz next to each file of a build, where they are smaller. The server chooses
// one of them: files are compressed once at the highest level, instead of per request at a low
// level.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A smaller file fits one packet: compressing it saves no round trip. */
const WORTH_IT_BYTES = 1024;

const encodings = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node precompress.js FOLDER');
  process.exit(2);
}

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

const total = { raw: 0, br: 0, gz: 0 };
await Promise.all(
  files.map(async (file) => {
    const bytes = await readFile(file);
    total.raw += bytes.length;
    for (const [suffix, compress] of Object.entries(encodings)) {
      const packed = bytes.length > WORTH_IT_BYTES ? await compress(bytes) : bytes;
      total[suffix] += Math.min(packed.length, bytes.length);
      if (packed.length < bytes.length) {
        await writeFile(`${file}.${suffix}`, packed);
      }
    }
  }),
);
const kib = (bytes) => `${Math.round(bytes / 1024)} KiB`;
console.log(`${files.length} files: ${kib(total.raw)}, as brotli ${kib(total.br)}, as gzip ${kib(total.gz)}`);
