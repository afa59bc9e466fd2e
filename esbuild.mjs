/**
 * Every bundle of the project. `--production` minifies, `--watch` rebuilds, `--tests` adds the test bundles.
 *
 *   dist/extension.cjs  the extension host          dist/cli.cjs     the command line
 *   dist/webview.js     the page, with its css      dist/worker.cjs  the thread that reads whole shards
 *   dist/dashboard.js   the page of the dashboard, with its css
 *   dist/shared-*.cjs   what several of the first three need, and what is loaded only when it is needed
 *   out/test/**         tests, each folder with the worker beside them
 */
import { build, context, transform } from 'esbuild';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXTERNAL, NODE_TARGET, shippedBundles } from './scripts/bundles.mjs';

const production = process.argv.includes('--production');
const { node, page } = shippedBundles(production);

/**
 * Writes ES modules as the CommonJS that VS Code and Node load at once, and removes the chunks of earlier builds, which
 * would be packaged too.
 *
 * @type {import('esbuild').Plugin}
 */
const asCommonJs = {
  name: 'as-common-js',
  setup: ({ onEnd }) =>
    onEnd(async ({ outputFiles = [] }) => {
      const written = await Promise.all(
        outputFiles.map(async ({ path, text }) => {
          const { code } = await transform(withApiAsItIs(text), {
            format: 'cjs',
            platform: 'node',
            target: NODE_TARGET,
            // VS Code gives extensions its API by way of `require`: what is loaded later comes by it too.
            supported: { 'dynamic-import': false },
            minify: production,
            charset: 'utf8',
            sourcemap: production ? false : 'inline',
            sourcefile: path,
          });
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, code);
          return path;
        }),
      );
      for (const name of written.length > 0 ? await readdir('dist') : []) {
        const path = join(process.cwd(), 'dist', name);
        if (name.startsWith('shared-') && !written.includes(path)) await rm(path, { force: true });
      }
    }),
};

/**
 * esbuild copies what a module imports as a whole, since CommonJS has no namespaces: for the API of VS Code that would be
 * hundreds of members for each module of the host.
 *
 * @param {string} text an ES module
 */
function withApiAsItIs(text) {
  return text.replace(/\bimport\s*\*\s*as\s+([\w$]+)\s*from\s*"vscode";/g, 'const $1 = require("vscode");');
}

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [{ ...node, plugins: [asCommonJs] }, page];

if (process.argv.includes('--tests')) {
  bundles.push({
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: NODE_TARGET,
    external: EXTERNAL,
    charset: 'utf8',
    logLevel: 'warning',
    sourcemap: 'inline',
    inject: ['test/helpers/seed.ts'],
    entryPoints: [
      ...['test/unit', 'test/integration', 'test/page'].flatMap(folder =>
        readdirSync(folder)
          .filter(name => name.endsWith('.test.ts') || name === 'index.ts')
          .map(name => ({ in: `${folder}/${name}`, out: `${folder}/${name.replace(/\.ts$/, '')}` })),
      ),
      { in: 'src/io/worker.ts', out: 'test/unit/worker' },
    ],
    outdir: 'out',
    outExtension: { '.js': '.cjs' },
  });
}

for (const options of bundles) {
  if (process.argv.includes('--watch')) await (await context(options)).watch();
  else await build(options);
}
