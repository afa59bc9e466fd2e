import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** The arrows of the architecture: what the files of a folder may not import. */
const layer = (files, ...forbidden) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: forbidden.map(([regex, message]) => ({ regex, message })) },
    ],
  },
});
const vscode = ['^vscode$', 'Only src/host and src/extension.ts know VS Code.'];
const node = ['^node:', 'This layer runs in the page too: pass what it needs as an argument.'];
const io = ['/io/', 'Files and network belong below src/session.ts.'];
/** Everything in `src/` between `io` and the host. */
const ABOVE_IO = [
  'units',
  'matching',
  'checking',
  'shardFindings',
  'probing',
  'shard',
  'overview',
  'queue',
  'findingSearch',
  'desk',
  'showing',
  'changing',
  'deciding',
  'undoing',
  'regenerating',
  'regenerateQueue',
  'selecting',
  'batch',
  'keeping',
  'asking',
  'examples',
  'lookAhead',
  'signals',
  'failures',
  'trial',
  'session',
  'exporting',
  'exportingChoice',
  'exportingCounts',
  'exportingCutoff',
  'exportingParallel',
  'exportingPass',
  'exportingPlace',
  'exportingRows',
  'exportingRun',
  'exportingSources',
  'exportingSplits',
  'exportingTexts',
  'applying',
  'importing',
  'moving',
  'bulk',
  'gate',
  'statisticsOf',
];
const session = [
  `^(\\.\\./)+(src/)?(${ABOVE_IO.join('|')})$`,
  'What works on a whole shard is above this layer.',
];
const host = ['/host/|/extension$', 'The host is above this layer.'];
const cli = ['/cli$', 'Nothing imports the command line.'];
const page = ['/webview/', 'The page is reached by messages only.'];
const toolkit = ['^@vscode/webview-ui-toolkit', 'Only webview/toolkit.ts knows the toolkit.'];

export default defineConfig(
  globalIgnores(['dist/', 'out/', '.vscode-test/', 'node_modules/']),
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An arrow that returns the void of what it calls reads well; a statement block around it does not.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    ...layer(['src/core/**'], vscode, node, io, session, host, cli, page, toolkit),
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        'Buffer',
        'process',
        'window',
        'document',
        'setTimeout',
        'fetch',
        'crypto',
      ],
    },
  },
  layer(['src/io/**'], vscode, session, host, cli, page, toolkit),
  layer(
    ABOVE_IO.map(name => `src/${name}.ts`),
    vscode,
    host,
    cli,
    page,
    toolkit,
  ),
  layer(['src/cli*.ts', 'src/sarif.ts'], vscode, host, page, toolkit),
  layer(['src/host/**', 'src/extension.ts'], cli, page, toolkit),
  layer(['webview/**'], vscode, node, io, session, host, cli, toolkit),
  { files: ['webview/toolkit.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['src/cli.ts', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test and Mocha collect the promise of describe() and it() themselves.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  prettier,
);
