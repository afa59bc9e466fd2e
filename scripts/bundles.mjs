/** Every bundle that is shipped, as esbuild is told of it. */

/**
 * @typedef {object} Bundles
 * @property {import('esbuild').BuildOptions} node entry points that run in Node, as ES modules that share chunks
 * @property {import('esbuild').BuildOptions} page scripts and styles of the webviews
 */

/** VS Code 1.106, the oldest supported, runs extensions on Node 22; the command line promises Node 20.19. */
export const NODE_TARGET = 'node20.19';

/**
 * What is neither bundled nor, but for `vscode`, shipped: only tests and benches ask for it.
 *
 * @type {string[]}
 */
export const EXTERNAL = ['vscode', 'mocha', 'playwright-core', 'esbuild', 'typescript'];

/**
 * @param {boolean} production minified, and without source maps
 * @returns {Bundles}
 */
export function shippedBundles(production) {
  /** @type {import('esbuild').BuildOptions} */
  const shared = {
    bundle: true,
    minify: production,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
    metafile: true,
    outdir: 'dist',
  };
  return {
    node: {
      ...shared,
      platform: 'node',
      target: NODE_TARGET,
      external: EXTERNAL,
      // The three have most of their code in common: without chunks it would be shipped three times. esbuild makes
      // chunks of ES modules only.
      format: 'esm',
      splitting: true,
      chunkNames: 'shared-[hash]',
      sourcemap: production ? false : 'inline',
      entryPoints: { extension: 'src/extension.ts', worker: 'src/io/worker.ts', cli: 'src/cli.ts' },
      outExtension: { '.js': '.cjs' },
      write: false,
    },
    page: {
      ...shared,
      platform: 'browser',
      format: 'iife',
      // VS Code 1.106 is built on Chromium 138.
      target: 'chrome138',
      // In the document itself, where a page is shown: it has no address that another file could stand beside.
      sourcemap: production ? false : 'inline',
      entryPoints: [
        { in: 'webview/main.ts', out: 'webview' },
        { in: 'webview/styles.css', out: 'webview' },
        { in: 'webview/dashboard.ts', out: 'dashboard' },
        { in: 'webview/dashboard.css', out: 'dashboard' },
      ],
    },
  };
}
