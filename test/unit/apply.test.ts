import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { applyEdits, type ApplyReport } from '../../src/applying';
import type { Side, UnitKey } from '../../src/core/record';
import { copyPatched, type Patch } from '../../src/io/patchedCopy';
import type { Session } from '../../src/session';
import type { Loaded } from '../../src/units';
import {
  ANNA,
  approve,
  BELA,
  edit,
  eventsOf,
  good,
  inTempFolder,
  openSession,
  outputOf,
  pair,
  record,
  refresh,
  single,
  stateOf,
  tempFolder,
  userError,
  writePolicy,
  writeShard,
  type Cleanup,
} from '../helpers/shardFixture';
import { spelledRecord, textOf, type Hole, type SpelledRecord } from '../helpers/spelledRecords';

const read = (path: string) => readFileSync(path, 'latin1');
const copyOf = (path: string) => join(dirname(path), 'copy.jsonl');

/** The counts of a report, and the lines left with the reason. */
function summary({ rows, units, fields, unchanged, left }: ApplyReport) {
  return [rows, units, fields, unchanged, left.map(({ line, why }) => `${line} ${why}`).join(', ')];
}

/** Every unit of the shard, those of rows that are no records left out. */
async function unitsOf(session: Session): Promise<Loaded[]> {
  const rows = Array.from({ length: session.shard.facts.rows }, (_, row) => row);
  return (await session.shard.loadUnits(rows)).flatMap(({ units }) => units);
}

/** What a reviewer sees of each unit. */
async function seen(session: Session) {
  const shown = (await unitsOf(session)).map(({ unit, line, state, source, target }) => {
    const { heads, decisions, approvals, comments } = state;
    const done = [heads, decisions, comments].map(events => events.map(event => event.id));
    return [unit.key, line, state.state, state.fingerprint, source, target, approvals, ...done];
  });
  return [session.view().counts, session.shard.facts.orphans, ...shown];
}

/** Types a text into a field of any unit and leaves it. */
async function type(session: Session, key: UnitKey, row: number, side: Side, name: string, text: string) {
  const loaded = await session.shard.load(row, key);
  assert.ok(!('reason' in loaded));
  const target = { row, key, fingerprint: loaded.state.fingerprint };
  await session.draft(target, side, name, text);
  await session.commit(target);
}

/** Two clones that edit one field at the same time. */
async function rivalEdits(anna: Session, bela: Session, row: number): Promise<void> {
  const { key, fingerprint } = await good(anna, row);
  const target = { row, key, fingerprint };
  await anna.draft(target, 'target', 'output', 'Annas.');
  await bela.draft(target, 'target', 'output', 'Belas.');
  await anna.commit(target);
  await bela.commit(target);
  await refresh(anna);
  await refresh(bela);
}

/** One reviewer, whose edits of the source hold by themselves. */
async function withSourceEdits(t: TestContext, lines: readonly string[]) {
  const opened = await single(t, lines);
  writePolicy(opened.folder, { sourceEdits: 'yes' });
  await refresh(opened.session);
  return opened;
}

