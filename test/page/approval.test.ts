/** Review by several people, as one of them lives it: reasons, disputes, conflicts, proposals, comments, many records at once. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EventId, NewEvent } from '../../src/core/events';
import { fingerprint } from '../../src/core/record';
import { sha256 } from '../helpers/builders';
import { decisionOn, editOf, printOf, unitOf, writeReviews } from '../helpers/writtenReviews';
import { counts, finds, focusList, marked, shows, until, violations } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const WELL = 'Das ist der rote Apfel aus dem Garten.';

function line(id: string, output = WELL): string {
  const side = (instruction: string, text: string) => ({ instruction, input: '', output: text });
  return JSON.stringify({
    id,
    source: side(`Name the fruit called ${id}.`, 'This is the red apple from the garden.'),
    target: side(`Nenne die Frucht namens ${id}.`, output),
    source_lang: 'en',
    target_lang: 'de',
  });
}

const lines = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => line(`${letter}${index + 1}`));

/** In this folder anna settles disputes, and gast has no say. */
const TEAM = lines('t', 12);
/** A second approval is needed; the policy has a reason of its own. */
const PLAIN = lines('p', 9);
const ENGLISH = 'The quick brown fox jumps over the lazy dog while the children are playing in the garden.';
PLAIN[8] = line('p9', ENGLISH);
/** Nobody sees what others did before deciding. */
const BLIND = lines('b', 2);
/** More than a page of a preview. */
const MANY = lines('m', 60);
MANY[3] = line('m4', 'Eine grüne Birne.');
MANY[7] = line('m8', 'Zwei grüne Birnen.');

/** Too many to read: three of them are looked at. */
const SAMPLED = lines('s', 20);

const POLICIES = {
  sampled: { sample: { size: 3, seed: 'spring', atMost: 0.7 } },
  team: { reviewers: ['anna', 'ben', 'carl'], adjudicators: ['anna'] },
  plain: { reasons: ['meaning', 'term', { id: 'house-style', label: 'Against our house style' }] },
  blind: { blind: true },
  many: {},
};

/** A proposal, or an edit, of the instruction of the source. */
function sourceEditOf(row: string, instruction: string): NewEvent {
  const { key, source, target } = unitOf(row);
  const after = source.map(each => (each.name === 'instruction' ? { ...each, text: instruction } : each));
  const fields = [{ side: 'source' as const, name: 'instruction', text: instruction }];
  const result = fingerprint(after, target, sha256);
  return { key, line: 1, type: 'edit', fields, parents: [], base: printOf(row), result };
}

