import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { STEP_LINEAR, tokensOf, type Corpus } from '../../src/core/evidence';
import { NONE } from '../../src/core/lexicon';
import { pairRows, type Pairing, type Row } from '../../src/core/pairing';
import { Shape } from '../../src/core/rowShape';
import { leftRows, segmentsOf } from '../../src/core/segments';
import { alpaca } from '../helpers/builders';
import { parallelRows, randomOf, shuffled } from '../helpers/twoLanguages';

function pairing(source: readonly Row[], target: readonly Row[]): Pairing {
  const steps = pairRows(source, target);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const ROWS = 600;
const corpus = parallelRows(ROWS, 1);
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** Pairs the rows that a file has left of a corpus, in the order given, and counts. */
function outcome(source: readonly number[], target: readonly number[], rows = corpus) {
  const { pairs } = pairing(
    source.map(row => rows.source[row]!),
    target.map(row => rows.target[row]!),
  );
  let right = 0;
  let wrong = 0;
  for (const [row, other] of pairs.entries()) {
    if (other === NONE) continue;
    if (source[row] === target[other]) right++;
    else wrong++;
  }
  const inBoth = source.filter(row => target.includes(row)).length;
  return { right, wrong, share: right / Math.max(1, inBoth), pairs };
}

const blocks = (size: number, random = randomOf(3)) =>
  numbers(Math.ceil(ROWS / size)).flatMap(block =>
    shuffled(numbers(ROWS).slice(block * size, (block + 1) * size), random),
  );

describe('rows of two files are paired', () => {
  const all = numbers(ROWS);
  const cases: [what: string, target: number[], least: number][] = [
    ['in the same order', all, 0.99],
    ['where rows are lost', all.filter(row => row % 9 !== 4), 0.98],
    [
      'where rows are lost and others stand twice',
      all.flatMap(row => (row % 50 === 7 ? [] : row % 40 === 3 ? [row, row] : [row])),
      0.98,
    ],
    [
      'where the order drifts and comes back',
      [...all.slice(0, 200), ...all.slice(207, 400), ...all.slice(200, 207), ...all.slice(400)],
      0.98,
    ],
    ['shuffled within blocks', blocks(100), 0.9],
    ['shuffled altogether', shuffled(all, randomOf(5)), 0.9],
    ['in reverse', [...all].reverse(), 0.9],
    ['where only a part is there', shuffled(all, randomOf(6)).slice(0, ROWS / 3), 0.85],
  ];
  for (const [what, target, least] of cases) {
    it(what, () => {
      const { wrong, share } = outcome(all, target);
      assert.equal(wrong, 0);
      assert.ok(share >= least, `only ${share} of the rows`);
    });
  }
});

describe('rows are left alone', () => {
  it('in files that have nothing to do with each other', () => {
    const other = parallelRows(ROWS, 2);
    assert.ok(pairing(corpus.source, other.target).pairs.every(each => each === NONE));
  });

  it('where the rows of one file are the other half of the corpus', () => {
    const { pairs } = outcome(numbers(ROWS / 2), numbers(ROWS / 2, ROWS / 2));
    assert.ok(pairs.every(each => each === NONE));
  });

  it('of files on the same topics, with numbers and names in common', () => {
    const other = parallelRows(ROWS, 2);
    const topic = (row: number) => (row % 20 === 3 ? ` 4${row}71 Zorbanum${row} 8${row}2 Kelvaro${row}` : '');
    const told = (rows: readonly Row[]) =>
      rows.map((fields, row) =>
        fields.map(({ name, text }, at) => ({ name, text: at === 2 ? text + topic(row) : text })),
      );
    const { pairs } = pairing(told(corpus.source), shuffled(told(other.target), randomOf(1)));
    assert.ok(pairs.every(each => each === NONE));
  });

  it('that have numbers in common and all else not, where their counterparts were lost', () => {
    const odd = (row: number) => row % 20 === 3;
    const numbered = (fields: Row, row: number) =>
      fields.map(({ name, text }, at) => ({
        name,
        text: at === 2 ? `${text} 9${row}01 7${row}23 5${row}5` : text,
      }));
    const source = corpus.source.map((fields, row) => (odd(row) ? numbered(fields, row) : fields));
    const foreign = parallelRows(ROWS, 1).target;
    // The words of another row, with the numbers of this one.
    const target = corpus.target.map((fields, row) =>
      odd(row) ? numbered(foreign[(row * 7) % ROWS]!, row) : fields,
    );
    const order = shuffled(numbers(ROWS), randomOf(4));
    const { pairs } = pairing(
      source,
      order.map(row => target[row]!),
    );
    const wrong = pairs.filter((other, row) => other !== NONE && odd(row));
    assert.equal(wrong.length, 0);
  });

  it('that stand in their place but say something else', () => {
    const target = [...corpus.target];
    for (let row = 20; row < 300; row += 20) target[row] = corpus.target[row + 300]!;
    const { pairs, ambiguous } = pairing(corpus.source.slice(0, 300), target.slice(0, 300));
    const left = leftRows({ pairs, ambiguous }, 300);
    for (let row = 20; row < 300; row += 20) {
      assert.equal(pairs[row], NONE);
      assert.equal(left.source.get(row), 'contradicted');
      assert.equal(left.target.get(row), 'contradicted');
    }
  });

  it('where nothing tells one from another and the order is gone', () => {
    const target = blocks(100);
    const same = alpaca('x', '', 'y');
    const source = corpus.source.map((row, index) => (index % 30 === 0 ? same : row));
    const rows = target.map(row =>
      row % 30 === 0 ? alpaca('ж', '', `ц${String.fromCharCode(0x430 + (row % 32))}`) : corpus.target[row]!,
    );
    const { pairs } = pairing(source, rows);
    for (let row = 0; row < ROWS; row += 30) assert.equal(pairs[row], NONE);
  });
});

it('a row without evidence is paired where both neighbours keep their distance', () => {
  const source = corpus.source.map((row, index) => (index % 30 === 15 ? alpaca('Yes', '', 'No') : row));
  const target = corpus.target
    .map((row, index) => (index % 30 === 15 ? alpaca('Да', '', 'Не') : row))
    .slice(3);
  const { pairs } = pairing(source, target);
  for (let row = 15; row < ROWS; row += 30) assert.equal(pairs[row], row - 3);
});

it('rows with the same text on both sides each get one of them', () => {
  const twice = numbers(ROWS).flatMap(row => (row % 25 === 0 ? [row, row] : [row]));
  const { right, wrong } = outcome(twice, shuffled(twice, randomOf(8)));
  assert.equal(wrong, 0);
  assert.ok(right >= 0.9 * twice.length, `${right} of ${twice.length}`);
});

it('no corruption of an order makes a wrong pair, and each row is paired or left, once', () => {
  const corruption = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    block: fc.constantFrom(1, 5, 40, 400),
    lost: fc.double({ min: 0, max: 0.3, noNaN: true }),
    twice: fc.double({ min: 0, max: 0.1, noNaN: true }),
  });
  const property = fc.property(corruption, ({ seed, block, lost, twice }) => {
    const random = randomOf(seed);
    const kept = (share: number) => numbers(400).filter(() => random() >= share);
    const source = kept(lost / 3);
    const target = numbers(Math.ceil(400 / block))
      .flatMap(at => shuffled(numbers(400).slice(at * block, (at + 1) * block), random))
      .filter(() => random() >= lost)
      .flatMap(row => (random() < twice ? [row, row] : [row]));
    const { right, wrong, share, pairs } = outcome(source, target);
    assert.ok(wrong <= right / 300, `${wrong} wrong, ${right} right`);
    assert.ok(share >= 0.8, `only ${share}`);
    const used = pairs.filter(other => other !== NONE);
    assert.equal(new Set(used).size, used.length);
    const ambiguous = { source: new Uint8Array(source.length), target: new Uint8Array(target.length) };
    const left = leftRows({ pairs, ambiguous }, target.length);
    assert.equal(left.source.size + used.length, source.length);
    assert.equal(left.target.size + used.length, target.length);
    assert.ok([...left.source.keys()].every(row => pairs[row] === NONE));
    assert.ok([...left.target.keys()].every(row => !used.includes(row)));
  });
  fc.assert(property, { seed: 11, numRuns: 12 });
});