describe('apply', () => {
  it('writes current edits into a copy, and all else as it was', async t => {
    const { session, path } = await single(t);
    const before = read(path);
    await edit(session, 1, 'Neu – “neu”.');
    const report = await applyEdits(session.shard, { copy: copyOf(path) });
    assert.equal(read(path), before);
    const expected = readFileSync(path, 'utf8').replace('Eine Birne.', 'Neu – “neu”.');
    assert.equal(readFileSync(copyOf(path), 'utf8'), expected);
    assert.deepEqual(report, {
      ...{ rows: 1, units: 1, fields: 1, unchanged: 0, left: [] },
      bytes: statSync(copyOf(path)).size,
    });
  });

  it('writes the shard in place; then every state and text is as before, and nothing is left to apply', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Zuerst.');
    await edit(session, 0, 'Neu.');
    await approve(session, 0);
    await edit(session, 2, 'Auch neu.', 'input');
    const before = await seen(session);
    assert.deepEqual(summary(await applyEdits(session.shard, 'in-place')), [2, 2, 2, 0, '']);
    for (const each of [session, await openSession(t, path, ANNA)]) {
      await refresh(each);
      assert.deepEqual(await seen(each), before);
    }
    assert.equal(outputOf(await good(session, 0)), 'Neu.');
    assert.equal(await stateOf(session, 2), 'edited');
    const after = statSync(path, { bigint: true });
    assert.deepEqual(summary(await applyEdits(session.shard, 'in-place')), [0, 0, 0, 2, '']);
    assert.equal(statSync(path, { bigint: true }).mtimeNs, after.mtimeNs);
    assert.equal(statSync(path, { bigint: true }).ino, after.ino);
  });

  it('leaves an edit that was written into the file to be edited back, not undone', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Neu.');
    await applyEdits(session.shard, 'in-place');
    const events = eventsOf(session).length;
    assert.equal(await session.undo(), null);
    assert.equal(eventsOf(session).length, events);
    assert.equal(outputOf(await good(await openSession(t, path, BELA), 0)), 'Neu.');
  });

  it('takes an edit that was taken back for none', async t => {
    const { session, path } = await single(t);
    const before = read(path);
    await edit(session, 0, 'Neu.');
    await session.undo();
    assert.deepEqual(summary(await applyEdits(session.shard, 'in-place')), [0, 0, 0, 1, '']);
    assert.equal(read(path), before);
  });

  it('takes edits back out of the file when they are edited back', async t => {
    const { session, path } = await single(t);
    const before = read(path);
    await edit(session, 0, 'Neu.');
    await applyEdits(session.shard, 'in-place');
    await edit(session, 0, 'Ein Apfel.');
    assert.deepEqual(summary(await applyEdits(session.shard, 'in-place')), [1, 1, 1, 0, '']);
    assert.equal(read(path), before);
  });

  it('leaves conflicts, stale edits and orphans as they are, with their lines', async t => {
    const lines = ['r1', 'r2', 'r3', 'r4'].map(id => record(id, 'Ein Apfel.'));
    const { anna, bela, path } = await pair(t, [lines[0]!, '', ...lines.slice(1)]);
    for (const row of [1, 2, 3]) await edit(anna, row, `Neu ${row}.`);
    await rivalEdits(anna, bela, 0);
    // Row r2 changes by other hands, r3 goes.
    const file = [lines[0]!, '', record('r2', 'Anders.'), lines[3]!].map(line => `${line}\n`).join('');
    writeFileSync(path, file);
    await refresh(anna);
    const report = await applyEdits(anna.shard, 'in-place');
    assert.deepEqual(summary(report), [1, 1, 1, 0, '1 conflict, 3 stale, 4 orphan']);
    assert.deepEqual(
      report.left.map(({ key }) => key),
      ['r1@de', 'r2@de', 'r3@de'],
    );
    // And r4 is found, though no longer on its line.
    assert.equal(readFileSync(path, 'utf8'), file.replace(lines[3]!, record('r4', 'Neu 3.')));
  });

  it('writes the text that a conflict was settled for', async t => {
    const { anna, bela, path } = await pair(t);
    await rivalEdits(anna, bela, 0);
    const view = await good(anna, 0);
    const rival = view.rivals.find(({ by }) => by === 'bela')!;
    await anna.decide({ row: 0, key: view.key, fingerprint: rival.fingerprint }, 'approve');
    const before = await seen(anna);
    assert.deepEqual(summary(await applyEdits(anna.shard, 'in-place')), [1, 1, 1, 0, '']);
    assert.match(read(path), /Belas\./);
    await refresh(anna);
    assert.deepEqual(await seen(anna), before);
  });

  it('leaves a source edit that would part a record without id from its review', async t => {
    const line = '{"source":{"text":"Red"},"target":{"text":"Rot"},"source_lang":"en","target_lang":"de"}';
    const { session, path } = await withSourceEdits(t, [line]);
    const { key } = await good(session, 0);
    await type(session, key, 0, 'target', 'text', 'Röter');
    await type(session, key, 0, 'source', 'text', 'Redder');
    assert.deepEqual(summary(await applyEdits(session.shard, 'in-place')), [0, 0, 0, 0, '1 source']);
    assert.equal(readFileSync(path, 'utf8'), `${line}\n`);
  });

  it('writes a source edit that several languages share when all of them show it', async t => {
    const line = '{"id":"a","en_text":"Red","de_text":"Rot","it_text":"Rosso"}';
    const { session, path } = await withSourceEdits(t, [line]);
    await type(session, 'a@de' as UnitKey, 0, 'source', 'text', 'Blue');
    await type(session, 'a@it' as UnitKey, 0, 'target', 'text', 'Blu');
    const some = await applyEdits(session.shard, 'in-place');
    assert.deepEqual(summary(some), [1, 1, 1, 0, '1 source']);
    assert.equal(readFileSync(path, 'utf8'), `${line.replace('Rosso', 'Blu')}\n`);
    await type(session, 'a@it' as UnitKey, 0, 'source', 'text', 'Blue');
    const before = await seen(session);
    assert.deepEqual(summary(await applyEdits(session.shard, 'in-place')), [1, 2, 2, 0, '']);
    assert.equal(readFileSync(path, 'utf8'), `${line.replace('Rosso', 'Blu').replace('Red', 'Blue')}\n`);
    await refresh(session);
    assert.deepEqual(await seen(session), before);
  });

  it('does not write what a forged ledger says an edit led to', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Neu.');
    const ledger = join(dirname(path), '.crossalpaca', 'shard.jsonl', 'anna', 'aaaaaa.jsonl');
    writeFileSync(ledger, readFileSync(ledger, 'utf8').replace('Neu.', 'Gefälscht.'));
    const other = await openSession(t, path, BELA);
    assert.deepEqual(summary(await applyEdits(other.shard, 'in-place')), [0, 0, 0, 0, '1 conflict']);
    assert.doesNotMatch(read(path), /Gef/);
  });

  it('tells how far it is', async t => {
    const { session, path } = await single(t);
    const done: number[] = [];
    await applyEdits(session.shard, { copy: copyOf(path) }, { onProgress: bytes => done.push(bytes) });
    assert.deepEqual(done, [statSync(path).size]);
  });
});

