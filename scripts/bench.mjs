/**
 * `npm run bench [-- NAME...] [--json] [--keep]`: runs the measurements of `test/bench`, or only those named. Some need data
 * that is not part of the repository, and say so. `--json` prints one JSON document, and nothing else, to stdout. The
 * shards that they make are removed at the end, unless `--keep` is given.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  build as buildProject,
  ensureChromium,
  ensureDependencies,
  ensureNode,
  ensureVsCode,
  root,
} from './setup.mjs';

const asJson = process.argv.includes('--json');
// What is installed and built on the way is told on stdout.
if (asJson) console.log = console.error;

ensureNode();
await ensureDependencies();
const { build } = await import('esbuild');
const known = readdirSync(join(root, 'test', 'bench'))
  .filter(name => name.endsWith('.ts'))
  .map(name => name.replace(/\.ts$/, ''));
const named = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
const unknown = named.find(name => !known.includes(name));
if (unknown) throw new Error(`There is no measurement ${unknown}: name any of ${known.join(', ')}.`);
const wanted = named.length > 0 ? named : known;
const outdir = join(root, 'out', 'bench');
await build({
  entryPoints: [
    ...wanted.map(name => ({ in: join(root, 'test', 'bench', `${name}.ts`), out: name })),
    { in: join(root, 'src', 'io', 'worker.ts'), out: 'worker' },
  ],
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  external: ['playwright-core'],
  logLevel: 'warning',
});
if (wanted.some(name => ['pageSize', 'ready', 'sitting', 'memory', 'activation'].includes(name))) {
  // As it is shipped: a page is ready sooner without what is there for those who write it.
  await buildProject('--production');
  await ensureVsCode();
  await ensureChromium();
}

/** @type {{ name: string, passed: boolean, rows: unknown[], text: string }[]} */
const results = [];
try {
  for (const name of wanted) {
    console.error(`\n${name}`);
    results.push(await measure(name));
  }
} finally {
  // The folder of test/helpers/benchData.ts.
  const made = join(process.env['BENCH_DIR'] ?? tmpdir(), 'crossalpaca-bench');
  if (!process.argv.includes('--keep')) await rm(made, { recursive: true, force: true, maxRetries: 5 });
}
if (results.some(({ passed }) => !passed)) process.exitCode = 1;
if (asJson) {
  const machine = { node: process.versions.node, cores: availableParallelism(), load: loadavg() };
  process.stdout.write(`${JSON.stringify({ ...machine, measurements: results }, null, 2)}\n`);
}

/**
 * One measurement in a process of its own. Those that print no rows have their text in the document.
 *
 * @param {string} name
 * @returns {Promise<{ name: string, passed: boolean, rows: unknown[], text: string }>}
 */
async function measure(name) {
  const child = spawn(process.execPath, [join(outdir, `${name}.cjs`)], {
    cwd: root,
    stdio: ['ignore', asJson ? 'pipe' : 'inherit', 'inherit'],
    env: { ...process.env, ...(asJson ? { BENCH_JSON: '1' } : {}) },
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', text => (output += text));
  const code = await new Promise((fulfil, reject) => child.once('close', fulfil).once('error', reject));
  const lines = output.split('\n');
  const isRow = (/** @type {string} */ line) => line.startsWith('{"bench":');
  return {
    name,
    passed: code === 0,
    rows: lines.filter(isRow).map(line => JSON.parse(line)),
    text: lines
      .filter(line => !isRow(line))
      .join('\n')
      .trim(),
  };
}
