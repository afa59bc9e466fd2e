import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { english } from '../../src/core/messages';
import { readRecord, type Field } from '../../src/core/record';
import { importShard, type ImportOptions, type ImportReport } from '../../src/importing';
import { sha256 } from '../helpers/builders';
import { contentsOf, tempFolder, userError } from '../helpers/shardFixture';
import { parallelRows, randomOf, shuffled } from '../helpers/twoLanguages';

type Json = Record<string, unknown>;
interface Line extends Json {
  id: string | number;
  source: Json;
  target: Json;
}

/** A folder with two files, and what importing them makes. */
function setUp(t: TestContext) {
  const folder = tempFolder(t);
  const write = (name: string, rows: readonly unknown[]) => {
    const path = join(folder, name);
    writeFileSync(path, rows.map(row => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''));
    return path;
  };
  const out = join(folder, 'shard.jsonl');
  const left = join(folder, 'left.jsonl');
  const run = (source: string, target: string, more: Partial<ImportOptions> = {}) =>
    importShard({ source, target, sourceLang: 'en', targetLang: 'de', out, ...more });
  const lines = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Line);
  return { folder, write, out, left, run, lines };
}

const record = (fields: readonly Field[], more: Json = {}): Json => ({
  ...more,
  ...Object.fromEntries(fields.map(({ name, text }) => [name, text])),
});
const warnings = (report: ImportReport) => report.warnings.map(({ id }) => id);

const COUNT = 300;
const corpus = parallelRows(COUNT, 4);
const sources = corpus.source.map(row => record(row));
const targets = corpus.target.map(row => record(row));

