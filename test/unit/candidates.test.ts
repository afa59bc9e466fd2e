import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { UnitKey } from '../../src/core/record';
import { Candidates, type Candidate } from '../../src/io/candidates';
import { Ledgers } from '../../src/io/ledger';
import { print } from '../helpers/builders';
import {
  contentsOf,
  inTempFolder,
  onSmallDisk,
  tempFolder,
  testClock,
  userError,
} from '../helpers/shardFixture';

const KEY = 'r1@de' as UnitKey;
const OTHER = 'r2@de' as UnitKey;
const NOW = print('now');

function candidate(id: string, more: Partial<Candidate> = {}): Candidate {
  return {
    ...{ id, key: KEY, mode: 'translate', texts: [['output', `text of ${id}`]], fingerprint: NOW },
    ...{ advice: '', problems: [], model: 'tiny', prompt: '0123456789abcdef' },
    ...{ parameters: { temperature: 0, seed: 0 }, ...more },
  };
}

function placeIn(folder: string): { ledgers: Ledgers; file: string } {
  const ledgers = new Ledgers(join(folder, 'shard.jsonl'), testClock());
  return { ledgers, file: join(ledgers.folder, 'candidates', 'aaaaaa.jsonl') };
}

function writeLines(file: string, lines: readonly unknown[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line)));
  appendFileSync(file, `${text.join('\n')}\n`);
}

const openAt = (ledgers: Ledgers) => Candidates.open(ledgers, 'aaaaaa');
const idsOf = async (candidates: Candidates, key = KEY) => (await candidates.of(key)).map(({ id }) => id);

