/** The dashboard in real VS Code: its numbers, for ledgers that a test wrote, and that everybody can read them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type axe from 'axe-core';
import type { Locator } from 'playwright-core';
import type { NewEvent } from '../../src/core/events';
import { record, writeShard } from '../helpers/shardFixture';
import { decisionOn, unitOf, writeReviews } from '../helpers/writtenReviews';
import { icon, temporaryFolder } from './sideBar';
import { setTheme, THEME_KINDS } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const OPEN = 'CrossAlpaca: Show Dashboard';
/** By the class that VS Code gives a page in a theme of that kind. */
const one = (row: number) => record(`r${row}`, `Nummer ${row}.`);
/** A record in two languages. */
const two = (id: string) =>
  JSON.stringify({
    instruction_en: `Name the fruit ${id}.`,
    output_en: 'An apple.',
    instruction_it: `Nomina il frutto ${id}.`,
    output_it: 'Una mela.',
    instruction_es: `Nombra la fruta ${id}.`,
    output_es: 'Una manzana.',
    id,
  });

describe('the dashboard', () => {
  let folder: string;
  let first: string;
  let second: string;
  let bench: Workbench;

  before(async () => {
    folder = await temporaryFolder();
    first = writeShard(
      folder,
      Array.from({ length: 40 }, (_, row) => one(row)),
      'first.jsonl',
    );
    writePolicy(folder, { blind: true, reasons: ['meaning', { id: 'house-style', label: 'Our style' }] });
    // Both on seven records: approved by both four times, rejected by both once, otherwise twice.
    const blind = true;
    const anna = (...rows: number[]) => rows.map(row => decisionOn(one(row), 'approve', { blind }));
    wrote(first, 'anna', '2026-03-01', ...anna(0, 1, 2));
    wrote(first, 'anna', '2026-03-04', ...anna(3, 5, 6), decisionOn(one(4), 'reject', { blind }));
    wrote(
      first,
      'anna',
      '2026-03-09',
      decisionOn(one(20), 'needs-work', { reasons: ['house-style', 'meaning'] }),
      decisionOn(one(21), 'needs-work', { reasons: ['house-style'] }),
      decisionOn(one(22), 'skip'),
      { key: unitOf(one(22)).key, line: 23, type: 'comment', text: 'Why?' },
    );
    const ben = [0, 1, 2, 3, 4, 5, 6].map(row =>
      decisionOn(one(row), row < 4 ? 'approve' : 'reject', { blind }),
    );
    wrote(first, 'ben', '2026-03-06', ...ben);
    mkdirSync(join(folder, 'more'));
    second = writeShard(join(folder, 'more'), [two('a'), two('b'), two('c')], 'second.jsonl');
    writePolicy(join(folder, 'more'), {});
    wrote(second, 'cleo', '2026-03-02', decisionOn(two('a'), 'approve'));
    bench = await openWorkbench({
      folder,
      file: first,
      theme: 'light',
      settings: { 'crossalpaca.reviewer': 'zoe' },
    });
    await bench.frame.getByRole('heading', { name: 'first.jsonl', exact: true }).waitFor();
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is opened by its command, for the shard in the active editor', async () => {
    await bench.runCommand(OPEN);
    await bench.frame.getByRole('heading', { name: 'Review Dashboard' }).waitFor();
    await bench.frame.getByText('4 of 40 approved (10%), 36 left.').waitFor();
    assert.equal(await chosen(bench), 'first.jsonl');
    await bench.page.getByRole('tab', { name: 'Review Dashboard' }).waitFor();
  });

  it('counts the records of each language by state', async () => {
    const chart = bench.frame.getByRole('img', { name: /^German\. / });
    assert.equal(
      await chart.getAttribute('aria-label'),
      'German. Approved: 4, Skipped: 1, Needs work: 2, Rejected: 1, Disputed: 2, To review: 30',
    );
    assert.deepEqual(await numbers(bench, 'By language'), [
      ['Language', 'Records', 'Approved', 'Skipped', 'Needs work', 'Rejected', 'Disputed', 'To review'],
      ['German', '40', '4', '1', '2', '1', '2', '30'],
    ]);
    assert.equal(await chart.locator('rect').count(), 6, 'each state has its own part of the bar');
  });

  it('draws the progress over time, and says it day by day', async () => {
    const chart = bench.frame.getByRole('img', { name: /^From / });
    assert.equal(
      await chart.getAttribute('aria-label'),
      'From Mar 1, 2026 to Mar 9, 2026 the number of approved records grew from 0 to 4.',
    );
    // With one approval needed the last one that counts is ben's.
    assert.deepEqual(await numbers(bench, 'Progress over time'), [
      ['Day', 'Edits', 'Decisions', 'Approved on this day', 'Approved in all'],
      ['Mar 9, 2026', '0', '3', '0', '4'],
      ['Mar 6, 2026', '0', '7', '4', '4'],
      ['Mar 4, 2026', '0', '4', '0', '0'],
      ['Mar 1, 2026', '0', '3', '0', '0'],
    ]);
  });

  it('counts what each reviewer did', async () => {
    assert.deepEqual(await numbers(bench, 'By reviewer'), [
      ['Reviewer', 'Records', 'Approved', 'Needs work', 'Rejected', 'Skipped', 'Edits', 'Comments'],
      ['anna', '10', '6', '2', '1', '1', '0', '1'],
      ['ben', '7', '4', '0', '3', '0', '0', '0'],
    ]);
    const chart = bench.frame.getByRole('img', { name: /^anna\. / });
    assert.equal(
      await chart.getAttribute('aria-label'),
      'anna. Approved: 6, Needs work: 2, Rejected: 1, Skipped: 1, Comments: 1',
    );
  });

  it('counts decisions by reason, with the labels of the policy', async () => {
    assert.deepEqual(await numbers(bench, 'Decisions by reason'), [
      ['Reason', 'Decisions'],
      ['Our style', '2'],
      ['Meaning', '1'],
    ]);
  });

  it('says how far two reviewers agree, over how many decisions, and what that means', async () => {
    // Agreed on 5 of 7; by chance 6/7 · 4/7 + 1/7 · 3/7 = 27/49; (35 − 27) / (49 − 27) = 0.3636…
    assert.deepEqual(await rows(bench.frame.getByRole('table', { name: 'Cohen’s kappa' })), [
      ['Reviewers', 'Cohen’s kappa', 'Decisions compared (n)', 'Agreed', 'Expected by chance'],
      ['anna and ben', '0.36', '7', '71%', '55%'],
    ]);
    await bench.frame.getByText('without seeing the other’s').first().waitFor();
  });

  it('follows the open shard when somebody else’s ledger comes', async () => {
    wrote(first, 'dora', '2026-03-10', decisionOn(one(30), 'approve'), decisionOn(one(31), 'approve'));
    await bench.frame.getByText('6 of 40 approved (15%), 34 left.').waitFor();
    assert.deepEqual((await numbers(bench, 'By reviewer')).at(-1)?.slice(0, 3), ['dora', '2', '2']);
    // Nothing of hers was decided blind: the pairs are listed, and say so.
    const kappas = await rows(bench.frame.getByRole('table', { name: 'Cohen’s kappa' }));
    assert.deepEqual(
      kappas.slice(1).map(cells => [cells[0], cells[2]]),
      [
        ['anna and ben', '7'],
        ['anna and dora', '0'],
        ['ben and dora', '0'],
      ],
    );
    assert.match(kappas[2]![1]!, /^none: no text on which both decided/);
  });

  it('has nothing that axe objects to, in any kind of theme', async () => {
    for (const kind of THEME_KINDS.toReversed()) {
      await setTheme(bench, kind);
      await bench.frame.getByRole('heading', { name: 'Review Dashboard' }).scrollIntoViewIfNeeded();
      await bench.screenshot(`dashboard-${kind}`);
      assert.deepEqual(await violations(bench), [], kind);
    }
  });

  it('shows another shard that is chosen, though nobody has it open', async () => {
    await choose(bench, 'more/second.jsonl');
    await bench.frame.getByText('1 of 6 approved (16%), 5 left.').waitFor();
    assert.deepEqual(await numbers(bench, 'By language'), [
      ['Language', 'Records', 'Approved', 'To review'],
      ['Spanish', '3', '0', '3'],
      ['Italian', '3', '1', '2'],
      ['All records', '6', '1', '5'],
    ]);
    await bench.frame.getByText('that takes two reviewers').waitFor();
    await bench.frame.getByText('No decision in force names a reason.').waitFor();
  });

  it('shows all shards with reviews together', async () => {
    await choose(bench, 'All shards with reviews');
    await bench.frame.getByText('7 of 46 approved (15%), 39 left.').waitFor();
    assert.deepEqual(
      (await numbers(bench, 'By reviewer')).slice(1).map(([name]) => name),
      ['anna', 'ben', 'cleo', 'dora'],
    );
    assert.deepEqual(
      (await numbers(bench, 'By language')).slice(1).map(cells => cells.slice(0, 2)),
      [
        ['German', '40'],
        ['Spanish', '3'],
        ['Italian', '3'],
        ['All records', '46'],
      ],
    );
  });

  it('counts a shard that nobody has open again on Refresh', async () => {
    wrote(second, 'cleo', '2026-03-03', decisionOn(two('c'), 'approve'));
    await bench.frame.getByRole('button', { name: 'Refresh' }).click();
    await bench.frame.getByText('8 of 46 approved (17%), 38 left.').waitFor();
  });

  it('names a shard that cannot be read, and counts the others', async () => {
    const shard = await readFile(second);
    await writeFile(second, '');
    await bench.frame.getByRole('button', { name: 'Refresh' }).click();
    await bench.frame.getByRole('alert').getByText('more/second.jsonl is not counted').waitFor();
    await bench.frame.getByText('6 of 40 approved (15%), 34 left.').waitFor();
    await writeFile(second, shard);
  });

  it('says why nothing can be compared where reviewers see each other’s decisions', async () => {
    wrote(second, 'ed', '2026-03-03', decisionOn(two('a'), 'approve'));
    await choose(bench, 'more/second.jsonl');
    await bench.frame
      .getByText('There is nothing to compare: reviewers see each other’s decisions')
      .waitFor();
    assert.deepEqual((await rows(bench.frame.getByRole('table', { name: 'Cohen’s kappa' })))[1]?.[2], '0');
  });

  it('says that nothing counts as approved while the policy is broken', async () => {
    await writeFile(join(folder, 'more', '.crossalpaca', 'policy.json'), '{ "approvals": 0 }');
    await bench.frame.getByRole('button', { name: 'Refresh' }).click();
    await bench.frame.getByRole('alert').getByText('is broken on line 1').waitFor();
    await bench.frame.getByText('0 of 6 approved (0%), 6 left.').waitFor();
  });

  it('was never stopped by the content security policy', () => {
    assert.deepEqual(bench.cspReports, []);
  });
});