describe('an import', () => {
  it('makes a shard of two files in one order, with ids made from content', async t => {
    const { write, run, out, lines } = setUp(t);
    const report = await run(write('en.jsonl', sources), write('de.jsonl', targets));
    assert.deepEqual(report.paired, { total: COUNT, byId: 0, byPosition: COUNT, byContent: 0 });
    assert.deepEqual(report.segments, [{ from: 1, to: COUNT, offset: 0, pairs: COUNT }]);
    assert.deepEqual([report.written, report.unpairedFile, report.warnings], [true, null, []]);
    for (const [row, line] of lines(out).entries()) {
      assert.deepEqual([line.source, line.target], [sources[row], targets[row]]);
      assert.match(String(line.id), /^h-[0-9a-f]{16}$/);
      const read = readRecord(JSON.stringify(line), sha256);
      assert.ok(read.ok && read.shape === 'nested' && read.units[0]?.targetLang === 'de');
    }
  });

  it('gives a row the same id in whatever order the files are', async t => {
    const { folder, write, run, lines } = setUp(t);
    const idOf = async (rows: readonly Json[], name: string) => {
      const out = join(folder, name);
      await run(write(`${name}.en`, rows), write(`${name}.de`, targets), {
        out,
        allowUnpaired: `${out}.left`,
      });
      return new Map(lines(out).map(line => [JSON.stringify(line.source), line.id]));
    };
    const straight = await idOf(sources, 'a');
    const mixed = await idOf(shuffled(sources, randomOf(1)), 'b');
    assert.ok(mixed.size > 0.8 * COUNT);
    for (const [source, id] of mixed) assert.equal(straight.get(source) ?? id, id);
    assert.equal(new Set(straight.values()).size, straight.size);
  });

  it('tells rows with the same source apart, and numbers those that are the same on both sides', async t => {
    const { folder, write, run, lines } = setUp(t);
    // Rows 10 and 11 have the same source; 20, 21 and 22 the same on both sides.
    const like = (rows: readonly Json[], own: ReadonlyMap<number, number>) =>
      rows.map((row, index) => rows[own.get(index) ?? index] ?? row);
    const source = like(sources, new Map([[11, 10], [21, 20], [22, 20]])); // prettier-ignore
    const target = like(targets, new Map([[21, 20], [22, 20]])); // prettier-ignore
    target[11] = { ...target[10], output: `${String(target[10]?.['output'])} 4711` };
    const idsOf = async (name: string, order: readonly number[]) => {
      const out = join(folder, name);
      const files = [source, target].map((rows, index) =>
        write(
          `${name}.${index}`,
          order.map(row => rows[row]),
        ),
      );
      await run(files[0]!, files[1]!, { out });
      return lines(out).map(line => String(line.id));
    };
    const ids = await idsOf('a', Array.from(source.keys()));
    assert.equal(new Set(ids).size, COUNT);
    assert.deepEqual([ids[21], ids[22]], [`${ids[20]}-2`, `${ids[20]}-3`]);
    const back = await idsOf('b', Array.from(source.keys()).reverse());
    assert.deepEqual(back.sort(), ids.sort());
  });

  it('keeps ids and all other members as they are spelled', async t => {
    const { write, run, out } = setUp(t);
    const source = write('en.jsonl', [
      '{"id":12345678901234567890,"text":"One.","score":1.50,"source":"web","licence":"A","n":[1,{"a":2e3}]}',
    ]);
    const target = write('de.jsonl', [
      '{"id":"12345678901234567890","licence":"B","text":"Eins.","score":1.50,"translator":"x"}',
    ]);
    await run(source, target, { by: 'id' });
    assert.equal(
      readFileSync(out, 'utf8'),
      '{"id":12345678901234567890,"source":{"text":"One.","source":"web","licence":"A"},"target":{"text":"Eins.","licence":"B"},' +
        '"source_lang":"en","target_lang":"de","score":1.50,"n":[1,{"a":2e3}],"translator":"x"}\n',
    );
  });

  it('takes a pretty-printed array and a table as well', async t => {
    const { folder, write, run, out, lines } = setUp(t);
    const pretty = join(folder, 'en.json');
    writeFileSync(
      pretty,
      JSON.stringify(
        sources.map(row => ({ ...row, meta: { a: [1] } })),
        null,
        2,
      ),
    );
    const cells = corpus.target.map(row => row.map(({ text }) => `"${text}"`).join(','));
    await run(pretty, write('de.csv', ['instruction,input,output', ...cells]));
    assert.equal(lines(out).length, COUNT);
    assert.deepEqual([lines(out)[7]?.target, lines(out)[7]?.['meta']], [targets[7], { a: [1] }]);
  });
});