describe('candidates', () => {
  it('survive reopening, except those that were discarded', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    assert.equal(existsSync(dirname(file)), false, 'opening writes nothing');
    const kept = candidate('C2', {
      texts: [
        ['instruction', 'zwei\n\u2028 \ud800'],
        ['output', ''],
      ],
      problems: [{ id: 'prompt.lost', args: ['output', '{x}'] }],
      ...{ finding: 'placeholders', run: 'R1', mode: 'answer', advice: 'förmlicher' },
    });
    await candidates.add(candidate('C1'));
    await candidates.add(kept);
    await candidates.add(candidate('C3', { key: OTHER }));
    await candidates.discard(candidate('C1'));
    for (const each of [candidates, await openAt(ledgers)]) {
      assert.deepEqual(await each.of(KEY), [kept]);
      assert.equal(await each.get(KEY, 'C1'), undefined);
      assert.deepEqual(await each.get(KEY, 'C2'), kept);
      assert.equal(await each.get(OTHER, 'C2'), undefined);
      assert.deepEqual(await idsOf(each, OTHER), ['C3']);
      assert.deepEqual(
        [...each.units()],
        [
          [KEY, NOW],
          [OTHER, NOW],
        ],
      );
    }
  });

  it('are known by the text that they were made from, without being read', async t => {
    const { ledgers } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    await candidates.add(candidate('C1'));
    assert.deepEqual(
      [
        candidates.has(KEY),
        candidates.has(KEY, NOW),
        candidates.has(KEY, print('then')),
        candidates.has(OTHER),
      ],
      [true, true, false, false],
    );
    await candidates.discard(candidate('C1'));
    assert.deepEqual([candidates.has(KEY), [...candidates.units()]], [false, []]);
  });

  it('take in what another window, another clone or the command line wrote', async t => {
    const { ledgers } = placeIn(tempFolder(t));
    const mine = await openAt(ledgers);
    const others = [
      await openAt(ledgers),
      await Candidates.open(ledgers, 'bbbbbb'),
      await Candidates.open(ledgers),
    ];
    await Promise.all([mine, ...others].map((each, index) => each.add(candidate(`C${index}`))));
    for (const each of [mine, ...others]) {
      await each.refresh();
      assert.deepEqual((await idsOf(each)).sort(), ['C0', 'C1', 'C2', 'C3']);
    }
    const files = readdirSync(join(ledgers.folder, 'candidates')).sort();
    assert.deepEqual(files, ['aaaaaa.jsonl', 'bbbbbb.jsonl', 'local.jsonl']);
    await others[1]!.discard(candidate('C0'));
    await mine.refresh();
    assert.deepEqual((await idsOf(mine)).sort(), ['C1', 'C2', 'C3'], 'discarded by another clone');
  });

  it('are gone where their folder is, and come back with what is written then', async t => {
    const { ledgers } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    for (const id of ['C1', 'C2', 'C3']) await candidates.add(candidate(id));
    rmSync(join(ledgers.folder, 'candidates'), { recursive: true });
    assert.deepEqual(await idsOf(candidates), []);
    await candidates.add(candidate('C4'));
    assert.deepEqual(await idsOf(candidates), ['C4']);
    rmSync(join(ledgers.folder, 'candidates'), { recursive: true });
    await candidates.refresh();
    assert.equal(candidates.has(KEY), false);
  });

  it('stay discarded where the file that says so is read before the one that they stand in', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    writeLines(join(dirname(file), 'local.jsonl'), [candidate('C1'), candidate('C2')]);
    await (await openAt(ledgers)).discard(candidate('C1'));
    const candidates = await openAt(ledgers);
    assert.deepEqual(await idsOf(candidates), ['C2']);
    await candidates.discard(candidate('C2'));
    assert.deepEqual([candidates.has(KEY), (await openAt(ledgers)).has(KEY)], [false, false]);
  });

  it('are still known when they were discarded, apart from the others', async t => {
    const { ledgers } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    for (const id of ['C1', 'C2']) await candidates.add(candidate(id));
    await candidates.discard(candidate('C1'));
    for (const each of [candidates, await openAt(ledgers)]) {
      assert.deepEqual(
        (await each.goneOf(KEY)).map(({ id }) => id),
        ['C1'],
      );
      assert.deepEqual(await each.goneOf(OTHER), []);
    }
  });

  it('are refused where they would not be read again', async t => {
    const { ledgers } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    const lost = { id: 'prompt.lost', args: ['output', '{x}'] } as const;
    for (const more of [
      { problems: Array.from({ length: 51 }, () => lost) },
      { texts: Array.from({ length: 51 }, (_, n) => [`f${n}`, 'x'] as const) },
      { texts: [['x'.repeat(301), 'x']] as const },
      { parameters: { seed: Infinity } },
    ])
      await assert.rejects(candidates.add(candidate('C1', more)), userError('candidate.unfit'));
    assert.deepEqual(await idsOf(candidates), []);
  });

  it('skip lines that are none: foreign, forged, or of a former version', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    const good = candidate('C1');
    const without = (name: keyof Candidate) => ({ ...good, [name]: undefined });
    const wrong: Record<string, unknown> = {
      id: '../x',
      key: '',
      mode: 'sing',
      texts: [['output', 1]],
      model: 7,
      prompt: null,
      fingerprint: '../../etc',
      advice: 'x'.repeat(501),
      finding: 3,
      problems: [{ id: 'no.such.sentence', args: [] }],
      run: '',
      parameters: 'hot',
    };
    const names = Object.keys(wrong) as (keyof Candidate)[];
    writeLines(file, [
      ...[
        '',
        'rubbish',
        'null',
        '[]',
        '7',
        '{"discard":7}',
        '{"discard":"C9"}',
        '{"discard":"C9","key":"r1@de"}',
      ],
      { ...good, texts: undefined, mode: undefined, name: 'output', text: 'of a former version' },
      ...names.filter(name => name !== 'finding' && name !== 'run').map(without),
      ...names.map(name => ({ ...good, [name]: wrong[name] })),
      ...[
        [],
        Array.from({ length: 51 }, (_, n) => [`f${n}`, '']),
        [
          ['a', ''],
          ['a', ''],
        ],
        {},
        'output',
      ].map(texts => ({ ...good, texts })),
      { ...good, parameters: { seed: '0' } },
      JSON.stringify(good).replace('"seed":0', '"seed":1e999'),
      { ...good, parameters: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`p${n}`, n])) },
      { ...good, parameters: { ['x'.repeat(41)]: 1 } },
      { ...good, problems: [{ id: 'toString', args: [] }] },
      { ...good, problems: [{ id: 'prompt.lost', args: [{}] }] },
      candidate('C2'),
    ]);
    assert.deepEqual(await idsOf(await openAt(ledgers)), ['C2']);
  });

  it('never throw over what a file holds', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.object().map(each => JSON.stringify({ ...candidate('C1'), ...each })),
      fc.constant(JSON.stringify(candidate('C2'))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async lines => {
        await inTempFolder(async folder => {
          const { ledgers, file } = placeIn(folder);
          writeLines(file, [lines.join('\n')]);
          const candidates = await openAt(ledgers);
          for (const each of await candidates.of(KEY)) assert.ok(each.texts.length > 0);
          await candidates.add(candidate('C3'));
          assert.ok((await idsOf(candidates)).includes('C3'));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keep of one unit the newest, of however many a file has', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    writeLines(
      file,
      Array.from({ length: 1000 }, (_, n) => candidate(`C${n}`)),
    );
    const ids = await idsOf(await openAt(ledgers));
    assert.equal(ids.at(-1), 'C999');
    assert.ok(ids.length <= 16, `${ids.length}`);
  });

  it('do not hold up opening where a run has left very many, and are all there in the end', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    const texts = [['output', 'x'.repeat(2000)]] as const;
    const many = Array.from({ length: 9000 }, (_, n) =>
      candidate(`C${n}`, { key: `r${n}@de` as UnitKey, texts }),
    );
    writeLines(file, many);
    const candidates = await Candidates.openSoon(ledgers, 'aaaaaa');
    assert.equal(candidates.has('r8999@de' as UnitKey), false);
    await candidates.add(candidate('Cnew'));
    await candidates.whole;
    assert.equal([...candidates.units()].length, 9001);
    assert.deepEqual(await idsOf(candidates), ['C1', 'Cnew']);
  });

  it('begin on a line of their own behind one that a killed process left torn', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    await (await openAt(ledgers)).add(candidate('C1'));
    appendFileSync(file, JSON.stringify(candidate('C2')).slice(0, -9));
    const candidates = await openAt(ledgers);
    assert.deepEqual(await idsOf(candidates), ['C1']);
    await candidates.add(candidate('C3'));
    for (const each of [candidates, await openAt(ledgers)]) assert.deepEqual(await idsOf(each), ['C1', 'C3']);
  });

  it('do not count on a full disk, and do once there is room', async t => {
    await onSmallDisk(t, '64k', async disk => {
      const { ledgers } = placeIn(disk);
      const candidates = await openAt(ledgers);
      await candidates.add(candidate('C1'));
      const filler = join(disk, 'filler');
      assert.throws(() => writeFileSync(filler, Buffer.alloc(1 << 20)), /ENOSPC/);
      const long = candidate('C2', { texts: [['output', 'x'.repeat(20_000)]] });
      await assert.rejects(candidates.add(long), userError('candidate.notWritten'));
      assert.deepEqual(await idsOf(candidates), ['C1']);
      rmSync(filler);
      await candidates.add(long);
      for (const each of [candidates, await openAt(ledgers)])
        assert.deepEqual(await idsOf(each), ['C1', 'C2']);
    });
  });

  it('do not count where they cannot be written, and stay where discarding cannot be', async t => {
    const { ledgers, file } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    await candidates.add(candidate('C1'));
    rmSync(file);
    mkdirSync(file);
    await assert.rejects(candidates.add(candidate('C2')), userError('candidate.notWritten'));
    await assert.rejects(candidates.discard(candidate('C1')), userError('candidate.notWritten'));
    assert.equal(candidates.has(KEY, NOW), true);
    rmSync(dirname(file), { recursive: true });
    writeFileSync(dirname(file), 'a file');
    await assert.rejects(candidates.add(candidate('C2')), userError('ledger.notWritten'));
    assert.equal(readFileSync(dirname(file), 'utf8'), 'a file');
  });

  it('are neither read nor written through a link', async t => {
    const folder = tempFolder(t);
    const outside = join(tempFolder(t), 'x.jsonl');
    writeLines(outside, [candidate('C1')]);
    const { ledgers, file } = placeIn(folder);
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(outside, file);
    const before = contentsOf(dirname(outside));
    const candidates = await openAt(ledgers);
    assert.deepEqual(await idsOf(candidates), []);
    await assert.rejects(candidates.add(candidate('C2')), userError('candidate.notWritten'));
    assert.deepEqual(contentsOf(dirname(outside)), before);
  });

  it('keep nothing of their texts in memory', async t => {
    const { ledgers } = placeIn(tempFolder(t));
    const candidates = await openAt(ledgers);
    await candidates.add(candidate('C1', { texts: [['output', 'before']] }));
    const file = join(ledgers.folder, 'candidates', 'aaaaaa.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('before', 'behind'));
    assert.deepEqual((await candidates.get(KEY, 'C1'))?.texts, [['output', 'behind']]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"C1"', '"C7"'));
    assert.deepEqual(await candidates.of(KEY), [], 'another one stands there now');
  });
});
