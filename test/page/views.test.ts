/** What VS Code shows of the review outside of the page: trees, status bar, and the guidelines beside the record. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FrameLocator, Locator } from 'playwright-core';
import { ANNA, approve, BELA, LINES, openSession, targetOf, writeShard } from '../helpers/shardFixture';
import { icon, item, openSample, temporaryFolder } from './sideBar';
import { focusList, shows, until } from './steps';
import { openWorkbench, visibleWebview, type Workbench } from './workbench';

function progress({ page }: Workbench, text: string): Locator {
  return page.locator('.statusbar-item', { hasText: text });
}

function notice({ page }: Workbench, text: string): Locator {
  return page.locator('.notifications-toasts').getByText(text, { exact: true });
}

/** Somebody at another machine approves, and their ledger comes here. */
async function approveElsewhere(path: string, row: number): Promise<void> {
  const cleaners: (() => void)[] = [];
  const session = await openSession({ after: clean => void cleaners.push(clean) }, path, {
    ...ANNA,
    draftFile: join(tmpdir(), 'crossalpaca-no-drafts.json'),
  });
  await approve(session, row);
  for (const clean of cleaners) clean();
}

/** One of three records is approved, and one disputed. */
async function writeReviewed(folder: string): Promise<string> {
  const path = writeShard(folder, LINES, 'closed.jsonl');
  await approveElsewhere(path, 0);
  await approveElsewhere(path, 1);
  const cleaners: (() => void)[] = [];
  const session = await openSession({ after: clean => void cleaners.push(clean) }, path, {
    ...BELA,
    draftFile: join(tmpdir(), 'crossalpaca-no-drafts.json'),
  });
  await session.decide(await targetOf(session, 0), 'reject');
  for (const clean of cleaners) clean();
  return path;
}

