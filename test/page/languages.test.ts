/**
 * The interface in other languages, in real VS Code: those that are shipped, and one made up here that runs from right to left,
 * so that Arabic is files to add. The window itself stays English: only what the extension says is looked at.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import manifest from '../../package.nls.json';
import { MESSAGES, type MessageId } from '../../src/core/messages';
import { record, writeShard } from '../helpers/shardFixture';
import { temporaryFolder } from './sideBar';
import { focusList, openMenu } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const ids = Object.keys(MESSAGES);
type Texts = Record<string, string>;
/** Without its literal types, of which a key of a bundle would make too many. */
const ENGLISH: Texts = MESSAGES;
const keyOf = (id: string) => `${ENGLISH[id]}/${id}`;
/** What is used of an element of the page; the functions below run there. */
interface Shown {
  readonly textContent: string;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  querySelectorAll(selector: string): Iterable<Shown>;
  closest(selector: string): Shown | null;
  checkVisibility(): boolean;
}
declare function getComputedStyle(element: Shown): { readonly direction: string };
const directionOf = (element: unknown) => getComputedStyle(element as Shown).direction;
const widerThanTheirPlace = (page: unknown) => {
  const { scrollWidth, clientWidth } = page as Shown;
  const elements = (page as Shown).querySelectorAll(
    'button, vscode-button, header bdi, [role="tab"], h1, h2, h3, th, dt, label',
  );
  return [
    ...(scrollWidth > clientWidth ? ['the page'] : []),
    ...[...elements]
      .filter(each => each.checkVisibility() && each.clientWidth > 0 && !each.closest('#queue, .spoken'))
      .filter(each => each.scrollWidth > each.clientWidth + 1)
      .map(each => each.textContent.trim()),
  ];
};

for (const language of ['de', 'es', 'it', 'zh-cn']) {
  describe(`the interface in ${language}`, () => {
    const texts = async () => ({
      bundle: await json(`l10n/bundle.l10n.${language}.json`),
      titles: await json(`package.nls.${language}.json`),
    });
    isReadIn(language, 'ltr', texts, () => temporaryFolder());
  });
}

describe('the interface in a language from right to left', () => {
  const bundle = Object.fromEntries(ids.map(id => [keyOf(id), mirrored(ENGLISH[id] ?? '')]));
  const titles = Object.fromEntries(Object.entries(manifest).map(([id, text]) => [id, mirrored(text)]));
  isReadIn(
    'ar',
    'rtl',
    () => Promise.resolve({ bundle, titles }),
    async () => {
      const dataDir = await temporaryFolder();
      const extension = join(dataDir, 'extensions', 'crossalpaca');
      await mkdir(join(extension, 'l10n'), { recursive: true });
      await writeFile(join(extension, 'l10n', 'bundle.l10n.ar.json'), JSON.stringify(bundle));
      await writeFile(join(extension, 'package.nls.ar.json'), JSON.stringify(titles));
      return dataDir;
    },
  );
});