describe('the file that results', () => {
  it('has the permissions of the shard', { skip: process.platform === 'win32' }, async t => {
    const { session, path } = await single(t);
    chmodSync(path, 0o640);
    await refresh(session);
    await edit(session, 0, 'Neu.');
    await applyEdits(session.shard, { copy: copyOf(path) });
    assert.equal(statSync(copyOf(path)).mode & 0o777, 0o640);
    await applyEdits(session.shard, 'in-place');
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  it('stands where a link leads; the link stays', { skip: process.platform === 'win32' }, async t => {
    const folder = tempFolder(t);
    const path = writeShard(join(folder, 'data'), [record('r1', 'Rot.')]);
    mkdirSync(join(folder, 'work'));
    const link = join(folder, 'work', 'shard.jsonl');
    symlinkSync(path, link);
    const session = await openSession(t, link, ANNA);
    await edit(session, 0, 'Neu.');
    await applyEdits(session.shard, 'in-place');
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(path, 'utf8'), `${record('r1', 'Neu.')}\n`);
    assert.deepEqual(readdirSync(dirname(path)), ['shard.jsonl']);
  });

  it('leaves another name of the old file as it was', async t => {
    const { session, path } = await single(t);
    const other = copyOf(path);
    linkSync(path, other);
    await refresh(session);
    const before = read(path);
    await edit(session, 0, 'Neu.');
    await applyEdits(session.shard, 'in-place');
    assert.equal(read(other), before);
  });

  it('replaces a copy that is there', async t => {
    const { session, path } = await single(t);
    writeFileSync(copyOf(path), 'old');
    await applyEdits(session.shard, { copy: copyOf(path) });
    assert.equal(read(copyOf(path)), read(path));
  });

  it('is no copy onto the shard, however that is spelled', async t => {
    const { session, path } = await single(t);
    const before = read(path);
    await edit(session, 0, 'Neu.');
    const link = copyOf(path);
    symlinkSync(path, link);
    for (const copy of [path, join(dirname(path), 'x', '..', 'shard.jsonl'), link]) {
      await assert.rejects(applyEdits(session.shard, { copy }), userError('apply.ontoShard'));
    }
    assert.equal(read(path), before);
  });
});

describe('where others corrupt a file when the last row is edited', () => {
  const odd = [
    '{"id":12345678901234567890,"n":1.0,"s":"caf\\u00e9 \\u0041","en_text":"a","de_text":"b"}',
    'not json at all',
    '',
    '{"id":2,"k":1,"k":2,"en_text":"a","de_text":"b"}',
  ];
  const last = (output: string, input = '"Text"') =>
    `{"id":"z","en_instruction":"i","en_input":"n","en_output":"o","de_instruction":"I","de_input":${input},"de_output":${output}}`;
  const write = (t: TestContext) => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, [...odd, last('"O"')].join('\n'));
    return path;
  };

  it('keeps a 20-digit id, needless escapes, 1.0, a malformed and a blank line, a repeated member, and no last newline', async t => {
    const path = write(t);
    const session = await openSession(t, path, ANNA);
    await edit(session, 3, 'Neu');
    await applyEdits(session.shard, 'in-place');
    assert.equal(readFileSync(path, 'utf8'), [...odd, last('"Neu"')].join('\n'));
  });

  it('clears a text to "" and not to null', async t => {
    const path = write(t);
    const session = await openSession(t, path, ANNA);
    await edit(session, 3, '', 'input');
    await applyEdits(session.shard, 'in-place');
    assert.equal(readFileSync(path, 'utf8'), [...odd, last('"O"', '""')].join('\n'));
  });

  it('writes a typed 42 as text', async t => {
    const path = write(t);
    const session = await openSession(t, path, ANNA);
    await edit(session, 3, '42');
    await applyEdits(session.shard, 'in-place');
    assert.equal(readFileSync(path, 'utf8'), [...odd, last('"42"')].join('\n'));
  });
});