it('the same files give the same pairs', () => {
  const target = shuffled(numbers(ROWS), randomOf(9));
  assert.deepEqual(outcome(numbers(ROWS), target).pairs, outcome(numbers(ROWS), target).pairs);
});

it('lengths are learned in steps of some thousand rows', () => {
  const rows = 10 * STEP_LINEAR;
  const lengths = Float32Array.from({ length: rows }, (_, row) => row % 90);
  const file: Corpus = {
    rows,
    starts: new Uint32Array(rows + 1),
    tokens: new Uint32Array(0),
    lengths,
    fields: 1,
  };
  const steps = Array.from(new Shape(file, file).learn(Int32Array.from(numbers(rows))));
  assert.ok(steps.length >= rows / STEP_LINEAR);
});

describe('tokens', () => {
  const tokens = (text: string) => [...tokensOf(text)];

  it('are the same for a number in whatever digits and with whatever separators', () => {
    for (const text of ['1,234.5', '1.234,5', '١٢٣٤٫٥', '１２３４．５', '१२३४.५']) {
      assert.deepEqual(tokens(text).join(''), '12345', text);
    }
  });

  it('are stems without accents and case, and pairs of characters where words are not divided', () => {
    assert.deepEqual(tokens('Ökologische ÉCOLE'), ['okolog', 'ecole']);
    assert.deepEqual(tokens('三原色？'), ['三原', '原色', '?']);
  });

  it('are made in time that is linear in a hostile text', () => {
    for (const text of [
      '1,'.repeat(1e6),
      'a\u0301'.repeat(1e6),
      '三'.repeat(1e6),
      '('.repeat(1e6),
      '9'.repeat(1e6),
    ]) {
      assert.ok(tokens(text).length <= 4001);
    }
  });
});

it('segments are stretches that keep their distance, three pairs at least', () => {
  const pairs = Int32Array.of(0, 1, NONE, 3, 9, 4, 5, 6, 7, 20, 21);
  assert.deepEqual(segmentsOf(pairs), [
    { from: 0, to: 3, offset: 0, pairs: 3 },
    { from: 5, to: 8, offset: -1, pairs: 4 },
  ]);
});