describe('rows that cannot be paired', () => {
  const lost = targets.filter((_, row) => row % 20 !== 5);
  const lostRows = targets.flatMap((_, row) => (row % 20 === 5 ? [row + 1] : []));

  it('are named, and nothing is written', async t => {
    const { folder, write, run } = setUp(t);
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', lost)];
    const before = contentsOf(folder);
    const report = await run(source, target);
    assert.equal(report.written, false);
    assert.deepEqual(
      report.unpaired.source.first.map(({ row }) => row),
      lostRows,
    );
    assert.deepEqual(report.unpaired.source.reasons, { 'no-counterpart': lostRows.length });
    assert.equal(report.unpaired.target.total, 0);
    assert.deepEqual(warnings(report), ['import.unpaired']);
    assert.match(english(report.warnings[0]!), /15 of the source, 0 of the target.*--allow-unpaired/);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('are taken by a file that is named for them, with their place and the whole record', async t => {
    const { write, run, out, left, lines } = setUp(t);
    const extra = { instruction: 'Nicht', input: '', output: 'dabei 77777', more: 1 };
    const target = [...lost.slice(0, 90), extra, ...lost.slice(90)];
    const report = await run(write('en.jsonl', sources), write('de.jsonl', target), { allowUnpaired: left });
    assert.deepEqual([report.written, report.unpairedFile], [true, left]);
    assert.equal(lines(out).length, COUNT - lostRows.length);
    const rows = lines(left);
    assert.deepEqual(
      rows.filter(({ side }) => side === 'source').map(({ row }) => row),
      lostRows,
    );
    assert.deepEqual(rows.at(-1), {
      side: 'target',
      row: 91,
      line: 91,
      reason: 'no-counterpart',
      record: extra,
    });
  });

  it('each stand in the shard or in that file, once, however the files were spoilt', async t => {
    for (const seed of [1, 2, 3]) {
      const { write, run, out, left, lines } = setUp(t);
      const random = randomOf(seed);
      const source = sources.filter(() => random() > 0.1);
      const target = shuffled(targets, random).filter(() => random() > 0.1);
      const report = await run(write('en.jsonl', source), write('de.jsonl', target), { allowUnpaired: left });
      const texts = (side: 'source' | 'target') =>
        [
          ...lines(out).map(line => line[side]),
          ...lines(left).flatMap(line => ((line as Json)['side'] === side ? [line['record'] as Json] : [])),
        ].map(each => JSON.stringify(each));
      assert.deepEqual(texts('source').sort(), source.map(each => JSON.stringify(each)).sort());
      assert.deepEqual(texts('target').sort(), target.map(each => JSON.stringify(each)).sort());
      assert.equal(report.paired.total + report.unpaired.source.total, source.length);
      for (const line of lines(out)) {
        const row = sources.findIndex(each => JSON.stringify(each) === JSON.stringify(line.source));
        assert.deepEqual(line.target, targets[row]);
      }
    }
  });

  it('make no shard where no row is paired', async t => {
    const { folder, write, run, left } = setUp(t);
    const other = parallelRows(COUNT, 5).target.map(row => record(row));
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', other)];
    const before = contentsOf(folder);
    const report = await run(source, target, { allowUnpaired: left });
    assert.deepEqual([report.written, warnings(report)], [false, ['import.nothingPaired']]);
    assert.deepEqual(contentsOf(folder), before);
  });
});

describe('ids', () => {
  const named = (rows: readonly Json[], name: (row: number) => unknown) =>
    rows.map((row, index) => ({ id: name(index), ...row }));

  it('pair rows in any order, and what has no like or is repeated is left', async t => {
    const { write, run, out, left, lines } = setUp(t);
    const source = named(sources, row => (row === 9 ? 'r8' : `r${row}`));
    const target = shuffled(
      named(targets, row => (row === 20 ? 'other' : `r${row}`)),
      randomOf(2),
    );
    const report = await run(write('en.jsonl', source), write('de.jsonl', target), { allowUnpaired: left });
    assert.deepEqual(report.paired, { total: COUNT - 3, byId: COUNT - 3, byPosition: 0, byContent: 0 });
    assert.deepEqual(report.unpaired.source.reasons, { 'duplicate-id': 2, 'id-missing': 1 });
    assert.deepEqual(report.unpaired.target.reasons, { 'duplicate-id': 1, 'id-missing': 2 });
    for (const line of lines(out)) assert.deepEqual(line.target, targets[Number(String(line.id).slice(1))]);
  });

  it('that only count the rows of two orders are not believed', async t => {
    const { write, run, out, left, lines } = setUp(t);
    const target = named(shuffled(targets, randomOf(3)), row => row);
    const report = await run(
      write(
        'en.jsonl',
        named(sources, row => row),
      ),
      write('de.jsonl', target),
      { allowUnpaired: left },
    );
    assert.deepEqual(warnings(report), ['import.idsContradicted']);
    assert.equal(report.paired.byId, 0);
    assert.ok(report.paired.total > 0.9 * COUNT);
    for (const line of lines(out))
      assert.deepEqual(line.target, {
        ...targets[Number(line.id)],
        ...('id' in line.target ? { id: line.target['id'] } : {}),
      });
  });

  it('that cannot be checked and only count the rows are said to be so', async t => {
    const { write, run } = setUp(t);
    const rows = (text: string) => [1, 2, 3].map(id => ({ id, text }));
    const report = await run(write('en.jsonl', rows('Yes')), write('de.jsonl', rows('Ja')));
    assert.deepEqual([report.paired.byId, warnings(report)], [3, ['import.idsUnchecked']]);
  });

  it('that are not the same in both files are passed over, and said so', async t => {
    const { write, run } = setUp(t);
    const report = await run(
      write(
        'en.jsonl',
        named(sources, row => `alpaca-${row}`),
      ),
      write(
        'de.jsonl',
        named(targets, row => `Alpaka-${row}`),
      ),
    );
    assert.deepEqual([report.paired.byPosition, warnings(report)], [COUNT, ['import.idsDisagree']]);
  });

  it('are needed where they are asked for, and ignored where position is', async t => {
    const { folder, write, run } = setUp(t);
    const [source, target] = [
      write(
        'en.jsonl',
        named(sources, row => `a${row}`),
      ),
      write('de.jsonl', targets),
    ];
    await assert.rejects(run(source, target, { by: 'id' }), userError('import.noIds'));
    const wrong = write(
      'wrong.jsonl',
      named(targets, row => `a${COUNT - 1 - row}`),
    );
    const report = await run(source, wrong, { by: 'position', out: join(folder, 'p.jsonl') });
    assert.deepEqual(report.paired, { total: COUNT, byId: 0, byPosition: COUNT, byContent: 0 });
  });
});

describe('ids of the translated file', () => {
  const named = (rows: readonly Json[], name: (row: number) => unknown) =>
    rows.map((row, index) => ({ id: name(index), ...row }));

  it('are taken where the source has none, and stay beside the text where two rows have the same', async t => {
    const { write, run, out, lines } = setUp(t);
    const target = named(targets, row => (row === 8 ? 'de-7' : `de-${row}`));
    const report = await run(write('en.jsonl', sources), write('de.jsonl', target));
    assert.equal(report.paired.byPosition, COUNT);
    for (const [row, line] of lines(out).entries()) {
      if (row === 7 || row === 8) {
        assert.match(String(line.id), /^h-[0-9a-f]{16}$/);
        assert.deepEqual(line.target, { ...targets[row], id: 'de-7' });
      } else assert.deepEqual([line.id, line.target], [`de-${row}`, targets[row]]);
    }
    assert.equal(new Set(lines(out).map(({ id }) => id)).size, COUNT);
  });

  it('are not taken where a row of the source has them', async t => {
    const { write, run, out, lines } = setUp(t);
    const source = sources.map((row, index) => (index % 2 === 0 ? { id: index, ...row } : row));
    // The id of each odd row is, as text, that of the even row before it; those from 200 on are its own.
    const name = (row: number) => (row < 200 ? String(row - (row % 2)) : 1000 + row);
    const target = named(targets, name);
    await run(write('en.jsonl', source), write('de.jsonl', target), { by: 'position' });
    const shard = lines(out);
    assert.deepEqual([shard[0]?.id, shard[0]?.target], [0, targets[0]]);
    assert.match(String(shard[1]?.id), /^h-/);
    assert.deepEqual(shard[1]?.target, { ...targets[1], id: '0' });
    assert.deepEqual([shard[200]?.id, shard[200]?.target], [200, { ...targets[200], id: 1200 }]);
    assert.deepEqual([shard[201]?.id, shard[201]?.target], [1201, targets[201]]);
  });

  it('stay beside the text where the source has others, under a name that is free', async t => {
    const { write, run, out, lines } = setUp(t);
    const prompts = (rows: readonly Json[], more: Json) =>
      rows.map(({ instruction, output }, row) => ({
        _id: `${String(more['output'])}${row}`,
        prompt: instruction,
        completion: output,
        ...more,
      }));
    await run(
      write('en.jsonl', prompts(sources, { output: 'en' })),
      write('de.jsonl', prompts(targets, { output: 'de' })),
    );
    const { id, source, target } = lines(out)[5]!;
    assert.deepEqual([id, target['id']], ['en5', 'de5']);
    assert.deepEqual([source['output'], source['_output']], [sources[5]?.['output'], 'en']);
    assert.deepEqual([target['output'], target['_output']], [targets[5]?.['output'], 'de']);
  });
});

describe('an import that fails while it writes leaves nothing', () => {
  const lost = targets.filter((_, row) => row % 20 !== 5);

  it('whichever of the two files cannot be written', async t => {
    const { folder, write, run, out, left } = setUp(t);
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', lost)];
    const before = contentsOf(folder);
    const nowhere = join(folder, 'none', 'x.jsonl');
    await assert.rejects(
      run(source, target, { out: nowhere, allowUnpaired: left }),
      userError('import.notWritten'),
    );
    assert.deepEqual(contentsOf(folder), before);
    await assert.rejects(run(source, target, { allowUnpaired: nowhere }), userError('import.notWritten'));
    assert.deepEqual(contentsOf(folder), before);
    assert.ok((await run(source, target, { out, allowUnpaired: left })).written);
  });

  it('when it is cancelled', async t => {
    const { folder, write, run, left } = setUp(t);
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', lost)];
    const before = contentsOf(folder);
    const stop = new AbortController();
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === 'write') stop.abort();
    };
    await assert.rejects(run(source, target, { allowUnpaired: left, signal: stop.signal, onProgress }), {
      name: 'AbortError',
    });
    assert.deepEqual(contentsOf(folder), before);
  });
});

