/** `npm run screenshots`: makes the pictures of the README from the sample shard, in real VS Code. */
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, ensureDependencies, ensureNode, launchChromium, root } from './setup.mjs';
import { installExtension, openedForReview, startVsCode, workbenchUrl } from './vscodeServer.mjs';

ensureNode();
await ensureDependencies();
await build('--production');
const folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
const dataDir = join(folder, 'data');
const workspace = join(folder, 'curation');
const shard = join(workspace, 'sample.jsonl');
await cp(join(root, 'samples', 'sample.jsonl'), shard);
await installExtension(dataDir);
const server = await startVsCode({
  dataDir,
  settings: {
    ...openedForReview(['sample.jsonl']),
    'crossalpaca.reviewer': 'anna',
    'workbench.colorTheme': 'Default Dark Modern',
  },
});
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
  await page.goto(workbenchUrl(server, { folder: workspace, file: shard }));
  const frame = page.frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
  const heading = name => frame.getByRole('heading', { name }).waitFor();
  await heading('ca-001@it');
  await page.keyboard.press('Control+b');
  await frame.getByRole('listbox').focus();
  for (let record = 1; record <= 7; record++) {
    await page.keyboard.press('a');
    await heading(`ca-00${record + 1}@`);
  }
  // ca-008, German: the second half of the output was left in English. Half of it is mended here.
  await page.keyboard.press('e');
  await frame.locator('textarea[data-field="output"]:focus').waitFor();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('Kurz gesagt: ');
  await page.keyboard.press('Control+Enter');
  await frame.getByText('Changed from the file').waitFor();
  await page.mouse.move(0, 0);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(root, 'media', 'review.png') });
  console.log('media/review.png');
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