describe('the dashboard of a folder without reviews', () => {
  it('says so, and opens a shard; then it counts that one', async () => {
    const folder = await temporaryFolder();
    writeShard(folder, [record('r1', 'Ein Apfel.'), record('r2', 'Eine Birne.')], 'fresh.jsonl');
    const bench = await openWorkbench({ folder, theme: 'hcDark' });
    try {
      await icon(bench).click();
      const sideBar = bench.page.locator('.sidebar');
      // The buttons of a view are shown only as long as the pointer, or the focus, is in it.
      await sideBar.getByText('Shards', { exact: true }).first().hover();
      await sideBar.getByRole('button', { name: 'Show Dashboard' }).click();
      await bench.frame.getByText('Nothing has been reviewed here yet.').waitFor();
      assert.deepEqual(await violations(bench), []);
      await bench.screenshot('dashboard-empty');
      await bench.frame.getByRole('button', { name: 'Review Shard' }).click();
      const entry = bench.page.locator('.quick-input-widget:visible .monaco-list-row', {
        hasText: 'fresh.jsonl',
      });
      await entry.first().click();
      await bench.frame.getByRole('heading', { name: 'fresh.jsonl', exact: true }).waitFor();
      await bench.runCommand(OPEN);
      await bench.frame.getByText('0 of 2 approved (0%), 2 left.').waitFor();
      await bench.frame.getByText('Nobody has reviewed anything here yet.').waitFor();
      assert.equal(await chosen(bench), 'fresh.jsonl');
      assert.deepEqual(bench.cspReports, []);
    } finally {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function writePolicy(folder: string, policy: object): void {
  mkdirSync(join(folder, '.crossalpaca'), { recursive: true });
  writeFileSync(join(folder, '.crossalpaca', 'policy.json'), JSON.stringify(policy));
}

function select({ frame }: Workbench): Locator {
  return frame.getByRole('combobox', { name: 'Shard' });
}

async function choose(bench: Workbench, label: string): Promise<void> {
  await select(bench).selectOption({ label });
}

/** What the drop-down shows. */
async function chosen(bench: Workbench): Promise<string> {
  return (await select(bench).locator('option:checked').innerText()).trim();
}

/** The table below a chart, unfolded as a reader does. */
async function numbers(bench: Workbench, title: string): Promise<string[][]> {
  const section = bench.frame.getByRole('region', { name: title });
  const table = section.getByRole('table', { name: title });
  if (!(await table.isVisible())) await section.getByText(`Numbers: ${title}`).click();
  await table.waitFor();
  return rows(table);
}

/** The cells of a table as they are read, all of which are told apart as headings and numbers. */
async function rows(table: Locator): Promise<string[][]> {
  await table.waitFor();
  const cells = await Promise.all(
    (await table.getByRole('row').all()).map(row => row.locator('th[scope], td').allInnerTexts()),
  );
  return cells.map(row => row.map(cell => cell.trim()));
}

/** What axe finds in the page that is shown: rules broken, and by which elements. */
async function violations({ frame }: Workbench): Promise<unknown[]> {
  const element = await frame.locator('#page').elementHandle();
  const shown = await element.ownerFrame();
  if (!shown) throw new Error('The dashboard is not shown.');
  await shown.evaluate(await readFile(join('node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
  const results = await shown.evaluate(() => {
    const { axe: loaded } = globalThis as unknown as { axe: typeof axe };
    return loaded.run();
  });
  return results.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(node => node.html) }));
}

/** Somebody did this at another place. */
function wrote(shard: string, by: string, day: string, ...events: NewEvent[]): void {
  writeReviews(shard, { by, at: `${day}T12:00:00.000Z` }, events);
}
