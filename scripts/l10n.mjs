/**
 * `node scripts/l10n.mjs`: what is missing, unused or damaged in the translations.
 * `node scripts/l10n.mjs de FILE`: first takes translations from a file, a JSON object by ids, and drops what is unused.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './setup.mjs';

/** As VS Code names them, beside English. */
export const LANGUAGES = ['de', 'es', 'it', 'zh-cn'];

/** What a text in English looks like in that language, where it may look the same: names, and words that they share. */
const SAME = /** @type {Record<string, string[]>} */ ({
  de: [
    'Backend: {0}',
    'Backend: {0}, {1}',
    'Details',
    'Format',
    'Register',
    'Dashboard',
    'Shard',
    'Shards',
    'Filter: {0}',
    'Text {0}',
    'Escape',
  ],
  es: ['Error:', 'Backend: {0}', 'Backend: {0}, {1}', 'Ctrl', 'Escape'],
  it: ['Backend: {0}', 'Backend: {0}, {1}', 'Record', 'Shard', 'test', 'Ctrl'],
  'zh-cn': ['Ctrl', 'Shift', 'Enter', 'Escape'],
});
const NAMES = [
  'Tower',
  'ALMA',
  'Hunyuan-MT',
  'TranslateGemma',
  'TowerInstruct, Salamandra-TA.',
  'ALMA, ALMA-R.',
  'Hunyuan-MT, HY-MT.',
  'TranslateGemma.',
  'Alpaca, JSON Lines: LLaMA-Factory, Axolotl, torchtune',
];

/** Quotation marks that are not those of the language. */
const FOREIGN_QUOTES = /** @type {Record<string, RegExp>} */ ({
  de: /[”«»]/,
  es: /[“”„]/,
  it: /[“”„]/,
  'zh-cn': /[„«»]/,
});

/**
 * The texts of the interface by their keys: ids in `package.nls`, English text and id in the bundles.
 *
 * @typedef {Record<string, string>} Texts
 * @typedef {object} Interface
 * @property {Texts} messages by id
 * @property {Texts} manifest by id
 */

/** @returns {Promise<Interface>} in English */
export async function english() {
  const bundled = await build({
    entryPoints: [join(root, 'src/core/messages.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const code = Buffer.from(bundled.outputFiles[0].contents).toString('base64');
  const { MESSAGES } = await import(`data:text/javascript;base64,${code}`);
  return { messages: MESSAGES, manifest: await json('package.nls.json') };
}

/** @param {string} language @returns {Promise<Interface>} its messages by key */
export async function translation(language) {
  return { messages: await json(bundleOf(language)), manifest: await json(manifestOf(language)) };
}

/** The key under which VS Code looks a message up: `vscode.l10n.t({ message, comment })`. */
export const keyOf = (/** @type {string} */ id, /** @type {string} */ text) => `${text}/${id}`;

/**
 * What is wrong with a translation, a line each.
 *
 * @param {string} language
 * @param {Interface} source
 * @param {Interface} target
 */
export function faults(language, source, target) {
  const pairs = [
    ...Object.entries(source.messages).map(([id, text]) => ({
      text,
      key: keyOf(id, text),
      file: 'messages',
    })),
    ...Object.entries(source.manifest).map(([id, text]) => ({ text, key: id, file: 'manifest' })),
  ];
  const said = pairs.flatMap(({ text, key, file }) => {
    const translated = target[file === 'messages' ? 'messages' : 'manifest'][key];
    if (translated === undefined) return [`missing: ${key}${file === 'manifest' ? `: ${text}` : ''}`];
    return damage(language, text, translated, source.manifest, target.manifest).map(
      what => `${what}: ${key}: ${translated}`,
    );
  });
  for (const file of /** @type {const} */ (['messages', 'manifest'])) {
    const known = new Set(pairs.filter(pair => pair.file === file).map(({ key }) => key));
    said.push(...Object.keys(target[file]).flatMap(key => (known.has(key) ? [] : [`unused: ${key}`])));
  }
  return said;
}

/**
 * @param {string} language
 * @param {string} text in English
 * @param {string} translated
 * @param {Texts} titles of commands, in English
 * @param {Texts} translatedTitles
 */
function damage(language, text, translated, titles, translatedTitles) {
  /** @param {RegExp} pattern */
  const differ = pattern =>
    [text, translated].map(each => (each.match(pattern) ?? []).sort().join('\n')).reduce((a, b) => a !== b);
  const said = [];
  if (differ(/\{\d+\}/g)) said.push('other placeholders');
  if (differ(/\n|\(command:[^)]*\)|`[^`]*`|\*\*/g)) said.push('other lines, links, code or emphasis');
  if (/[\p{Cc}\p{Cf}\p{Co}]/u.test(translated.replaceAll('\n', ''))) said.push('hidden characters');
  if (translated !== translated.trim() || translated === '') said.push('blank at an end');
  if (FOREIGN_QUOTES[language]?.test(translated)) said.push('quotation marks of another language');
  const hasWords = /\p{L}{2}/u.test(text.replace(/\{\d+\}|U\+/g, ''));
  if (hasWords && text === translated && ![...NAMES, ...(SAME[language] ?? [])].includes(text))
    said.push('left in English');
  const named = Object.keys(titles)
    .filter(id => id.startsWith('command.') && text.includes(`CrossAlpaca: ${titles[id]}`))
    .sort((a, b) => titles[b].length - titles[a].length)[0];
  if (named && !translated.includes(`CrossAlpaca: ${translatedTitles[named]}`))
    said.push(`command called differently than “${translatedTitles[named]}”`);
  return said;
}

/**
 * Takes translations in; those of other texts stay, in the order of the English ones.
 *
 * @param {string} language
 * @param {Texts} added by id
 */
async function add(language, added) {
  const source = await english();
  const target = await translation(language).catch(() => ({ messages: {}, manifest: {} }));
  /** @type {Interface} */
  const result = { messages: {}, manifest: {} };
  for (const file of /** @type {const} */ (['messages', 'manifest'])) {
    for (const [id, text] of Object.entries(source[file])) {
      const key = file === 'messages' ? keyOf(id, text) : id;
      const translated = added[id] ?? /** @type {Texts} */ (target[file])[key];
      if (translated !== undefined) result[file][key] = translated;
    }
  }
  await writeFile(join(root, bundleOf(language)), `${JSON.stringify(result.messages, null, 2)}\n`);
  await writeFile(join(root, manifestOf(language)), `${JSON.stringify(result.manifest, null, 2)}\n`);
}

const bundleOf = (/** @type {string} */ language) => `l10n/bundle.l10n.${language}.json`;
const manifestOf = (/** @type {string} */ language) => `package.nls.${language}.json`;

/** @param {string} path below the root @returns {Promise<Texts>} */
async function json(path) {
  return JSON.parse(await readFile(join(root, path), 'utf8'));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [language, file] = process.argv.slice(2);
  if (language && file) await add(language, JSON.parse(await readFile(file, 'utf8')));
  const source = await english();
  for (const each of language ? [language] : LANGUAGES) {
    for (const fault of faults(each, source, await translation(each))) {
      console.log(`${each}: ${fault}`);
      process.exitCode = 1;
    }
  }
}
