import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Corpus, CorpusFindings, type CorpusUnit } from '../../src/core/corpus';
import { english } from '../../src/core/messages';
import type { UnitKey } from '../../src/core/record';
import { sha256 } from '../../src/io/passes';

const NAMES = ['instruction', 'input', 'output'];

function unit(source: readonly string[], target: readonly string[], targetLang = 'de'): CorpusUnit {
  const fields = (texts: readonly string[]) => texts.map((text, at) => ({ name: NAMES[at] ?? '', text }));
  return { targetLang, source: fields(source), target: fields(target) };
}

/** A pair of sentences. */
function pair(source: string, target: string, targetLang = 'de'): CorpusUnit {
  return unit([source], [target], targetLang);
}

function look(rows: readonly (readonly CorpusUnit[])[], keys: readonly (readonly [number, string])[] = []) {
  const corpus = new Corpus(rows.length);
  for (const [row, units] of rows.entries()) corpus.add(row, units);
  const comparison = corpus.comparison(sha256);
  for (const row of comparison.rows) comparison.add(row, rows[row] ?? []);
  for (const [row, key] of keys) comparison.addKey(row, key as UnitKey, 'de');
  const found = new CorpusFindings(comparison.result());
  const lineOf = (row: number) => row + 1;
  const findings = rows.flatMap((units, row) =>
    units.flatMap(each =>
      found.findings(row, each, lineOf, () => false).map(finding => ({ row, ...finding })),
    ),
  );
  const marks = rows.flatMap((units, row) =>
    units.flatMap(({ targetLang }) => [...found.at(row, targetLang)].map(each => ({ row, ...each }))),
  );
  return { findings, marks, rows: [...comparison.rows] };
}

const told = (rows: readonly (readonly CorpusUnit[])[]) =>
  look(rows).findings.map(({ row, check, severity, message }) => [row, check, severity, message.args]);

const TEXT = 'The lighthouse keeper counts the ships.';

describe('texts translated differently', () => {
  it('are told of each, by the line of another one', () => {
    const rows = [
      [pair(TEXT, 'Der Leuchtturmwärter zählt die Schiffe.')],
      [pair('Something else entirely here.', 'Etwas ganz anderes steht hier.')],
      [pair(TEXT, 'Der Wächter des Turms zählt Boote.')],
      [pair(TEXT, 'Der Leuchtturmwärter zählt die Schiffe.')],
    ];
    const { findings } = look(rows);
    assert.deepEqual(
      findings.map(({ row, check, severity, message: { args } }) => [row, check, severity, args]),
      [
        [0, 'inconsistent-translation', 'info', [3]],
        [2, 'inconsistent-translation', 'info', [1]],
        [3, 'duplicate', 'warning', [1]],
      ],
    );
    const [first] = findings;
    assert.deepEqual([first?.start, first?.end, first?.field, first?.side], [0, 39, 'instruction', 'target']);
    assert.match(english(first!.message), /^Line 3 has the same source text/);
  });

  it('are none where only case, punctuation or the form of characters differs', () => {
    const rows = ['这座灯塔的守塔人正在数船。', '这座灯塔的守塔人正在数船', '这座灯塔的守塔人，正在数船!'];
    assert.deepEqual(told(rows.map(text => [pair(TEXT, text, 'zh')])), []);
    assert.deepEqual(
      told([[pair(TEXT, 'Él cuenta “barcos”.', 'es')], [pair(TEXT, 'él cuenta «barcos»', 'es')]]),
      [],
    );
    assert.deepEqual(told([[pair(TEXT, 'ﬁnden')], [pair(TEXT, 'Finden')]]), []);
  });

  it('are none in other languages, fields, short texts, or where the translation is missing', () => {
    assert.deepEqual(told([[pair(TEXT, 'Eins.', 'de')], [pair(TEXT, 'Uno.', 'it')]]), []);
    assert.deepEqual(told([[unit([TEXT, ''], ['A', ''])], [unit(['x', TEXT], ['B', 'C'])]]), []);
    assert.deepEqual(told([[pair('Good morning.', 'Guten Tag.')], [pair('Good morning.', 'Morgen!')]]), []);
    assert.deepEqual(told([[pair(TEXT, 'Eins.')], [pair(TEXT, ' ')]]), []);
  });
});

describe('duplicates', () => {
  it('are told of all but the first, and only as a note where the text is short', () => {
    assert.deepEqual(told([[pair(TEXT, 'A')], [pair(TEXT, 'A')], [pair(TEXT, 'A')]]), [
      [1, 'duplicate', 'warning', [1]],
      [2, 'duplicate', 'warning', [1]],
    ]);
    assert.deepEqual(told([[pair('Yes.', 'Ja.')], [pair('Yes.', 'Ja.')]]), [[1, 'duplicate', 'info', [1]]]);
    assert.deepEqual(told([[pair('Yes.', 'Ja.')], [pair('Yes.', 'Ja')], [pair('yes.', 'Ja.')]]), []);
  });

  it('are told of every unit of a record by itself', () => {
    const rows = [
      [pair(TEXT, 'Eins', 'de'), pair(TEXT, 'Un', 'fr')],
      [pair(TEXT, 'Eins', 'de'), pair(TEXT, 'Deux', 'fr')],
    ];
    assert.deepEqual(told(rows), [
      [0, 'inconsistent-translation', 'info', [2]],
      [1, 'duplicate', 'warning', [1]],
      [1, 'inconsistent-translation', 'info', [1]],
    ]);
  });
});