/** A row of a random shard: a record, or the bytes of something else. */
type Row = SpelledRecord | Buffer;

interface Layout {
  readonly bom: boolean;
  readonly array: 'compact' | 'pretty' | undefined;
  readonly end: string;
  readonly lastEnd: boolean;
}

function fileOf(
  rows: readonly Row[],
  layout: Layout,
  change: (row: number, hole: Hole) => string | undefined,
) {
  const texts = rows.map((row, index) =>
    Buffer.isBuffer(row) ? row : Buffer.from(textOf(row, hole => change(index, hole))),
  );
  const [first, between, last] =
    layout.array === undefined
      ? ['', layout.end, layout.lastEnd ? layout.end : '']
      : layout.array === 'pretty'
        ? [`[${layout.end}  `, ` ,${layout.end}  `, `${layout.end}]${layout.lastEnd ? layout.end : ''}`]
        : ['[', ',', ']'];
  const pieces = texts.flatMap((text, index) => [...(index === 0 ? [] : [Buffer.from(between)]), text]);
  const bom = layout.bom ? [Buffer.from([0xef, 0xbb, 0xbf])] : [];
  return Buffer.concat([...bom, Buffer.from(first), ...pieces, Buffer.from(last)]);
}

const NO_RECORDS = ['not json at all', '', ' \t', '{"id":1', '[1, 2]', '{"id":"r0","text":"x"}', '12'].map(
  text => Buffer.from(text),
);
const NO_TEXT = Buffer.from([0x7b, 0xff, 0x22, 0xc3, 0x7d]);
const NO_RECORDS_IN_ARRAY = ['12', 'null', '[ [], {} ]', '{"id":"r0","text":"x"}', '"]"'].map(text =>
  Buffer.from(text),
);

