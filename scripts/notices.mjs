/**
 * `npm run notices`: writes `ThirdPartyNotices.txt`, the licences of the packages whose code is in the bundles. A test
 * fails when it is not up to date.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { shippedBundles } from './bundles.mjs';
import { ensureDependencies, ensureNode, root } from './setup.mjs';

/** A file of its own, beside our licence, which is about our code. */
export const NOTICES = 'ThirdPartyNotices.txt';

/** Names under which packages keep their licence, and the notices of what is in them themselves. */
const LEGAL_FILE = /^(licen[cs]e|copying|copyrightnotice|notices?)(\.|$)/i;

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} licence an SPDX expression
 * @property {string} home where it comes from
 * @property {string} text of its licence and notices
 */

/**
 * The packages of which something is left in the bundles, as esbuild tells.
 *
 * @returns {Promise<Package[]>} by name and version
 */
export async function bundledPackages() {
  const { build } = await import('esbuild');
  /** @type {Set<string>} */
  const folders = new Set();
  for (const options of Object.values(shippedBundles(true))) {
    const { metafile } = await build({ ...options, absWorkingDir: root, write: false, metafile: true });
    for (const { inputs } of Object.values(metafile.outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders]
    .map(readPackage)
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** @param {string} folder below the root @returns {Package} */
function readPackage(folder) {
  const { name, version, license, author, repository, homepage } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(join(root, folder)).filter(file => LEGAL_FILE.test(file));
  const texts = files.sort().map(file => readFileSync(join(root, folder, file), 'utf8').trim());
  const holder = typeof author === 'string' ? author : author?.name;
  if (texts.length === 0) texts.push(withoutFile(name, license, holder));
  const home = homepage ?? repository?.url ?? repository;
  return {
    name,
    version,
    licence: license,
    home: String(home)
      .replace(/^git\+|\.git$/g, '')
      .replace(/^ssh:\/\/git@/, 'https://'),
    text: texts.join('\n\n').replaceAll('\r\n', '\n'),
  };
}

/**
 * The licence of a package that names one and holds no text of it: the words are those of our own.
 *
 * @param {string} name
 * @param {string} licence
 * @param {string | undefined} holder
 */
function withoutFile(name, licence, holder) {
  if (licence !== 'MIT' || holder === undefined)
    throw new Error(
      `The package ${name} holds no text of its licence (${licence}): add what it asks for to scripts/notices.mjs.`,
    );
  const ours = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${holder.replace(/ [<(].*$/, '')}`);
}

/** @param {Package[]} packages */
export function noticesText(packages) {
  const line = '-'.repeat(80);
  return [
    'CrossAlpaca holds code of the packages below, each under the licence that follows its name.',
    ...packages.map(({ name, version, licence, home, text }) =>
      [line, `${name} ${version} (${licence})`, home, '', text].join('\n'),
    ),
    '',
  ].join('\n\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureNode();
  await ensureDependencies();
  const packages = await bundledPackages();
  const path = join(root, NOTICES);
  const text = noticesText(packages);
  const isNew = !existsSync(path) || readFileSync(path, 'utf8') !== text;
  if (isNew) writeFileSync(path, text);
  console.log(`${NOTICES}: ${packages.length} packages, ${isNew ? 'written' : 'up to date'}`);
}
