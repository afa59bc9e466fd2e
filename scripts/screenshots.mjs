/** `npm run screenshots`: makes the pictures of the README from the sample shard, in real VS Code. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, ensureDependencies, ensureNode, launchChromium, root } from './setup.mjs';
import { installExtension, openedForReview, startVsCode, workbenchUrl } from './vscodeServer.mjs';

/** Records of the pictures: an output that was left half in English, and one in which a number was changed. */
const WARNED = 'ca-008';
const PROPOSED = 'ca-028';
/** What a model says to the second one. */
const PROPOSAL = `- 500 g di farina
- 350 ml di acqua tiepida
- 7 g di lievito di birra secco
- 10 g di sale fino
- 40 ml di olio d'oliva, più un po' per ungere la teglia
- Sale grosso e rosmarino per la superficie`;
/** Bytes of a picture: the README is to be quick to load. */
const MAX_BYTES = 200_000;

ensureNode();
await ensureDependencies();
await build('--production');
const folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
const dataDir = join(folder, 'data');
const workspace = join(folder, 'curation');
const shard = join(workspace, 'sample.jsonl');
await cp(join(root, 'samples', 'sample.jsonl'), shard);
await writeHistory();
await installExtension(dataDir);
const model = await startModel();
const server = await startVsCode({
  dataDir,
  settings: {
    ...openedForReview(['sample.jsonl']),
    'crossalpaca.reviewer': 'anna',
    'crossalpaca.backend.url': model.url,
    'crossalpaca.backend.model': 'my-model',
    // Nothing but the review itself.
    'breadcrumbs.enabled': false,
    'window.commandCenter': false,
    'workbench.layoutControl.enabled': false,
    'workbench.colorTheme': 'Default Dark Modern',
  },
});
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
  await page.goto(workbenchUrl(server, { folder: workspace, file: shard }));
  const frame = page.frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
  /** @param {RegExp} name */
  const heading = name => frame.getByRole('heading', { name }).waitFor();
  /** @param {string} name */
  const picture = async name => {
    // No hint is to lie over it.
    await page.mouse.move(0, 0);
    await page.waitForTimeout(1000);
    const path = join(root, 'media', `${name}.png`);
    await page.screenshot({ path });
    const { size } = await stat(path);
    console.log(`media/${name}.png: ${size} bytes`);
    if (size > MAX_BYTES) throw new Error(`media/${name}.png has more than ${MAX_BYTES} bytes.`);
  };
  await heading(/^ca-001@/);
  await page.keyboard.press('Control+b');
  await frame.getByRole('listbox').focus();
  await page.waitForTimeout(1000);
  await page.keyboard.press('n');
  await heading(/^ca-005@/);
  await page.keyboard.press('n');
  await heading(new RegExp(`^${WARNED}@`));
  await picture('review');
  await page.keyboard.press('n');
  await heading(new RegExp(`^${PROPOSED}@`));
  await page.keyboard.press('r');
  await frame.getByRole('button', { name: /^Use/ }).waitFor();
  await picture('proposal');
  await frame.getByRole('button', { name: 'Dashboard' }).click();
  await frame.getByRole('heading', { name: 'Reviewers' }).waitFor();
  await picture('dashboard');
} finally {
  await browser.close();
  await server.stop();
  model.close();
  await rm(folder, { recursive: true, force: true });
}

/** What three reviewers did in three weeks, written as docs/formats/ledger.md says: without it a dashboard is empty. */
async function writeHistory() {
  const rows = (await readFile(shard, 'utf8')).trimEnd().split('\n');
  const planted = await readFile(join(root, 'samples', 'README.md'), 'utf8');
  /** @type {Record<string, object[]>} */
  const ledgers = { anna: [], bela: [], chen: [] };
  const reviewers = Object.keys(ledgers);
  for (const [index, row] of rows.entries()) {
    const { id, source, target, target_lang: lang } = JSON.parse(row);
    const isPlanted = planted.includes(`| ${id} `);
    // The last ones, and those of the pictures, wait to be reviewed.
    if (index >= 56 || ['ca-005', WARNED, PROPOSED].includes(id)) continue;
    const by = [reviewers[index % 3], ...(index % 2 === 0 ? [reviewers[(index + 1) % 3]] : [])];
    for (const [second, name = ''] of by.entries()) {
      const isRight = !isPlanted && !(second === 1 && index % 11 === 0);
      const decision = isRight ? 'approve' : index % 3 === 0 ? 'reject' : 'needs-work';
      const seq = index * 2 + second + 1;
      ledgers[name]?.push({
        v: 1,
        id: `PICTURE${String(seq).padStart(19, '0')}`,
        seq,
        at: new Date(Date.UTC(2026, 0, 5 + Math.floor((index * 18) / 56), 9, index)).toISOString(),
        by: name,
        key: `${id}@${lang}`,
        line: index + 1,
        type: 'decide',
        decision,
        fingerprint: fingerprint(source, target),
        head: [],
        reasons: isRight ? [] : [['meaning', 'omission', 'term'][index % 3]],
        blind: true,
      });
    }
  }
  for (const [name, events] of Object.entries(ledgers)) {
    const own = join(workspace, '.crossalpaca', 'sample.jsonl', name);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'aaaaaa.jsonl'), events.map(event => `${JSON.stringify(event)}\n`).join(''));
  }
}

/**
 * As docs/formats/shard.md says.
 *
 * @param {Record<string, string>} source
 * @param {Record<string, string>} target
 */
function fingerprint(source, target) {
  const sides = [source, target].map(side =>
    ['instruction', 'input', 'output'].map(name => [name, side[name] ?? '']),
  );
  return createHash('sha256').update(JSON.stringify(sides)).digest('hex').slice(0, 32);
}

/** A server that gives the same answer to everything, as llama.cpp streams one. */
async function startModel() {
  const models = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'my-model', object: 'model' }] }));
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    const content = JSON.stringify({ output: PROPOSAL });
    for (const [delta, finish] of [
      [{ role: 'assistant', content }, null],
      [{}, 'stop'],
    ]) {
      const choices = [{ index: 0, delta, finish_reason: finish }];
      response.write(`data: ${JSON.stringify({ id: '1', model: 'my-model', choices })}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  });
  await new Promise(fulfil => models.listen(0, '127.0.0.1', () => fulfil(undefined)));
  const address = models.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, close: () => models.close() };
}