interface Step {
  readonly do: 'edit' | 'rival' | 'approve' | 'undo';
  readonly by: number;
  readonly unit: number;
  readonly field: number;
  readonly text: string;
}

const steps = fc.array(
  fc.record<Step>({
    do: fc.constantFrom<Step['do'][]>('edit', 'edit', 'edit', 'edit', 'rival', 'approve', 'undo'),
    by: fc.nat(1),
    unit: fc.nat(20),
    field: fc.nat(5),
    text: fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constantFrom('', '42', 'ü/\n', '\ud800')),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Lets one of two reviewers, or both at once, do something to a unit, where it can be done. */
async function take(step: Step, sessions: readonly Session[]): Promise<void> {
  const session = sessions[step.by]!;
  for (const each of sessions) await refresh(each);
  if (step.do === 'undo') {
    // The other one may have edited the text since.
    const isRefused = userError('undo.editedSince');
    await session.undo().catch((error: unknown) => assert.ok(isRefused(error), String(error)));
    return;
  }
  const units = await unitsOf(session);
  const { row, unit, state } = units[step.unit % units.length]!;
  const target = { row, key: unit.key, fingerprint: state.fingerprint };
  if (state.state === 'conflict') return;
  if (step.do === 'approve') {
    await session.decide(target, 'approve');
    return;
  }
  const fields = [
    ...unit.target.map(({ name }) => ['target', name] as const),
    ['source', unit.source[0]!.name] as const,
  ];
  const [side, name] = fields[step.field % fields.length]!;
  const typing = step.do === 'rival' ? sessions : [session];
  for (const [index, each] of typing.entries())
    await each.draft(target, side, name, step.text + 'x'.repeat(index));
  for (const each of typing) await each.commit(target);
}

describe('apply on any shard', () => {
  /** What the rows should hold afterwards: the text shown, where one is settled and the row can take it. */
  async function expectedTexts(session: Session, rows: readonly Row[]) {
    const units = await unitsOf(session);
    return (row: number, hole: Hole): string | undefined => {
      const record = rows[row] as SpelledRecord;
      const mine = units.filter(each => each.row === indexed(rows, row));
      const shown = mine.find(each => hole.lang === undefined || each.unit.targetLang === hole.lang)!;
      const textIn = (loaded: Loaded, side: Side) => JSON.stringify(loaded[side]);
      const movesSource = (each: Loaded) => textIn(each, 'source') !== JSON.stringify(each.unit.source);
      const isStuck = (each: Loaded) =>
        movesSource(each) &&
        (!record.hasId || mine.some(other => textIn(other, 'source') !== textIn(each, 'source')));
      if (isStuck(shown)) return undefined;
      const text = shown[hole.side].find(field => field.name === hole.name)!.text;
      return text === hole.text ? undefined : text;
    };
  }

  /** The row that an entry of the layout is in the shard, which counts no blank lines. */
  function indexed(rows: readonly Row[], at: number): number {
    const isBlank = (row: Row) => Buffer.isBuffer(row) && row.toString('latin1').trim() === '';
    return at - rows.slice(0, at).filter(isBlank).length;
  }

  async function check(g: fc.GeneratorValue, walk: readonly Step[], folder: string, cleanup: Cleanup) {
    const layout: Layout = {
      bom: g(fc.boolean),
      array: g(fc.constantFrom<Layout['array'][]>, undefined, undefined, 'compact', 'pretty'),
      end: g(fc.constantFrom<string[]>, '\n', '\r\n'),
      lastEnd: g(fc.boolean),
    };
    const others = layout.array === undefined ? [...NO_RECORDS, NO_TEXT] : NO_RECORDS_IN_ARRAY;
    const rows = Array.from({ length: 1 + g(fc.nat, { max: 4 }) }, (_, index): Row => {
      if (index > 0 && g(fc.nat, { max: 3 }) === 0) return g(fc.constantFrom<Buffer[]>, ...others);
      const id = g(fc.boolean) ? `r${index}` : undefined;
      return spelledRecord(g, { id, seen: String(index), breaks: layout.array !== undefined });
    });
    const path = join(folder, 'shard.jsonl');
    const before = fileOf(rows, layout, () => undefined);
    writeFileSync(path, before);
    const sessions = [await openSession(cleanup, path, ANNA), await openSession(cleanup, path, BELA)];
    for (const step of walk) await take(step, sessions);
    const [session] = sessions as [Session];
    await refresh(session);

    const expected = fileOf(rows, layout, await expectedTexts(session, rows));
    const shown = await seen(session);
    const copied = await applyEdits(session.shard, { copy: copyOf(path) });
    assert.equal(read(copyOf(path)), expected.toString('latin1'));
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(await applyEdits(session.shard, 'in-place'), copied);
    assert.equal(read(path), expected.toString('latin1'));
    assert.equal(copied.bytes, expected.length);
    for (const each of [session, await openSession(cleanup, path, BELA)]) {
      await refresh(each);
      assert.deepEqual(await seen(each), shown);
      const again = await applyEdits(each.shard, 'in-place');
      assert.equal(again.rows, 0);
      assert.equal(again.unchanged, copied.unchanged + copied.units);
      assert.deepEqual(again.left, copied.left);
    }
    assert.equal(read(path), expected.toString('latin1'));
    return copied;
  }

  it('changes the edited values and no other byte, no state and no text, and the second time nothing', async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(fc.gen(), steps, async (g, walk) => {
        await inTempFolder(async (folder, cleanup) => {
          written += (await check(g, walk, folder, cleanup)).rows;
        });
      }),
      { numRuns: 60, includeErrorInReport: true },
    );
    assert.ok(written > 20, `only ${written} rows were written`);
  });
});