/** What holds in every language. */
function isReadIn(
  language: string,
  direction: 'ltr' | 'rtl',
  texts: () => Promise<{ bundle: Texts; titles: Texts }>,
  dataFolder: () => Promise<string>,
): void {
  let bench: Workbench;
  let folder: string;
  let bundle: Texts;
  let titles: Texts;
  const said = (id: MessageId) => bundle[keyOf(id)] ?? '';
  const number = new Intl.NumberFormat(language);

  before(async () => {
    ({ bundle, titles } = await texts());
    folder = await temporaryFolder();
    const sample = (await readFile('samples/sample.jsonl', 'utf8')).trim().split('\n');
    const more = Array.from({ length: 1200 - sample.length }, (_, row) =>
      record(`r${row}`, `Frucht ${row}.`),
    );
    const file = writeShard(folder, [...sample, ...more]);
    const settings = { 'crossalpaca.reviewer': 'anna' };
    bench = await openWorkbench({ folder, file, language, settings, dataDir: await dataFolder() });
    await bench.frame.getByRole('heading', { name: 'ca-001@it', exact: true }).waitFor();
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('says on the page who reviews, how far it is, and what can be done', async () => {
    const { frame } = bench;
    const html = frame.locator('html');
    assert.equal(await html.getAttribute('lang'), language);
    assert.equal(await html.evaluate(directionOf), direction);
    await looksWhole(frame);
    await openMenu(bench);
    await frame.getByText(filled(said('page.reviewer'), 'anna'), { exact: true }).waitFor();
    await bench.screenshot(`language-${language}-menu`);
    await focusList(bench);
    const languages = await frame.locator('header button').first().innerText();
    assert.equal(languages.includes('→'), direction === 'ltr');
    assert.equal(languages.includes('←'), direction === 'rtl');
    await frame
      .getByText(filled(said('page.progress'), number.format(0), number.format(1200)))
      .first()
      .waitFor();
    for (const id of ['page.approve', 'page.needsWork', 'page.reject', 'page.skip'] as const)
      await frame
        .getByRole('button', { name: said(id) })
        .first()
        .waitFor();
    await looksWhole(frame);
    await bench.screenshot(`language-${language}`);
  });

  it('stands in the order of its direction, and leaves the record in its own', async () => {
    const { frame } = bench;
    const queue = await frame.locator('#queue').boundingBox();
    const main = await frame.locator('main').boundingBox();
    assert.equal(queue!.x < main!.x, direction === 'ltr');
    for (const field of await frame.locator('main textarea[lang="it"]').all())
      assert.equal(await field.evaluate(directionOf), 'ltr');
  });

  it('names the keys', async () => {
    const { frame } = bench;
    await focusList(bench);
    await frame.getByRole('button', { name: said('page.help'), exact: true }).click();
    await frame.getByText(said('key.nextPending'), { exact: true }).waitFor();
    await frame.getByText(`${said('cap.ctrl')}+Z`, { exact: true }).waitFor();
    await looksWhole(frame);
    await bench.screenshot(`language-${language}-keys`);
    await bench.press('Escape');
  });

  it('names the commands, and what they show', async () => {
    await bench.runCommand(`CrossAlpaca: ${titles['command.dashboard']}`);
    await bench.frame.getByRole('heading', { name: said('dashboard.progress') }).waitFor();
    assert.equal(await bench.frame.locator('html').getAttribute('dir'), direction);
    await looksWhole(bench.frame);
    await bench.screenshot(`language-${language}-dashboard`);
  });

  /** Nothing is left in English, wider than its place, or beyond the edge. */
  async function looksWhole(frame: FrameLocator): Promise<void> {
    const shown = await frame.locator('body').innerText();
    assert.deepEqual(
      englishOf(bundle).filter(part => shown.includes(part)),
      [],
    );
    const cut = await frame.locator('html').evaluate(widerThanTheirPlace);
    assert.deepEqual(cut, []);
  }
}

/** What stands between the arguments of English sentences, where the translation has other words. */
function englishOf(bundle: Texts): string[] {
  return ids.flatMap(id =>
    (ENGLISH[id] ?? '')
      .split(/\{\d\}/)
      .map(part => part.trim())
      .filter(part => part.length > 11 && part.includes(' ') && !bundle[keyOf(id)]?.includes(part)),
  );
}

/** Longer, and in letters that run from right to left; what is filled in, done or linked stays. */
function mirrored(text: string): string {
  const letters = 'ابتثجحخدذرزسشصضطظعغفقكلمنه';
  const turned = text.replaceAll(
    /\{\d+\}|\(command:[^)]*\)|`[^`]*`|[a-z]/gi,
    part => (part.length === 1 ? letters[(part.toLowerCase().codePointAt(0) ?? 0) - 97] : undefined) ?? part,
  );
  return /\p{L}{2}/u.test(text) ? `${turned} ${'ويد'.repeat(Math.ceil(text.length / 12))}` : turned;
}

function filled(template: string, ...args: string[]): string {
  return template.replace(/\{(\d)\}/g, (_, index: string) => args[Number(index)] ?? '');
}

async function json(path: string): Promise<Texts> {
  return JSON.parse(await readFile(path, 'utf8')) as Texts;
}
