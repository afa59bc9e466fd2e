import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import {
  decodeEvent,
  encodeEvent,
  eventsOf,
  type BulkEvent,
  type EventId,
  type ReviewEvent,
} from '../../src/core/events';
import { byOrder, type EventFacts } from '../../src/core/eventFacts';
import type { UnitKey } from '../../src/core/record';
import type { Ledgers } from '../../src/io/ledger';
import { asPart, assign, bulk, comment, decide, edit, ignore } from '../helpers/builders';
import {
  ANNA,
  BELA,
  comment as newComment,
  commentLine,
  edit as editOutput,
  good,
  inTempFolder,
  KEY,
  ledgerOf,
  outputOf,
  place,
  readLedgers,
  single,
  targetOf,
  tempFolder,
  textsOf,
  userError,
  withTexts,
  writeLedger,
  writtenIn,
} from '../helpers/shardFixture';

type Line = ReviewEvent | BulkEvent;

/** Any UTF-16, halves of surrogate pairs included, and what looks like the end of a line or of an event. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map(units => String.fromCharCode(...units)),
  fc.constantFrom('a\r\nb', '\u2028', '\uFEFF', ' \u00a0', '"}\n{"v":1}', '\u0000', '😀'.repeat(50)),
  // Beyond what is read at one go, together with others.
  fc.constantFrom('x'.repeat(20_000), '本'.repeat(300_000)),
);
const keys = ['r1@de', 'größe@zh'] as UnitKey[];
const anySaid = fc.oneof(
  anyText.map(text => comment('', text)),
  anyText.map(text => decide('', 'approve', 'R0', [], { note: text, target: [['output', text]] })),
  anyText.map(text => edit('', 'A', { fields: [{ side: 'target', name: 'output', text }] })),
  anyText.map(text => ({ ...ignore('', 'language-wrong', 'T'), reason: text })),
  fc.constantFrom('', 'bela', 'Ünal').map(to => assign('', to)),
);
const anyUnit = fc.tuple(anySaid, fc.constantFrom(...keys)).map(([event, key]) => ({ ...event, key }));
const anyLine: fc.Arbitrary<Line> = fc.oneof(
  { weight: 4, arbitrary: anyUnit },
  fc.array(anyUnit, { minLength: 1, maxLength: 5 }).map(events => bulk('', events.map(asPart))),
);
const writers = [ANNA, { ...ANNA, clone: 'aaaaab' }, BELA, { reviewer: 'çelik', clone: 'cccccc' }];

let made = 0;
/** As the next event of a writer. */
const next = (line: Line, by: string): Line => ({ ...line, by, id: `T${made++}` as EventId, seq: made });

/** What should come back of lines: each as it was written, in their order. */
const expected = (lines: readonly Line[]) =>
  lines
    .flatMap(line => {
      const decoded = decodeEvent(encodeEvent(line));
      assert.ok(decoded.ok);
      return [...eventsOf(decoded.event)];
    })
    .sort(byOrder);

/** How many reads of files `work` takes. */
async function readsOf(t: TestContext, work: () => Promise<unknown>): Promise<number> {
  const file = await open('/dev/null');
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  const { mock } = t.mock.method(prototype, 'read');
  await work();
  mock.restore();
  return mock.callCount();
}