it('copies a file of many pieces with patches anywhere, also across their ends and where writes take in a part', async t => {
  const folder = tempFolder(t);
  const piece = 4 << 20;
  const bytes = Buffer.alloc(2 * piece + 1000, 'The quick brown fox. ');
  const from = join(folder, 'from');
  writeFileSync(from, bytes);
  const place = fc.oneof(
    fc.nat(bytes.length - 1),
    fc.nat(8).map(near => piece - 4 + near),
    fc.nat(8).map(near => 2 * piece - 4 + near),
  );
  const some = fc.record({
    start: place,
    length: fc.oneof(fc.nat(9), fc.nat(piece * 2)),
    text: fc.string({ minLength: 1, maxLength: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(some, { maxLength: 6 }), fc.boolean(), async (places, isShort) => {
      const patches: Patch[] = [];
      for (const { start, length, text } of places.sort((a, b) => a.start - b.start)) {
        if (start < (patches.at(-1)?.end ?? 0)) continue;
        patches.push({ start, end: Math.min(start + length, bytes.length), bytes: Buffer.from(text) });
      }
      let [expected, at] = [[] as Uint8Array[], 0];
      for (const { start, end, bytes: text } of patches) {
        expected = [...expected, bytes.subarray(at, start), text];
        at = end;
      }
      const whole = Buffer.concat([...expected, bytes.subarray(at)]);
      const to = join(folder, 'to');
      const [input, output] = [await open(from), await open(to, 'w')];
      const original = { file: input, size: bytes.length, path: from };
      async function* given() {
        for (const patch of patches) yield Promise.resolve(patch);
      }
      const short = {
        writev: ([part]: Uint8Array[]) => output.write(part!, 0, Math.ceil(part!.length / 2)),
      };
      const taking = isShort ? (short as unknown as FileHandle) : output;
      assert.equal(await copyPatched(original, taking, given()), whole.length);
      await input.close();
      await output.close();
      assert.ok(readFileSync(to).equals(whole));
    }),
    { numRuns: 20 },
  );
});
