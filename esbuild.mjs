/**
 * Every bundle of the project. `--production` minifies, `--watch` rebuilds, `--tests` adds the test bundles.
 *
 *   dist/extension.cjs  the extension host          dist/cli.cjs     the command line
 *   dist/webview.js     the page, with its css      dist/worker.cjs  the thread that reads whole shards
 *   dist/dashboard.js   the page of the dashboard, with its css
 *   out/test/**         tests, each folder with the worker beside them
 */
import { build, context } from 'esbuild';
import { readdirSync } from 'node:fs';

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  metafile: true,
};

/** VS Code 1.106, the oldest supported, runs extensions on Node 22; the command line promises Node 20.19. */
/** @type {import('esbuild').BuildOptions} */
const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  external: ['vscode', 'mocha', 'playwright-core', 'esbuild', 'typescript'],
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: { extension: 'src/extension.ts', worker: 'src/io/worker.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
  },
  {
    ...node,
    entryPoints: { cli: 'src/cli.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    banner: { js: '#!/usr/bin/env node' },
  },
  // VS Code 1.106 is built on Chromium 138.
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'chrome138',
    entryPoints: [
      { in: 'webview/main.ts', out: 'webview' },
      { in: 'webview/styles.css', out: 'webview' },
      { in: 'webview/dashboard.ts', out: 'dashboard' },
      { in: 'webview/dashboard.css', out: 'dashboard' },
    ],
    outdir: 'dist',
  },
];

if (process.argv.includes('--tests')) {
  bundles.push({
    ...node,
    minify: false,
    sourcemap: 'inline',
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

if (watch) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  for (const options of bundles) {
    const { metafile } = await build(options);
    if (production) {
      for (const [file, { bytes }] of Object.entries(metafile.outputs)) console.log(`${file} ${bytes} bytes`);
    }
  }
}