describe('an import refuses', () => {
  it('to write over what it reads or what is there', async t => {
    const { folder, write, run, out, left } = setUp(t);
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', targets)];
    symlinkSync(target, join(folder, 'link.jsonl'));
    const before = contentsOf(folder);
    await assert.rejects(run(source, target, { out: source }), userError('import.onto'));
    await assert.rejects(run(source, target, { out: join(folder, 'link.jsonl') }), userError('import.onto'));
    await assert.rejects(run(source, target, { allowUnpaired: target }), userError('import.onto'));
    await assert.rejects(run(source, target, { allowUnpaired: out }), userError('import.exists'));
    assert.deepEqual(contentsOf(folder), before);
    writeFileSync(out, 'reviewed\n');
    await assert.rejects(run(source, target), userError('import.exists'));
    await assert.rejects(run(source, target, { out: left, allowUnpaired: out }), userError('import.exists'));
    assert.equal(readFileSync(out, 'utf8'), 'reviewed\n');
  });

  it('files with different fields, an unknown language, and a place where nothing can be written', async t => {
    const { folder, write, run } = setUp(t);
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', targets)];
    await assert.rejects(run(source, write('de.txt', ['Hallo'])), userError('import.layouts'));
    await assert.rejects(run(source, target, { targetLang: 'german!' }), userError('import.language'));
    await assert.rejects(
      run(source, target, { out: join(folder, 'none', 'x.jsonl') }),
      userError('import.notWritten'),
    );
  });

  it('to go on when it is cancelled, and leaves nothing', async t => {
    const { folder, write, run, out } = setUp(t);
    const [source, target] = [write('en.jsonl', sources), write('de.jsonl', shuffled(targets, randomOf(1)))];
    const before = contentsOf(folder);
    const stop = new AbortController();
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === 'pair') stop.abort();
    };
    await assert.rejects(run(source, target, { signal: stop.signal, onProgress }), { name: 'AbortError' });
    assert.deepEqual([existsSync(out), contentsOf(folder)], [false, before]);
  });

  it('no progress backwards', async t => {
    const { write, run } = setUp(t);
    const seen: number[] = [];
    await run(write('en.jsonl', sources), write('de.jsonl', targets), {
      onProgress: ({ done }) => seen.push(done),
    });
    assert.ok(seen.length > 3 && seen.at(-1) === 1);
    assert.ok(seen.every((done, index) => done >= (seen[index - 1] ?? 0) && done <= 1));
  });
});
