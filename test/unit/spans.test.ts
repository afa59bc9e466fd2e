import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  fixed,
  movedSpan,
  piecesOf,
  readingOrder,
  SEVERITIES,
  type FindingPlace,
} from '../../src/core/spans';

const severity = fc.constantFrom(...SEVERITIES);
const place = fc.nat(40);
const mark = fc.record({ start: place, end: place, severity });
const text = fc.string({ unit: 'binary', maxLength: 40 });

describe('the pieces of a text', () => {
  const shown = (content: string, ...marks: Parameters<typeof piecesOf>[1]) =>
    piecesOf(content, marks).map(({ start, end, severity, isPlace }) =>
      [content.slice(start, end), severity ?? '', ...(isPlace ? ['place'] : [])].join(' '),
    );

  it('show the gravest of what overlaps', () => {
    assert.deepEqual(
      shown(
        'Il {nome} qui',
        { start: 3, end: 13, severity: 'info' },
        { start: 3, end: 9, severity: 'error' },
        { start: 0, end: 5, severity: 'warning' },
      ),
      ['Il  warning', '{n error', 'ome} error', ' qui info'],
    );
  });

  it('show a place where something is missing, at the beginning, inside a mark and at the end', () => {
    const missing = (at: number) => ({ start: at, end: at, severity: 'warning' }) as const;
    assert.deepEqual(shown('', missing(0)), [' warning place']);
    assert.deepEqual(shown('ab', missing(0), missing(2)), [' warning place', 'ab ', ' warning place']);
    assert.deepEqual(shown('ab', missing(1), { start: 0, end: 2, severity: 'error' }), [
      'a error',
      ' warning place',
      'b error',
    ]);
  });

  it('show a place where nothing is to be seen', () => {
    const hidden = { start: 2, end: 3, severity: 'warning' } as const;
    for (const letter of ['\u200b', '\u202e', '\u0000', '\n', '\u00ad'])
      assert.deepEqual(shown(`ab${letter}c`, hidden), ['ab ', `${letter} warning place`, 'c ']);
    assert.deepEqual(shown('ab c', hidden), ['ab ', '  warning', 'c ']);
  });

  it('pass over marks that are not inside the text', () => {
    for (const [start, end] of [
      [2, 5],
      [-1, 1],
      [3, 2],
      [NaN, 1],
    ] as const)
      assert.deepEqual(shown('abcd', { start, end, severity: 'error' }), ['abcd ']);
  });

  it('make up the whole text, in order, and mark exactly what the marks cover', () => {
    fc.assert(
      fc.property(text, fc.array(mark, { maxLength: 8 }), (content, marks) => {
        const pieces = piecesOf(content, marks);
        assert.equal(pieces.map(({ start, end }) => content.slice(start, end)).join(''), content);
        const good = marks.filter(({ start, end }) => start <= end && end <= content.length);
        for (let at = 0; at < content.length; at++) {
          const piece = pieces.find(({ start, end }) => start <= at && at < end);
          const over = good.filter(({ start, end }) => start <= at && at < end);
          assert.equal(
            piece?.severity,
            SEVERITIES.find(each => over.some(one => one.severity === each)) ?? null,
          );
        }
      }),
    );
  });
});

describe('a span', () => {
  const moved = (before: string, after: string, marked: string) => {
    const start = before.indexOf(marked);
    const span = movedSpan({ start, end: start + marked.length }, before, after);
    return span && after.slice(span.start, span.end);
  };

  it('goes with its text when something is typed before or after it', () => {
    assert.equal(moved('Il {nome} qui', 'Ecco: Il {nome} qui', '{nome}'), '{nome}');
    assert.equal(moved('Il {nome} qui', 'Il {nome} qui e là', '{nome}'), '{nome}');
    assert.equal(moved('Il {nome} qui', '{nome} qui', '{nome}'), '{nome}');
  });

  it('is gone when its own text is changed', () => {
    assert.equal(moved('Il {nome} qui', 'Il {name} qui', '{nome}'), undefined);
    assert.equal(moved('Il {nome} qui', '', '{nome}'), undefined);
  });

  it('keeps what else it says', () => {
    assert.deepEqual(movedSpan({ start: 1, end: 2, id: 7 }, 'abc', 'xabc'), { start: 2, end: 3, id: 7 });
  });

  it('is inside the new text, and over the same letters', () => {
    fc.assert(
      fc.property(text, text, text, text, place, place, (head, old, now, tail, one, other) => {
        const [before, after] = [head + old + tail, head + now + tail];
        const start = Math.min(one, other, before.length);
        const end = Math.min(Math.max(one, other), before.length);
        const span = movedSpan({ start, end }, before, after);
        if (!span) return;
        assert.ok(0 <= span.start && span.start <= span.end && span.end <= after.length);
        assert.equal(after.slice(span.start, span.end), before.slice(start, end));
      }),
    );
  });
});

it('a fix replaces what it covers, and nothing else', () => {
  assert.equal(fixed('Il {nome} qui', { start: 3, end: 9, text: '{name}' }), 'Il {name} qui');
  assert.equal(fixed('ab', { start: 1, end: 1, text: '$&' }), 'a$&b');
  assert.equal(fixed('a\u200bb', { start: 1, end: 2, text: '' }), 'ab');
});

describe('the reading order', () => {
  const fields = ['instruction', 'input', 'output'].map(name => ({ name }));
  const at = (field: string, start: number, more: Partial<FindingPlace> = {}): FindingPlace => ({
    check: 'a',
    side: 'target',
    field,
    start,
    end: start + 1,
    ...more,
  });

  it('is by field, the source first, then by place', () => {
    const ordered = [
      at('instruction', 9, { side: 'source' }),
      at('instruction', 0),
      at('output', 2, { end: 2 }),
      at('output', 2),
      at('output', 2, { check: 'b' }),
      at('another', 0),
    ];
    assert.deepEqual(ordered.toReversed().sort(readingOrder(fields)), ordered);
  });

  it('tells any two findings apart that differ', () => {
    const finding = fc.record<FindingPlace>({
      check: fc.constantFrom('a', 'b'),
      side: fc.constantFrom('source', 'target'),
      field: fc.constantFrom('input', 'output', 'x'),
      start: fc.nat(3),
      end: fc.nat(3),
    });
    fc.assert(
      fc.property(finding, finding, (one, other) => {
        const order = Math.sign(readingOrder(fields)(one, other));
        assert.equal(order, -Math.sign(readingOrder(fields)(other, one)) + 0);
        assert.equal(order === 0, JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
