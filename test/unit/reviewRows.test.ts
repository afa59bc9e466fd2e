import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editDistance } from '../../src/core/editDistance';
import { pseudonyms } from '../../src/core/pseudonyms';
import { editsHeld, reviewRow } from '../../src/core/reviewRows';
import { ReviewTally } from '../../src/core/reviewTally';
import { ReviewTexts } from '../../src/core/reviewTexts';
import { sha256 } from '../helpers/builders';
import { demonstration, provenance } from '../helpers/releases';

/** Straight after the definition, without any short cut. */
function slowDistance(before: string, after: string): number {
  const [a, b] = [Array.from(before), Array.from(after)];
  const known = new Map<string, number>();
  const from = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return a.length - i + b.length - j;
    const place = `${i} ${j}`;
    let cost = known.get(place);
    if (cost === undefined) {
      cost =
        a[i] === b[j] ? from(i + 1, j + 1) : 1 + Math.min(from(i + 1, j), from(i, j + 1), from(i + 1, j + 1));
      known.set(place, cost);
    }
    return cost;
  };
  return from(0, 0);
}

const few = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '色', '😀'), maxLength: 12 });

describe('edit distance', () => {
  it('counts characters, not halves of them', () => {
    assert.deepEqual(editDistance('kitten', 'sitting'), { distance: 3, of: 7 });
    assert.deepEqual(editDistance('😀', '😁'), { distance: 1, of: 1 });
    assert.deepEqual(editDistance('', ''), { distance: 0, of: 0 });
    assert.deepEqual(editDistance('', '红色'), { distance: 2, of: 2 });
  });

  it('is what its definition says', () => {
    fc.assert(fc.property(few, few, (a, b) => assert.equal(editDistance(a, b).distance, slowDistance(a, b))));
  });

  it('is nothing for the same text, the same in both directions, and never more than the whole', () => {
    // Also of texts that are compared by words.
    const long = fc
      .array(fc.lorem({ maxCount: 1 }), { minLength: 150, maxLength: 400 })
      .map(all => all.join(' '));
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), long);
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(editDistance(a, a).distance, 0);
        assert.deepEqual(editDistance(a, b), editDistance(b, a));
        assert.ok(editDistance(a, b).distance <= editDistance(a, b).of);
        assert.equal(editDistance(a, b).distance === 0, a === b);
      }),
      { numRuns: 60 },
    );
  });

  it('of a long text counts what was replaced at both ends', () => {
    const middle = Array.from({ length: 3000 }, (_, at) => `word${at}`).join(' ');
    assert.deepEqual(editDistance(`first ${middle} last`, `second ${middle} end`), {
      distance: 6 + 4,
      of: Array.from(`second ${middle} last`).length - 1,
    });
  });

  it('of long texts with nothing in common is the whole', () => {
    const text = (letter: string) => Array.from({ length: 2000 }, (_, at) => `${letter}${at}`).join('|');
    const { distance, of } = editDistance(text('a').replaceAll('|', ' '), text('b').replaceAll('|', '-'));
    assert.equal(distance, of);
  });

  it('is never less than the exact one where it is counted by words', () => {
    const a = 'ab '.repeat(1200);
    const b = `${'ac '.repeat(3)}${'ab '.repeat(1190)}xy`;
    assert.ok(editDistance(a, b).distance >= 3);
    assert.ok(editDistance(a, b).distance < 60);
  });
});