describe('repeated keys', () => {
  it('name another record with the key', () => {
    const rows = ['a', 'b', 'c', 'd'].map(text => [pair(text, text)]);
    const { findings } = look(rows, [
      [0, 'k@de'],
      [2, 'k@de'],
      [3, 'k@de'],
    ]);
    assert.deepEqual(
      findings.map(({ row, check, severity, message }) => [row, check, severity, message.args]),
      [
        [0, 'repeated-key', 'error', [3]],
        [2, 'repeated-key', 'error', [1]],
        [3, 'repeated-key', 'error', [1]],
      ],
    );
  });
});

/** Rows of which two in five have an input; from `from` up to `to` each target belongs to the row before. */
function file(length: number, from = length, to = length, other = 0): CorpusUnit[][] {
  const hasInput = (row: number) => (row * 7919) % 5 < 2;
  const input = (row: number, lang: string) => (hasInput(row) ? `${lang} ${row}` : '');
  return Array.from({ length }, (_, row) => {
    const origin = row >= from && row < to ? row - 1 : row;
    const isLost = other > 0 && row % other === 0;
    return [
      unit([`s ${row}`, input(row, 's'), 'o'], [`t ${origin}`, isLost ? '' : input(origin, 't'), `o ${row}`]),
    ];
  });
}

describe('shifted rows', () => {
  it('are told once, at the first row of the stretch', () => {
    const { findings } = look(file(3000, 1000, 2200));
    assert.equal(findings.length, 1);
    const [{ row, check, severity, message } = findings[0]!] = findings;
    assert.deepEqual([check, severity, message.id], ['shifted-rows', 'error', 'corpus.shifted']);
    const [from, to] = message.args as number[];
    assert.ok(row >= 999 && row < 1010 && from === row + 1, `begins in row ${row}`);
    assert.ok(to! > 2180 && to! <= 2201, `ends in line ${to}`);
  });

  it('are told to the end of the file, and of each stretch', () => {
    assert.equal(look(file(2000, 1500)).findings.length, 1);
    const two = [...file(2000, 300, 700), ...file(2000, 1000, 1500)];
    assert.equal(look(two).findings.filter(({ check }) => check === 'shifted-rows').length, 2);
  });

  it('are none in files that belong together, also where a hundredth of the inputs is missing', () => {
    assert.deepEqual(look(file(5000)).findings, []);
    assert.deepEqual(look(file(20_000, undefined, undefined, 37)).findings, []);
  });

  it('are none where one side has lost its inputs throughout', () => {
    const rows = file(3000).map(units =>
      units.map(each => ({
        ...each,
        target: each.target.map(f => (f.name === 'input' ? { ...f, text: '' } : f)),
      })),
    );
    assert.deepEqual(look(rows).findings, []);
  });

  it('are none where what stands for no input is filled in on one side', () => {
    const fillers = ['<noinput>', 'No input', 'N/A', 'none'];
    const rows = file(3000).map((units, row) =>
      units.map(each => ({
        ...each,
        source: each.source.map(f =>
          f.name === 'input' && f.text === '' ? { ...f, text: fillers[row % 4]! } : f,
        ),
      })),
    );
    assert.deepEqual(look(rows).findings, []);
  });

  it('are none in sentence pairs', () => {
    assert.deepEqual(
      look(Array.from({ length: 500 }, (_, row) => [pair(`s ${row}`, row % 2 ? '' : 't')])).findings,
      [],
    );
  });
});

const text = fc.oneof(fc.string(), fc.constantFrom(TEXT, '', '\ud800', '𝒳'.repeat(12), 'a'.repeat(30)));
const units = fc.array(
  fc.record({
    source: fc.array(text, { maxLength: 3 }),
    target: fc.array(text, { maxLength: 3 }),
    lang: fc.constantFrom('de', 'zh'),
  }),
  { maxLength: 2 },
);

describe('whatever the texts are', () => {
  it('spans lie within them, rows are in order, and the ids are those of the findings', () => {
    fc.assert(
      fc.property(fc.array(units, { maxLength: 30 }), all => {
        const rows = all.map(each => each.map(({ source, target, lang }) => unit(source, target, lang)));
        const { findings, marks } = look(rows);
        for (const { row, field, start, end } of findings) {
          const texts = rows[row]!.flatMap(each => each.target.filter(({ name }) => name === field));
          assert.ok(start === 0 && texts.some(each => end <= each.text.length));
        }
        assert.deepEqual(
          new Set(findings.map(({ row, check }) => `${row} ${check}`)).size <= marks.length,
          true,
        );
      }),
    );
  });

  it('what is told does not hang on the seed of the hashes: texts are compared exactly', () => {
    const many = Array.from({ length: 3000 }, (_, row) => [pair(`${TEXT} ${row}`, `Satz ${row}`)]);
    assert.deepEqual(look(many).findings, []);
    assert.ok(look(many).rows.length < 10);
  });
});