describe('texts read from ledgers', () => {
  it('are those that were written, of any letters, in any of many ledgers, however their lines end', async () => {
    const ending = fc.constantFrom('\n', '\r\n', '\n\n', '\nrubbish\n', ' \n', '\n\uFEFF');
    const shape = fc.record({
      lines: fc.array(fc.tuple(anyLine, fc.nat(writers.length - 1), ending), { minLength: 1, maxLength: 12 }),
      lastEnd: fc.constantFrom('\n', '\r\n', '', '\r'),
    });
    await fc.assert(
      fc.asyncProperty(shape, fc.infiniteStream(fc.nat(99)), async ({ lines, lastEnd }, random) => {
        await inTempFolder(async folder => {
          const { shard } = place(folder);
          const written: Line[] = [];
          const files = new Map<string, string>();
          for (const [line, at, end] of lines) {
            const writer = writers[at]!;
            const whole = next(line, writer.reviewer);
            written.push(whole);
            const file = ledgerOf(shard, writer);
            files.set(file, `${files.get(file) ?? ''}${encodeEvent(whole)}${end}`);
          }
          for (const [file, text] of files) writeLedger(file, text.replace(/(\r?\n|\n\uFEFF)$/, lastEnd));
          const ledgers = await readLedgers(shard);
          const all = expected(written);
          assert.deepEqual(await writtenIn(ledgers), all);
          // All at once, and any of them in any order, some of them known by now.
          const facts = [...ledgers.all()];
          for (const again of [await readLedgers(shard), ledgers]) {
            const some = facts.filter(() => random.next().value < 50).sort(() => random.next().value - 50);
            const read = await again.read(some);
            assert.deepEqual(
              [...read.values()].sort(byOrder),
              all.filter(event => some.some(each => each.id === event.id)),
            );
            assert.deepEqual([...(await again.read(facts)).values()].sort(byOrder), all);
          }
        });
      }),
      { numRuns: 80 },
    );
  });

  it('are those of an event that was just appended, also behind a torn line and beside others', async t => {
    const { shard, file } = place(tempFolder(t));
    writeLedger(file, `${commentLine('A1', 'anna')}\n{"v":1,"id":"torn`);
    const ledgers = await readLedgers(shard);
    const first = await ledgers.append(ANNA, [newComment('é1'), newComment('漢2')]);
    const parts = [newComment('a'), newComment('b', 'r2@de' as UnitKey)];
    const second = await ledgers.append(ANNA, [
      { type: 'bulk', key: KEY, line: 1, events: parts },
      newComment('after'),
    ]);
    // Another window writes in between: then the ledger is read back.
    await (await readLedgers(shard)).append(ANNA, [newComment('elsewhere')]);
    const third = await ledgers.append(ANNA, [newComment('last')]);
    const own = [...first, ...second, ...third];
    assert.deepEqual(
      own.map(event => event.type === 'comment' && event.text),
      ['é1', '漢2', 'a', 'b', 'after', 'last'],
    );
    const kept = own.map(event => ledgers.get(event.key, event.id)!);
    assert.deepEqual(await withTexts(ledgers, kept), own);
    assert.deepEqual(await writtenIn(ledgers), await writtenIn(await readLedgers(shard)));
  });

  it('are read once for one action, and a few lines beside each other at one go', async t => {
    const { shard, file } = place(tempFolder(t));
    const lines = Array.from({ length: 100 }, (_, index) => commentLine(`A${index}`, 'anna'));
    writeLedger(file, `${lines.join('\n')}\n`);
    const ledgers = await readLedgers(shard);
    const all = [...ledgers.all()];
    assert.equal(await readsOf(t, () => ledgers.read(all)), 1);
    assert.equal(await readsOf(t, () => ledgers.read(all.toReversed())), 0);
    const far = `${commentLine('B', 'anna')}\n${'\n'.repeat(50_000)}${commentLine('C', 'anna')}\n`;
    appendFileSync(file, far);
    await ledgers.refresh();
    const ends = [...ledgers.all()].slice(-2);
    assert.equal(await readsOf(t, () => ledgers.read(ends)), 2, 'not all that lies between');
  });

  it('are right also of more events than are kept', async t => {
    const { shard, file } = place(tempFolder(t));
    const lines = Array.from({ length: 2500 }, (_, index) =>
      commentLine(`A${index}`, 'anna', { seq: index }),
    );
    writeLedger(file, `${lines.join('\n')}\n`);
    const ledgers = await readLedgers(shard);
    const all = [...ledgers.all()];
    for (let round = 0; round < 2; round++) {
      for (let from = 0; from < all.length; from += 300) {
        const some = all.slice(from, from + 300);
        const read = await ledgers.read(some);
        assert.deepEqual(
          some.map(({ id }) => read.get(id)),
          lines.slice(from, from + 300).map(line => JSON.parse(line) as unknown),
        );
      }
    }
  });

  it('leave no handle open', { skip: process.platform !== 'linux' }, async t => {
    const { shard, file } = place(tempFolder(t));
    writeLedger(file, `${commentLine('A1', 'anna')}\n`);
    const [ledgers, others] = [await readLedgers(shard), await readLedgers(shard)];
    const handles = () => readdirSync('/proc/self/fd').length;
    const before = handles();
    await ledgers.read(ledgers.all());
    writeLedger(file, 'another\n');
    await assert.rejects(others.read(others.all()), userError('ledger.changed'));
    assert.equal(handles(), before);
  });
});