describe('review row', () => {
  const name = (reviewer: string) => (reviewer === 'ann' ? 'reviewer-2' : 'reviewer-1');

  it('says who did what under pseudonyms, how much was edited, and names the text by its hash', () => {
    const row = reviewRow(
      demonstration(),
      provenance({
        edited: [{ side: 'target', name: 'output', before: 'Röt', after: 'Rot' }],
        author: 'bob',
        candidate: { model: 'm-1', parameters: { seed: 7 }, prompt: '0123456789abcdef' },
        decisions: [
          { by: 'ann', at: '2026-01-31', decision: 'approve', reasons: [], counts: true },
          { by: 'bob', at: '2026-02-01', decision: 'needs-work', reasons: ['fluency'], counts: false },
        ],
      }),
      sha256,
      name,
    );
    assert.equal(row.origin, 'edited');
    assert.equal(row.author, 'reviewer-1');
    assert.deepEqual([row.edit_distance, row.edit_length, row.edited_fields], [1, 3, '["output"]']);
    assert.deepEqual([row.model, row.parameters, row.prompt_hash], ['m-1', '{"seed":7}', '0123456789abcdef']);
    assert.deepEqual(JSON.parse(row.decisions), [
      { reviewer: 'reviewer-2', decision: 'approve', reasons: [], date: '2026-01-31', counts: true },
      {
        reviewer: 'reviewer-1',
        decision: 'needs-work',
        reasons: ['fluency'],
        date: '2026-02-01',
        counts: false,
      },
    ]);
    assert.deepEqual([row.annotations, row.approvals, row.reviewed_at], [1, 1, '2026-01-31']);
    assert.equal(row.text_sha256, sha256('["Nenne eine Farbe.","","Rot"]'));
    assert.doesNotMatch(JSON.stringify(row), /\b(ann|bob)\b/);
  });

  it('says of a row what was done to the texts that it holds, and not to others', () => {
    const field = (side: 'source' | 'target', name: string) => ({ side, name, before: 'a', after: 'b' });
    const candidate = { model: 'm', parameters: {}, prompt: '0123456789abcdef' };
    const pair = { source: 'instruction', target: 'output', min: 1, max: 9 };
    const heldOf = (...fields: ReturnType<typeof field>[]) =>
      (['target', 'source', 'cross-to-target', 'cross-to-source', 'forward', 'back'] as const).filter(way => {
        const edits = { edited: fields, candidate, author: 'bob' };
        const held = editsHeld(edits, way, way === 'forward' || way === 'back' ? pair : undefined);
        assert.equal(held.author !== undefined, held.edited.length > 0);
        assert.equal(
          held.candidate !== undefined,
          held.edited.some(({ side }) => side === 'target'),
        );
        return held.edited.length > 0;
      });
    assert.deepEqual(heldOf(field('target', 'output')), ['target', 'cross-to-target', 'forward', 'back']);
    assert.deepEqual(heldOf(field('target', 'input')), ['target', 'cross-to-source']);
    assert.deepEqual(heldOf(field('source', 'output')), ['source', 'cross-to-source']);
    assert.deepEqual(heldOf(field('source', 'instruction')), [
      'source',
      'cross-to-target',
      'forward',
      'back',
    ]);
  });

  it('names a model without saying where its file is on somebody’s machine', () => {
    const named = (model: string) =>
      reviewRow(
        demonstration(),
        provenance({ candidate: { model, parameters: {}, prompt: '0123456789abcdef' } }),
        sha256,
        name,
      ).model;
    for (const folder of [
      '/home/ann/models/',
      '~/',
      '../',
      'C:\\Users\\ann\\',
      'file:///home/ann/',
      'models/',
    ])
      assert.equal(named(`${folder}llama-3.gguf`), 'llama-3.gguf');
    assert.equal(named('/home/ann/llama/'), 'llama');
    for (const id of ['gpt-4.1', 'meta-llama/Llama-3.1-8B', 'llama3:8b']) assert.equal(named(id), id);
  });

  it('has the same members of the same types for every unit, and whole numbers only', () => {
    const rows = [
      provenance(),
      provenance({ decisions: [], licence: '', origin: 'human', state: 'pending' }),
      provenance({
        edited: [{ side: 'target', name: 'output', before: 'abc', after: '' }],
        author: 'bob',
        candidate: { model: '', parameters: {}, prompt: '' },
      }),
    ].map(each => reviewRow(demonstration(), each, sha256, name));
    const shape = (row: object) => Object.entries(row).map(([member, value]) => `${member}: ${typeof value}`);
    for (const row of rows) {
      assert.deepEqual(shape(row), shape(rows[0]!));
      for (const value of Object.values(row))
        assert.ok(typeof value === 'string' ? value.isWellFormed() : Number.isInteger(value), String(value));
    }
  });

  it('holds no half of a character, whatever a ledger says', () => {
    const half = '\ud83d';
    const row = reviewRow(
      demonstration(),
      provenance({
        key: half,
        candidate: { model: half, parameters: { [half]: 1 }, prompt: half },
        edited: [{ side: 'target', name: half, before: 'a', after: 'b' }],
        decisions: [{ by: 'ann', at: '2026-01-31', decision: 'approve', reasons: [half], counts: true }],
      }),
      sha256,
      name,
    );
    // JSON in a text escapes it: that is six characters, and no half of one.
    for (const value of Object.values(row)) assert.ok(String(value).isWellFormed(), String(value));
  });
});