describe('views', () => {
  let folder: string;
  let closed: string;
  let bench: Workbench;

  before(async () => {
    folder = await temporaryFolder();
    closed = await writeReviewed(folder);
    writeShard(join(folder, 'more'), LINES, 'fresh.ndjson');
    await writeFile(join(folder, '.crossalpaca', 'guidelines.it.md'), '# How we write Italian\n');
    bench = await openSample(folder);
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('list the shards by path, with the progress of those that are reviewed or open by language', async () => {
    await icon(bench).click();
    await item(bench, 'closed.jsonl, 33 % approved').waitFor();
    await item(bench, /^German: 1 of 3 approved, 1 disputed\b/).waitFor();
    await item(bench, 'fresh.ndjson, no reviews yet · more').waitFor();
    await item(bench, 'sample.jsonl, 0 % approved').waitFor();
    await item(bench, /^Italian: 0 of \d+ approved\b/).waitFor();
    const places = ['closed.jsonl', 'fresh.ndjson', 'sample.jsonl'].map(async name => {
      const box = await item(bench, new RegExp(`^${name}, `)).boundingBox();
      return box?.y ?? NaN;
    });
    const [first, second, third] = await Promise.all(places);
    assert.ok(first! < second! && second! < third!);
    await bench.screenshot('views');
  });

  it('count on their icon what came to a halt', async () => {
    const name = /Disputed, in conflict, or changed since approval: 1/;
    await bench.page.locator('.activitybar').getByRole('tab', { name }).waitFor();
  });

  it('and the status bar follow each decision', async () => {
    await progress(bench, '0/70 approved').waitFor();
    await focusList(bench);
    await bench.press('a');
    await shows(bench, 'ca-002@it');
    await progress(bench, '1/70 approved').waitFor();
    await progress(bench, '1/70 approved')
      .getByRole('button', { name: /Approved: 1\. Reviewer: anna/ })
      .waitFor();
    await item(bench, 'sample.jsonl, 1 % approved').waitFor();
    await item(bench, /^Italian: 1 of \d+ approved\b/).waitFor();
  });

  it('count again a shard that is not open when its ledgers change', async () => {
    await approveElsewhere(closed, 2);
    await item(bench, /^German: 2 of 3 approved, 1 disputed\b/).waitFor();
  });

  it('show the findings by check, and a click shows the record', async () => {
    const record = item(bench, /^ca-012@ar, line 12\./);
    await record.click();
    await shows(bench, 'ca-012@ar');
    await item(bench, 'Warning: Copied from the source: 3').waitFor();
    await bench.screenshot('views-findings');
  });

  it('drop a record from the findings when its text is mended, and list it again when that is undone', async () => {
    const output = bench.frame.getByRole('textbox', { name: 'output, Arabic' });
    await output.fill('التضخم يعني أن الأسعار ترتفع مع مرور الوقت، فيشتري المال نفسه أشياء أقل.');
    await bench.press('Control+Enter');
    await shows(bench, 'ca-012@ar', 'Edited');
    await item(bench, /^ca-012@ar, line 12\./).waitFor({ state: 'detached' });
    await item(bench, /^ca-005@es, line 5\./).waitFor();
    await focusList(bench);
    await bench.press('u');
    await item(bench, /^ca-012@ar, line 12\./).waitFor();
  });

  it('let the status bar choose the filter', async () => {
    await progress(bench, '1/70 approved').click();
    await bench.page.getByText('Saved filters, and common ones').waitFor();
    await bench.press('Escape');
  });

  it('open a shard by a click, and the status bar and the findings are those of that shard then', async () => {
    await item(bench, /^closed\.jsonl, /).click();
    await bench.frame.getByRole('heading', { name: 'closed.jsonl', exact: true }).waitFor();
    await progress(bench, '2/3 approved').waitFor();
    await bench.page.getByText('The checks have found nothing to warn about').waitFor();
    await bench.page.getByRole('tab', { name: /^closed\.jsonl/ }).click({ button: 'middle' });
    await item(bench, /^closed\.jsonl, 66 % approved/).waitFor();
    await item(bench, /^sample\.jsonl, /).click();
    await progress(bench, '1/70 approved').waitFor();
    await item(bench, /^ca-012@ar, line 12\./).waitFor();
  });

  it('open the guidelines of the language with L, and leave the focus in the page', async () => {
    await item(bench, /^sample\.jsonl, /).click();
    await focusList(bench);
    await bench.press('Home');
    await shows(bench, 'ca-001@it');
    await bench.press('l');
    await bench.page.getByRole('tab', { name: /guidelines\.it\.md/ }).waitFor();
    const webviews = bench.page.locator('iframe.webview:visible');
    const inner = (at: number): FrameLocator =>
      webviews.nth(at).contentFrame().locator('iframe#active-frame').contentFrame();
    const heading = (at: number, name: string) => inner(at).getByRole('heading', { name, exact: true });
    await until(async () => {
      const both = [0, 1].map(at => heading(at, 'How we write Italian').isVisible());
      return (await Promise.all(both)).includes(true);
    });
    await bench.press('j');
    await until(async () => {
      const both = [0, 1].map(at => heading(at, 'ca-002@it').isVisible());
      return (await Promise.all(both)).includes(true);
    });
    await bench.screenshot('guidelines');
    await bench.page.getByRole('tab', { name: /guidelines\.it\.md/ }).click({ button: 'middle' });
    await webviews.nth(1).waitFor({ state: 'detached' });
  });

  it('offer to begin guidelines where there are none', async () => {
    const { page } = bench;
    await item(bench, /^ca-012@ar, line 12\./).click();
    await shows(bench, 'ca-012@ar');
    await focusList(bench);
    await bench.press('l');
    await notice(bench, 'There are no guidelines for Arabic yet.').waitFor();
    await page.getByRole('button', { name: 'Create Guidelines' }).click();
    await page.getByRole('tab', { name: /guidelines\.ar\.md/ }).waitFor();
    const text = await readFile(join(folder, '.crossalpaca', 'guidelines.ar.md'), 'utf8');
    assert.equal(text, '# Guidelines: Arabic\n\n');
    assert.deepEqual(bench.cspReports, []);
  });
});

describe('views of a folder that is not trusted', () => {
  it('show the progress, warn in the status bar, and write nothing', async () => {
    const folder = await temporaryFolder();
    await writeReviewed(folder);
    const bench = await openWorkbench({
      folder,
      file: join(folder, 'closed.jsonl'),
      trust: false,
      theme: 'light',
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
    });
    try {
      await icon(bench).click();
      await item(bench, /^German: 1 of 3 approved, 1 disputed\b/).waitFor();
      const status = progress(bench, '1/3 approved');
      await status.getByRole('button', { name: /This folder is not trusted/ }).waitFor();
      assert.match((await status.getAttribute('class')) ?? '', /warning-kind/);
      await focusList(bench);
      await bench.press('l');
      await notice(bench, 'There are no guidelines for German yet.').waitFor();
      assert.equal(await bench.page.getByRole('button', { name: 'Create Guidelines' }).count(), 0);
      await bench.screenshot('views-restricted-light');
    } finally {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('views of a folder without a shard', () => {
  it('say how to get one, and list the one that comes', async () => {
    const folder = await temporaryFolder();
    const bench = await openWorkbench({ folder });
    try {
      await icon(bench).click();
      const { page } = bench;
      await page.getByText('There is no shard in this folder.').waitFor();
      await page.locator('.sidebar').getByRole('button', { name: 'Import Two Files' }).waitFor();
      await page.getByText('Open a shard to see').waitFor();
      assert.equal(await page.locator('.sidebar').getByRole('button', { name: 'Review Shard' }).count(), 2);
      await bench.screenshot('views-welcome');
      await mkdir(join(folder, 'data'));
      writeShard(join(folder, 'data'), LINES, 'new.jsonl');
      await item(bench, 'new.jsonl, no reviews yet · data').waitFor();
      await item(bench, 'new.jsonl, no reviews yet · data').click();
      await visibleWebview(page).getByRole('heading', { name: 'r1@de', exact: true }).waitFor();
      await item(bench, 'new.jsonl, 0 % approved · data').waitFor();
      await item(bench, 'German: 0 of 3 approved. To review: 3').waitFor();
    } finally {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