const ONE = commentLine('A1', 'anna', { text: 'eins' });
const TWO = commentLine('A2', 'anna', { text: 'zwei', seq: 2 });
const THREE = commentLine('A3', 'anna', { text: 'drei', seq: 3 });

/** What git and people do to a ledger while it is open: how, and the texts that are there then. */
const changes: Readonly<Record<string, readonly [how: (file: string) => void, texts: readonly string[]]>> = {
  'another one in its place': [file => replace(file, `${THREE}\n`), ['drei']],
  'a line before its own': [file => replace(file, `${THREE}\n${ONE}\n${TWO}\n`), ['drei', 'eins', 'zwei']],
  'its lines in another order': [file => replace(file, `${TWO}\n${ONE}\n`), ['zwei', 'eins']],
  'its lines with other ends': [file => replace(file, `\r\n${ONE}\r\n${TWO}\r\n`), ['eins', 'zwei']],
  'other bytes in the same file': [file => writeFileSync(file, `${THREE}\n`), ['drei']],
  'marks of a half merge': [
    file => replace(file, `<<<<<<< HEAD\n${ONE}\n=======\n${TWO}\n>>>>>>> b\n`),
    ['eins', 'zwei'],
  ],
  'cut within its last line': [file => truncateSync(file, statSync(file).size - 5), ['eins']],
  'cut within its first line': [file => truncateSync(file, 20), []],
  'cut to nothing': [file => truncateSync(file, 0), []],
  deleted: [file => rmSync(file), []],
  'deleted with its folder': [file => rmSync(dirname(file), { recursive: true }), []],
  'all folders deleted': [file => rmSync(dirname(dirname(dirname(file))), { recursive: true }), []],
  rubbish: [file => replace(file, 'x'.repeat(5000)), []],
};