describe('review by several people', () => {
  let folder: string;
  let bench: Workbench;
  /** Keys pressed since the last time that they were asked for. */
  let pressed = 0;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    const shards = { team: TEAM, plain: PLAIN, blind: BLIND, many: MANY, sampled: SAMPLED };
    for (const [name, rows] of Object.entries(shards)) {
      await write(
        `${name}/.crossalpaca/policy.json`,
        JSON.stringify(POLICIES[name as keyof typeof POLICIES]),
      );
      await write(`${name}/${name}.jsonl`, rows.map(row => `${row}\n`).join(''));
    }
    const shard = (name: string) => join(folder, name, `${name}.jsonl`);
    const [, , t3, t4, t5, t6, t7] = TEAM as [string, string, string, string, string, string, string];
    writeReviews(shard('team'), { by: 'gast' }, [editOf(t3, 'Das ist der gelbe Apfel aus dem Garten.')]);
    writeReviews(shard('team'), { by: 'ben' }, [
      decisionOn(t4, 'approve', { note: 'Reads well.' }),
      decisionOn(t5, 'approve'),
      editOf(t6, 'Das ist der grüne Apfel aus dem Garten.'),
      editOf(t7, 'Das ist der alte Apfel aus dem Garten.'),
    ]);
    writeReviews(shard('team'), { by: 'carl' }, [
      decisionOn(t4, 'reject', { reasons: ['term'] }),
      decisionOn(t5, 'needs-work', { reasons: ['fluency'] }),
      editOf(t6, 'Das ist der blaue Apfel aus dem Garten.'),
      editOf(t7, 'Das ist der junge Apfel aus dem Garten.'),
    ]);
    const [p1, , , p4, p5, , p7] = PLAIN as [string, string, string, string, string, string, string];
    writeReviews(shard('plain'), { by: 'ben' }, [
      decisionOn(p1, 'reject', { reasons: ['house-style'], note: 'See the guidelines.' }),
      { key: unitOf(p4).key, line: 4, type: 'comment', text: 'Is this a <b>red</b> apple?' },
      decisionOn(p5, 'approve'),
      editOf(p7, 'Das ist der kleine Apfel aus dem Garten.'),
    ]);
    writeReviews(shard('plain'), { by: 'carl' }, [sourceEditOf(p5, 'Name the tree called p5.')]);
    writeReviews(shard('blind'), { by: 'ben' }, [
      decisionOn(BLIND[0]!, 'reject', { note: 'I do not like it.' }),
    ]);
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

  describe('acceptance by sample', () => {
    before(() => open('sampled'));

    it('shows the sample and the bound as it grows, and then accepts all that nobody looked at', async () => {
      const sample = bench.frame.getByTitle('Show the records of the sample');
      await sample
        .getByText(
          'Sample: 0 of 3 decided, 0 wrong so far: at most 100 % of all are wrong, at 95 % confidence.',
        )
        .waitFor();
      await sample.click();
      await counts(bench, 3);
      await focusList(bench);
      await press('Home');
      await shows(bench, 's4@de');
      await press('a');
      await sample.getByText('1 of 3 decided, 0 wrong so far: at most 95 %').waitFor();
      await shows(bench, 's7@de');
      await press('a');
      await sample.getByText('2 of 3 decided').waitFor();
      await shows(bench, 's13@de');
      await press('a');
      await sample
        .getByText('Accepted by sample, 0 of 3 wrong: at most 63.2 % of all are wrong, at 95 % confidence.')
        .waitFor();
      await finds(bench, 'state:accepted-by-sample', 17);
      await bench.frame.locator('.badge', { hasText: 'Accepted by sample' }).waitFor();
      await bench.frame.getByText('3 of 20 approved, 17 more by sample').waitFor();
      await bench.screenshot('accepted-by-sample');
      await focusList(bench);
      await press('x');
      await press('Enter');
      await bench.frame.locator('.badge', { hasText: 'Rejected' }).waitFor();
      // One that nobody drew says nothing about the others.
      await finds(bench, 'state:accepted-by-sample', 16);
    });
  });

  describe('decisions', () => {
    before(() => open('team'));

    it('take one key for a clean record', async () => {
      await goTo('t1');
      await press('a');
      await shows(bench, 't2@de');
      assert.equal(pressedKeys(), 1);
      assert.equal((await last('team'))['decision'], 'approve');
    });

    it('take two keys to take a fix and approve it', async () => {
      await goTo('t3');
      await bench.frame.getByText('gast proposes').waitFor();
      assert.deepEqual(await bench.frame.locator('.proposal ins').allInnerTexts(), ['gelbe']);
      await press('v');
      await press('a');
      await shows(bench, 't4@de');
      assert.equal(pressedKeys(), 2);
      await goTo('t3');
      await shows(bench, 't3@de', 'Approved');
      assert.equal(await output().inputValue(), 'Das ist der gelbe Apfel aus dem Garten.');
    });

    it('say so where there is no fix to take', async () => {
      await goTo('t2');
      await press('v');
      await alert('Nothing is proposed for this record').waitFor();
    });

    it('show who decided what and why', async () => {
      await goTo('t4');
      await shows(bench, 't4@de', 'Disputed');
      const said = bench.frame.getByRole('list', { name: 'Decisions' });
      assert.match(await said.innerText(), /ben: approved.*Reads well\..*carl: rejected.*Wrong term/s);
      await bench.screenshot('dispute');
    });

    it('take two keys to settle a dispute by approval, and not without a reason', async () => {
      await press('a');
      await panel('Approve: why?').waitFor();
      await press('Enter');
      await panel('Approve: why?').getByText('you settle it').waitFor();
      assert.equal((await events('team')).filter(each => each['key'] === 't4@de').length, 0);
      await press('Escape');
      pressedKeys();
      await press('a');
      await press('1');
      await shows(bench, 't5@de');
      assert.equal(pressedKeys(), 2);
      const decision = await last('team');
      assert.deepEqual(
        [decision['key'], decision['decision'], decision['reasons']],
        ['t4@de', 'approve', ['meaning']],
      );
      assert.equal((decision['settles'] as EventId[]).length, 1);
    });

    it('take two keys to settle a dispute by rejection', async () => {
      await goTo('t5');
      await shows(bench, 't5@de', 'Disputed');
      await press('x');
      await press('6');
      await shows(bench, 't6@de');
      assert.equal(pressedKeys(), 2);
      await goTo('t5');
      await shows(bench, 't5@de', 'Rejected');
      assert.deepEqual((await last('team'))['reasons'], ['term']);
    });

    it('take two keys to settle a conflict', async () => {
      await goTo('t6');
      await shows(bench, 't6@de', 'Conflict');
      const [first, second] = await bench.frame.locator('.rival').allInnerTexts();
      assert.match(first!, /^Text 1, by /);
      const colour = (text: string | undefined) => ['grüne', 'blaue'].find(each => text?.includes(each));
      const inDifference = await bench.frame.locator('.rival ins').allInnerTexts();
      assert.deepEqual(inDifference, [colour(second?.replace(colour(first)!, ''))]);
      await press('2');
      await press('a');
      await shows(bench, 't7@de');
      assert.equal(pressedKeys(), 2);
      await goTo('t6');
      await shows(bench, 't6@de', 'Approved');
      assert.equal(await output().inputValue(), `Das ist der ${inDifference[0]} Apfel aus dem Garten.`);
    });

    it('say that a text of a conflict must be chosen first, and show the one that is', async () => {
      await goTo('t7');
      await press('a');
      await alert('Choose one of the texts').waitFor();
      await press('1');
      await bench.frame.locator('.rival.chosen').waitFor();
      await bench.frame.getByRole('button', { name: 'Chosen' }).waitFor();
      await bench.screenshot('conflict');
      await bench.frame.getByRole('button', { name: 'Choose Text 2' }).click();
      await bench.frame.locator('.rival').nth(1).getByRole('button', { name: 'Chosen' }).waitFor();
      assert.equal(await bench.frame.locator('.rival.chosen').count(), 1);
    });

    it('say in one key that the source is at fault', async () => {
      await goTo('t8');
      await press('b');
      await shows(bench, 't9@de');
      assert.equal(pressedKeys(), 1);
      const { decision, reasons } = await last('team');
      assert.deepEqual([decision, reasons], ['needs-work', ['source-wrong']]);
    });
  });

  describe('the panel of reasons', () => {
    before(async () => {
      await open('team');
      await goTo('t9');
    });

    it('has all keys while it is open, and loses nothing when it is closed', async () => {
      const count = (await events('team')).length;
      await press('w');
      await panel('Needs work: why?').waitFor();
      await bench.screenshot('reasons');
      assert.deepEqual(await violations(bench), []);
      for (const key of ['a', 'x', 's', 'j', 'u', 'l']) await press(key);
      await press('ArrowDown');
      await press('ArrowDown');
      await press('Space');
      await press('Tab');
      await bench.page.keyboard.type('a second opinion');
      await press('Escape');
      await panel('Needs work: why?').waitFor({ state: 'hidden' });
      await bench.page.waitForTimeout(500);
      await shows(bench, 't9@de', 'To review');
      assert.equal((await events('team')).length, count);
      await press('w');
      await panel('Needs work: why?').waitFor();
      assert.deepEqual(
        await bench.frame.locator('[role=option][aria-selected=true]', { hasText: 'Omission' }).count(),
        1,
      );
      assert.equal(await bench.frame.getByLabel('Note').inputValue(), 'a second opinion');
    });

    it('decides with what is marked and the note on Enter, and goes to the next record', async () => {
      await bench.frame.getByRole('option', { name: 'Register' }).click();
      await press('Enter');
      await shows(bench, 't10@de');
      const { decision, reasons, note } = await last('team');
      assert.deepEqual(
        [decision, reasons, note],
        ['needs-work', ['omission', 'register'], 'a second opinion'],
      );
      // The list has the keys again.
      await bench.frame.locator('#queue:focus').waitFor();
    });

    it('needs no reason where nothing is in dispute', async () => {
      await press('x');
      await press('Enter');
      await shows(bench, 't11@de');
      const { key, decision, reasons } = await last('team');
      assert.deepEqual([key, decision, reasons], ['t10@de', 'reject', []]);
    });
  });

  describe('a reviewer who settles nothing', () => {
    before(() => open('plain'));

    it('is shown reasons of the policy by their labels, and can withdraw from a dispute', async () => {
      await goTo('p1');
      await bench.frame
        .getByRole('list', { name: 'Decisions' })
        .getByText('Against our house style')
        .waitFor();
      assert.equal(await bench.frame.getByRole('button', { name: 'Withdraw' }).count(), 0);
      await press('a');
      await shows(bench, 'p2@de');
      await goTo('p1');
      await shows(bench, 'p1@de', 'Disputed');
      await bench.frame.getByRole('button', { name: 'Withdraw My Decision' }).waitFor();
      await press('d');
      await shows(bench, 'p1@de', 'Rejected');
    });

    it('answers a comment, resolves the thread, and loses no answer on the way', async () => {
      await goTo('p4');
      await bench.frame.locator('.title').getByText('Open comments: 1').click();
      const thread = bench.frame.getByRole('region', { name: 'Comments begun by ben' });
      // As text: nothing of it is markup.
      await thread.getByText('Is this a <b>red</b> apple?').waitFor();
      await thread.getByRole('button', { name: 'Reply' }).click();
      await bench.frame.getByLabel('Reply to ben').and(bench.frame.locator(':focus')).waitFor();
      await bench.page.keyboard.type('Yes, it is');
      await press('Escape');
      await press('j');
      await shows(bench, 'p5@de');
      await press('k');
      await shows(bench, 'p4@de');
      const box = bench.frame.getByLabel('Reply to ben');
      assert.equal(await box.inputValue(), 'Yes, it is');
      await box.press('End');
      await bench.page.keyboard.type(' red.');
      await thread.getByRole('button', { name: 'Add Reply' }).click();
      await thread.getByText('Yes, it is red.').waitFor();
      const reply = await last('plain');
      const [, question] = await events('plain', 'ben');
      assert.deepEqual([reply['text'], reply['thread']], ['Yes, it is red.', question!['id']]);
      await thread.getByRole('button', { name: 'Resolve' }).click();
      await thread.getByText('resolved').waitFor();
      await bench.frame.getByText('Open comments').waitFor({ state: 'hidden' });
      assert.deepEqual(await violations(bench), []);
      await bench.screenshot('thread');
    });

    it('takes somebody’s change of the source, which makes an approval stale', async () => {
      await goTo('p5');
      await shows(bench, 'p5@de', 'Approved');
      await bench.frame.getByText('carl proposes').waitFor();
      assert.deepEqual(await bench.frame.locator('.proposal ins').allInnerTexts(), ['tree']);
      await press('v');
      await shows(bench, 'p5@de', 'Changed since approval');
      const source = bench.frame.getByRole('group', { name: 'instruction, English' });
      assert.equal(await source.innerText(), 'Name the tree called p5.');
      assert.deepEqual(await bench.frame.locator('.field .changes del').allInnerTexts(), ['fruit']);
    });

    it('proposes a change of the source with P', async () => {
      await goTo('p6');
      await bench.frame.getByRole('button', { name: 'output' }).first().isVisible();
      await press('p');
      const box = bench.frame.locator('textarea[data-source-field="output"]');
      await box.and(bench.frame.locator(':focus')).waitFor();
      await bench.frame.getByText('Your change of the source is a proposal').first().waitFor();
      await press('Control+End');
      await bench.page.keyboard.type(' It is ripe.');
      await press('Control+Enter');
      await bench.frame.getByText('anna proposes').waitFor();
      await shows(bench, 'p6@de');
      await box.waitFor({ state: 'hidden' });
      const group = bench.frame.getByRole('group', { name: 'output, English' });
      assert.equal(await group.innerText(), 'This is the red apple from the garden.');
      assert.deepEqual((await last('plain'))['fields'], [
        { side: 'source', name: 'output', text: 'This is the red apple from the garden. It is ripe.' },
      ]);
    });

    it('sees every version with its words, and restores one', async () => {
      await goTo('p7');
      assert.match(await output().inputValue(), /kleine/);
      await press('e');
      await bench.frame
        .locator('textarea[data-field="output"]:focus')
        .fill('Das ist der große Apfel aus dem Garten.');
      await press('Control+Enter');
      await until(async () => (await last('plain'))['type'] === 'edit');
      await bench.frame.getByRole('tab', { name: 'History' }).click();
      const entries = bench.frame.locator('[role=tabpanel] li');
      await until(async () => (await entries.count()) === 3);
      assert.deepEqual(await entries.nth(0).locator('del, ins').allInnerTexts(), ['kleine', 'große']);
      assert.deepEqual(await entries.nth(1).locator('del, ins').allInnerTexts(), ['rote', 'kleine']);
      await bench.screenshot('history');
      await entries.nth(1).getByRole('button', { name: 'Restore This Text' }).click();
      await until(async () => (await output().inputValue()).includes('kleine'));
      await press('u');
      await until(async () => (await output().inputValue()).includes('große'));
      assert.match(await entries.nth(1).innerText(), /taken back/);
      assert.equal(await entries.nth(1).locator('s').count(), 1);
      await entries.last().getByRole('button', { name: 'Restore This Text' }).click();
      await until(async () => (await output().inputValue()) === WELL);
      await bench.frame.locator('.changes').waitFor({ state: 'detached' });
    });

    it('sets a warning aside, with a reason', async () => {
      await goTo('p9');
      await bench.frame.getByRole('tab', { name: 'Warnings' }).click();
      const tab = bench.frame.getByRole('tabpanel');
      await tab.getByRole('button', { name: 'Ignore…' }).first().click();
      const dialog = bench.frame.getByRole('dialog', { name: 'Ignore this warning: why?' });
      await dialog.getByLabel('Why can this warning be ignored?').click();
      await bench.page.keyboard.type('A quotation');
      await press('Enter');
      await tab.getByText('No warnings for this record.').waitFor();
      const event = await last('plain');
      assert.deepEqual([event['type'], event['field'], event['reason']], ['ignore', 'output', 'A quotation']);
    });
  });

  it('hides what others decided until one has decided, where the policy is blind', async () => {
    await open('blind');
    await goTo('b1');
    await shows(bench, 'b1@de', 'To review');
    await bench.frame.getByText('are hidden until you have decided').waitFor();
    assert.equal(await bench.frame.getByText('I do not like it.').count(), 0);
    await press('a');
    await shows(bench, 'b2@de');
    await goTo('b1');
    await shows(bench, 'b1@de', 'Disputed');
    await bench.frame.getByRole('list', { name: 'Decisions' }).getByText('I do not like it.').waitFor();
  });

  describe('many records at once', () => {
    before(() => open('many'));

    it('are approved after a look, but for those unticked, and given back by one undo', async () => {
      await bench.runCommand('CrossAlpaca: Change All Records of the List');
      await offered('Approve…').click();
      const dialog = panel('Approve all records of the list');
      await dialog.getByText('Records ticked: 60 of 60.').waitFor();
      await dialog.getByText('1 to 50 of 60').waitFor();
      assert.deepEqual(await violations(bench), []);
      await bench.screenshot('bulk');
      await dialog.getByRole('button', { name: 'Next Page' }).click();
      await dialog.getByText('51 to 60 of 60').waitFor();
      const box = dialog.getByRole('checkbox', { name: 'm60@de' });
      await box.focus();
      await press('Space');
      await dialog.getByText('Records ticked: 59 of 60.').waitFor();
      await dialog.getByRole('button', { name: 'Do It (Records: 59)' }).click();
      await bench.frame.getByText('59 of 60 approved').waitFor();
      await bench.frame.getByText('Records changed: 59. Undo with U.').waitFor();
      assert.equal((await events('many')).length, 1, 'one event');
      await press('u');
      await bench.frame.getByText('0 of 60 approved').waitFor();
      assert.equal((await events('many')).length, 2);
    });

    it('stay as they are when the look is cancelled', async () => {
      await bench.runCommand('CrossAlpaca: Change All Records of the List');
      await offered('Approve…').click();
      const dialog = panel('Approve all records of the list');
      await dialog.getByText('Records ticked: 60 of 60.').waitFor();
      for (const key of ['a', 'x', 's']) await press(key);
      await press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      assert.equal((await events('many')).length, 2);
    });

    it('get a text found and replaced, each shown before', async () => {
      await finds(bench, 'apple OR Birne', 60);
      await press('m');
      const form = panel('Find and replace in all records of the list');
      await form.getByLabel('Find in the target texts').and(bench.frame.locator(':focus')).waitFor();
      await bench.page.keyboard.type('grüne');
      await press('Tab');
      await bench.page.keyboard.type('gelbe');
      await press('Enter');
      const dialog = panel('Replace “grüne” with “gelbe”');
      await dialog.getByText('Records ticked: 2 of 2.').waitFor();
      assert.deepEqual(await dialog.locator('del').allInnerTexts(), ['grüne', 'grüne']);
      assert.deepEqual(await dialog.locator('ins').allInnerTexts(), ['gelbe', 'gelbe']);
      await bench.screenshot('replace');
      await dialog.getByRole('checkbox', { name: 'm8@de' }).click();
      await dialog.getByRole('button', { name: 'Do It (Records: 1)' }).click();
      await bench.frame.getByText('Records changed: 1.').waitFor();
      await goTo('m4');
      await until(async () => (await output().inputValue()) === 'Eine gelbe Birne.');
      await goTo('m8');
      assert.equal(await output().inputValue(), 'Zwei grüne Birnen.');
      await press('u');
      await shows(bench, 'm4@de');
      assert.equal(await output().inputValue(), 'Eine grüne Birne.');
    });

    it('keep the bar at the top within a narrow window', async () => {
      await bench.page.setViewportSize({ width: 900, height: 700 });
      const header = bench.frame.locator('header');
      const wide = await header.evaluate(element => {
        const { scrollWidth, clientWidth } = element as unknown as {
          scrollWidth: number;
          clientWidth: number;
        };
        return scrollWidth - clientWidth;
      });
      assert.equal(wide, 0);
      await bench.screenshot('narrow');
      await bench.page.setViewportSize({ width: 1400, height: 900 });
    });
  });

  it('did all that under its content security policy', () => {
    assert.deepEqual(bench.cspReports, []);
  });

  const output = () => bench.frame.locator('textarea[data-field="output"]');
  const alert = (text: string) => bench.frame.getByRole('alert').filter({ hasText: text });
  const panel = (name: string) => bench.frame.getByRole('dialog', { name });
  const offered = (label: string) =>
    bench.page.locator('.quick-input-widget:visible .monaco-list-row', {
      has: bench.page.getByText(label, { exact: true }),
    });

  async function press(key: string): Promise<void> {
    pressed++;
    await bench.press(key);
  }

  function pressedKeys(): number {
    const count = pressed;
    pressed = 0;
    return count;
  }

  async function open(name: string): Promise<void> {
    const tab = bench.page.locator('.tab.active', { hasText: `${name}.jsonl` });
    await bench.press('Control+p');
    const input = bench.page.locator('.quick-input-widget:visible input[type="text"]');
    await input.fill(`${name}.jsonl`);
    await bench.page
      .locator('.quick-input-widget:visible .monaco-list-row', { hasText: `${name}.jsonl` })
      .first()
      .waitFor();
    await bench.press('Enter');
    await tab.waitFor();
    await bench.frame.getByRole('heading', { name: `${name}.jsonl`, exact: true }).waitFor();
    await bench.frame.locator('.title').waitFor();
    await focusList(bench);
  }

  /** By its place in the list, which is the number in the id. */
  async function goTo(id: string): Promise<void> {
    await focusList(bench);
    const wanted = Number(id.slice(1));
    for (;;) {
      const { position } = await marked(bench);
      if (position === wanted) break;
      await bench.press(position < wanted ? 'ArrowDown' : 'ArrowUp');
      await until(async () => (await marked(bench)).position !== position);
    }
    await shows(bench, `${id}@de`);
    pressedKeys();
  }

  async function write(name: string, text: string): Promise<void> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  async function events(shard: string, by = 'anna'): Promise<Record<string, unknown>[]> {
    const file = join(
      folder,
      shard,
      '.crossalpaca',
      `${shard}.jsonl`,
      by,
      by === 'anna' ? 'local.jsonl' : 'aaaaaa.jsonl',
    );
    const text = await readFile(file, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(each => each !== '')
      .map(each => JSON.parse(each) as Record<string, unknown>);
  }

  const last = async (shard: string) => (await events(shard)).at(-1) ?? {};
});