describe('pseudonyms', () => {
  const anyNames = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 30 });

  it('are as many as there are names, numbered from 1, and the same in whatever order the names come', () => {
    fc.assert(
      fc.property(anyNames, fc.string(), (names, seed) => {
        const found = pseudonyms(names, seed, sha256);
        assert.deepEqual(
          [...found.values()],
          names.map((_, at) => `reviewer-${at + 1}`),
        );
        assert.deepEqual([...pseudonyms(names.toReversed(), seed, sha256)], [...found]);
        assert.deepEqual(new Set(found.keys()), new Set(names));
      }),
    );
  });

  it('do not follow the alphabet', () => {
    const names = Array.from({ length: 20 }, (_, at) => `name-${String(at).padStart(2, '0')}`);
    const orders = ['one', 'two'].map(seed => [...pseudonyms(names, seed, sha256).keys()].join());
    assert.ok(!orders.includes(names.join()));
    assert.notEqual(orders[0], orders[1]);
  });
});

describe('review tally', () => {
  it('knows the language of a text to be translated, whatever language asks for it', () => {
    const tally = new ReviewTally();
    const asked = demonstration({ kind: 'translation', langs: ['it', 'it'] });
    tally.add(reviewRow(asked, provenance({ sourceLang: 'en', targetLang: 'it' }), sha256, name => name));
    assert.deepEqual(tally.result().languages, ['en', 'it']);
  });

  it('counts rows by origin and approvals, and names everybody whose text or decision is in', () => {
    const tally = new ReviewTally();
    const add = (more: Parameters<typeof provenance>[0]) =>
      tally.add(reviewRow(demonstration(), provenance(more), sha256, name => `p-${name}`));
    add({});
    add({
      edited: [{ side: 'target', name: 'output', before: 'a', after: 'b' }],
      author: 'bob',
      candidate: { model: 'm', parameters: {}, prompt: '' },
      decisions: [
        { by: 'eve', at: '2026-03-01', decision: 'approve', reasons: [], counts: true },
        { by: 'ann', at: '2026-02-01', decision: 'approve', reasons: [], counts: true },
        { by: 'old', at: '2026-04-01', decision: 'approve', reasons: [], counts: false },
      ],
    });
    add({ origin: 'human', decisions: [] });
    assert.deepEqual(tally.result(), {
      rows: 3,
      origins: { human: 1, machine: 1, edited: 1 },
      approvals: [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      annotated: 2,
      reviewers: ['p-ann', 'p-bob', 'p-eve'],
      models: ['m'],
      languages: ['de'],
      newest: '2026-03-01',
    });
  });
});

describe('the text of a review', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  const some = fc.constantFrom('en', 'it', 'zh"');
  const untouched = { edited: [], candidate: undefined, author: undefined, decisions: [] } as const;
  const anyRow = fc.record({
    demonstration: fc
      .record({
        id: text.map(id => id.toWellFormed()),
        kind: fc.constantFrom('instruction', 'translation'),
        instruction: text,
        langs: fc.tuple(some, some),
      })
      .map(each => demonstration(each)),
    provenance: fc
      .record({
        shard: fc.constantFrom('a', 'b\n"'),
        licence: fc.constantFrom('', 'CC'),
        origin: fc.constantFrom('machine', 'human'),
        key: text,
        line: fc.nat(),
        state: fc.constantFrom('pending', 'accepted-by-sample'),
        sourceLang: some,
        targetLang: some,
        way: fc.constantFrom('target', 'forward', 'back'),
        done: fc.constantFrom(untouched, {}),
      })
      .map(({ done, ...more }) => provenance({ ...more, ...done })),
  });

  it('is that of the row, whatever rows there were before, and is counted as it', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), rows => {
        const texts = new ReviewTexts(sha256, name => `p-${name}`);
        const [quick, slow] = [new ReviewTally(), new ReviewTally()];
        for (const each of rows) {
          const row = reviewRow(each.demonstration, each.provenance, sha256, name => `p-${name}`);
          const made = texts.of(each.demonstration, each.provenance);
          assert.equal(made.json, JSON.stringify(row));
          quick.add(texts.alike(made));
          slow.add(row);
        }
        assert.deepEqual(quick.result(), slow.result());
      }),
    );
  });
});