function replace(file: string, text: string): void {
  writeLedger(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}

async function opened(t: TestContext): Promise<{ ledgers: Ledgers; file: string; facts: EventFacts[] }> {
  const { shard, file } = place(tempFolder(t));
  writeLedger(file, `${ONE}\n${TWO}\n`);
  const ledgers = await readLedgers(shard);
  return { ledgers, file, facts: [...ledgers.eventsOf(KEY)] };
}

describe('a ledger that is another one than was read', () => {
  for (const [what, [how, texts]] of Object.entries(changes)) {
    it(`is said to be so, and read anew: ${what}`, async t => {
      const { ledgers, file, facts } = await opened(t);
      how(file);
      await assert.rejects(ledgers.read(facts), userError('ledger.changed'));
      // What is in memory still is what was there.
      assert.deepEqual(ledgers.eventsOf(KEY), facts);
      await ledgers.lookAgain();
      assert.deepEqual(await textsOf(ledgers), texts);
      assert.equal(await ledgers.refresh(), 'all', 'who asks what is new must be told');
    });
  }

  it('is still said to be so to whoever asks for what was there before', async t => {
    const { ledgers, file, facts } = await opened(t);
    replace(file, `${THREE}\n`);
    await ledgers.lookAgain();
    await assert.rejects(ledgers.read(facts), userError('ledger.changed'));
    assert.deepEqual(await textsOf(ledgers), ['drei']);
  });

  it('gives nothing of it for the whole: of several events all or none come back', async t => {
    const { ledgers, file, facts } = await opened(t);
    truncateSync(file, ONE.length + 1);
    await assert.rejects(ledgers.read(facts), userError('ledger.changed'));
    assert.deepEqual([...(await ledgers.read(facts.slice(0, 1))).values()], [JSON.parse(ONE)]);
  });

  it('is read on where it only grew', async t => {
    const { ledgers, file, facts } = await opened(t);
    appendFileSync(file, `${THREE}\n`);
    assert.deepEqual(
      [...(await ledgers.read(facts)).keys()],
      facts.map(each => each.id),
    );
    await ledgers.lookAgain();
    assert.deepEqual(await textsOf(ledgers), ['eins', 'zwei', 'drei']);
    assert.deepEqual(await ledgers.refresh(), new Set([KEY]));
  });

  it('is read when it is back', async t => {
    const { ledgers, file, facts } = await opened(t);
    renameSync(file, `${file}.away`);
    await assert.rejects(ledgers.read(facts), userError('ledger.changed'));
    renameSync(`${file}.away`, file);
    assert.deepEqual(await textsOf(ledgers), ['eins', 'zwei']);
  });

  it('is said to be unreadable where that is what it is', async t => {
    const { ledgers, file, facts } = await opened(t);
    rmSync(file);
    mkdirSync(file);
    await assert.rejects(ledgers.read(facts), userError('file.directory', 'ledger.changed'));
    await ledgers.lookAgain();
    assert.deepEqual(ledgers.eventsOf(KEY), []);
  });
});

describe('a record whose ledger is replaced while it is open', () => {
  const ledgerIn = (path: string) => ledgerOf(path, ANNA);

  it('is shown with the text that is there, before anybody looked again', async t => {
    const { session, path } = await single(t);
    await editOutput(session, 0, 'Ein roter Apfel.');
    const red = readFileSync(ledgerIn(path), 'utf8');
    await editOutput(session, 0, 'Ein grüner Apfel.');
    assert.equal(outputOf(await good(session, 0)), 'Ein grüner Apfel.');
    // So many others are read that its own text is not kept any more.
    for (let more = 0; more < 1001; more++)
      appendFileSync(ledgerIn(path), `${commentLine(`K${more}`, 'anna')}\n`);
    await session.refresh();
    await session.shard.ledgers.read(
      [...session.shard.ledgers.all()].filter(each => each.id.startsWith('K')),
    );
    replace(ledgerIn(path), `${commentLine('Z1', 'anna')}\n${red}`);
    assert.equal(outputOf(await good(session, 0)), 'Ein roter Apfel.');
  });

  it('is shown with the words that are there, also where nobody edited it', async t => {
    const { session, path } = await single(t);
    await session.comment(await targetOf(session, 0), 'Eins.');
    await session.comment(await targetOf(session, 0), 'Zwei.');
    const lines = readFileSync(ledgerIn(path), 'utf8').split('\n');
    const reopened = await single(t);
    writeLedger(ledgerIn(reopened.path), lines.join('\n'));
    await reopened.session.refresh();
    replace(ledgerIn(reopened.path), `${lines[1]}\n${lines[0]}\n`);
    const { comments } = await good(reopened.session, 0);
    assert.deepEqual(
      comments.map(({ text }) => text),
      ['Eins.', 'Zwei.'],
    );
  });
});

describe('the order of reading', () => {
  it('changes neither what is known of an event nor its text', async () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    /** Few ids and few texts, so that lines are repeated, and claim the id of others, also in the same length. */
    const line = fc.record({
      id: fc.constantFrom(...names),
      at: fc.nat(2),
      key: fc.constantFrom(...keys),
      text: fc.constantFrom('x', 'y', 'zz'),
      look: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 14 }), async lines => {
        await inTempFolder(async folder => {
          const { shard } = place(folder);
          const ledgers = await readLedgers(shard);
          for (const { id, at, key, text, look } of lines) {
            const writer = [{ ...ANNA, clone: 'zzzzzz' }, ANNA, BELA][at]!;
            const file = ledgerOf(shard, writer);
            mkdirSync(dirname(file), { recursive: true });
            appendFileSync(file, `${commentLine(id, writer.reviewer, { key, text })}\n`);
            if (look) await ledgers.refresh();
          }
          await ledgers.refresh();
          const fresh = await readLedgers(shard);
          const inAll = (a: EventFacts, b: EventFacts) => byOrder(a, b) || (a.key < b.key ? -1 : 1);
          const [ours, theirs] = [ledgers, fresh].map(each => [...each.all()].sort(inAll));
          assert.deepEqual(ours, theirs);
          assert.deepEqual(await withTexts(ledgers, ours!), await withTexts(fresh, theirs!));
        });
      }),
      { numRuns: 150 },
    );
  });
});
