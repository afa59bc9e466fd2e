/** Files that are no shards, lines that are no records, text that is hostile, and a disk that takes nothing. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openWorkbench, type Workbench } from './workbench';

const RECORD = {
  id: 'r1',
  source: { instruction: 'Name a fruit that grows on trees.', input: '', output: 'An apple.' },
  target: { instruction: 'Nenne eine Frucht, die auf Bäumen wächst.', input: '', output: 'Ein Apfel.' },
  source_lang: 'en',
  target_lang: 'de',
};
const HOSTILE =
  '<img src=x onerror="parent.document.title=1"><script>document.title=1</script><style>*{display:none}</style>';

const FILES: Record<string, string | Buffer> = {
  'empty.jsonl': '',
  'utf16.jsonl': Buffer.from(`\ufeff${JSON.stringify(RECORD)}\n`, 'utf16le'),
  'pointer.jsonl': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n',
  'other.jsonl': '{"question":"one","answer":"two"}\n',
  'mixed.jsonl': Buffer.concat([
    Buffer.from(`${JSON.stringify(RECORD)}\n\nnot json at all\n`),
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0x0a]),
    Buffer.from(`[1,2]\n${JSON.stringify({ ...RECORD, id: 'r2' })}`),
  ]),
  'hostile.jsonl': `${JSON.stringify({
    ...RECORD,
    source: { instruction: HOSTILE, input: HOSTILE, output: HOSTILE },
    target: { instruction: HOSTILE, input: '', output: HOSTILE },
    note: HOSTILE,
  })}\n`,
};

describe('bad input', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(folder, name), content);
    bench = await openWorkbench({
      folder,
      settings: {
        'crossalpaca.reviewer': 'anna',
        'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review' },
      },
    });
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  const refused: Record<string, RegExp> = {
    'empty.jsonl': /is empty: there is nothing to review/,
    'utf16.jsonl': /is encoded as UTF-16\. Save it as UTF-8/,
    'pointer.jsonl': /is only a Git LFS pointer.*git lfs pull/s,
    'other.jsonl':
      /No record was recognised.*Line 1: No source and target found\. The members are: question, answer/s,
  };
  for (const [name, message] of Object.entries(refused)) {
    it(`says what is wrong with ${name}, and writes nothing`, async () => {
      await openFile(name);
      const alert = bench.frame.locator('.fatal [role=alert]');
      await alert.waitFor();
      assert.match(await alert.innerText(), message);
      assert.deepEqual((await readdir(folder)).sort(), Object.keys(FILES).sort());
    });
  }

  it('shows bad lines in their place, counts them, and goes on with the rest', async () => {
    await openFile('mixed.jsonl');
    await bench.frame.getByText('Lines that are not records: 3').waitFor();
    const rows = await bench.frame.getByRole('option').allInnerTexts();
    assert.equal(rows.length, 5);
    assert.match(rows[1]!, /Not valid JSON/);
    assert.match(rows[2]!, /Not valid UTF-8 at byte 3/);
    assert.match(rows[3]!, /Not a record: the line holds no JSON object/);
    await bench.frame.getByRole('option').nth(1).click();
    await bench.frame.getByRole('heading', { name: 'line 3' }).waitFor();
    assert.equal(await bench.frame.locator('.raw').innerText(), 'not json at all');
    await bench.frame.getByRole('option').nth(4).click();
    await bench.frame.getByRole('heading', { name: 'r2@de' }).waitFor();
    await bench.screenshot('bad-lines');
  });

  it('shows hostile text as text', async () => {
    await openFile('hostile.jsonl');
    const source = bench.frame.getByRole('group', { name: 'instruction, English' });
    await source.waitFor();
    assert.equal(await source.innerText(), HOSTILE);
    assert.equal(await bench.frame.locator('main img, main script, main style').count(), 0);
    assert.deepEqual(bench.cspReports, []);
  });

  it('says so when nothing can be written, pretends no decision, and recovers', async () => {
    await openFile('mixed.jsonl');
    await bench.frame.getByRole('option').first().click();
    await bench.frame.getByRole('heading', { name: 'r1@de' }).waitFor();
    // A file where the folder must be: no rights to change, so it holds for the superuser too.
    await writeFile(join(folder, '.crossalpaca'), '');
    await bench.frame.getByRole('listbox').focus();
    await bench.press('a');
    await bench.frame.getByText('Your decision was not saved').first().waitFor();
    await bench.frame.locator('.title').getByText('To review').waitFor();
    assert.equal(await bench.frame.locator('textarea[data-field="output"]').evaluate(isReadonly), true);
    await bench.screenshot('not-saved');
    await rm(join(folder, '.crossalpaca'));
    // Another look is taken when the page comes back.
    await openFile('hostile.jsonl');
    await openFile('mixed.jsonl');
    await bench.frame.getByText('Your decision was not saved').first().waitFor({ state: 'hidden' });
    await bench.frame.getByRole('listbox').focus();
    await bench.press('a');
    await bench.frame.getByText('1 of 2 approved').waitFor();
    const ledger = await readFile(join(folder, '.crossalpaca/mixed.jsonl/anna/local.jsonl'), 'utf8');
    assert.equal(ledger.trimEnd().split('\n').length, 1);
  });

  async function openFile(name: string): Promise<void> {
    const input = bench.page.locator('.quick-input-widget:visible input[type="text"]');
    // A key pressed while one page gives way to another reaches neither.
    while (!(await input.isVisible())) {
      await bench.press('Control+p');
      await bench.page.waitForTimeout(300);
    }
    await input.fill(name);
    await bench.page.locator('.quick-input-widget .monaco-list-row', { hasText: name }).first().click();
    await bench.page.locator('.tab.active', { hasText: name }).waitFor();
  }
});

/** In the page. */
function isReadonly(box: unknown): boolean {
  return (box as { readOnly: boolean }).readOnly;
}
