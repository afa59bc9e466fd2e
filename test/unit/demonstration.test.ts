import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DIRECTIONS,
  INSTRUCTION_FROM,
  instructionOf,
  translationOf,
  type PairOf,
} from '../../src/core/demonstration';
import { DEFAULT_PAIR } from '../../src/core/recipe';
import type { UnitKey } from '../../src/core/record';
import { alpaca, KEY } from '../helpers/builders';
import { anyText, anyUnit, unitTexts } from '../helpers/trainerRows';

const ANY_LENGTH: PairOf = { source: 'output', target: 'output', min: 1, max: 1e9 };
const ASKING = { text: 'Put this into German.', lang: 'en' };

describe('an instruction', () => {
  it('is asked and answered by the sides that it is made from', () => {
    const unit = unitTexts({
      source: alpaca('Name a colour.', 'red or blue', 'Red'),
      target: alpaca('Nenne eine Farbe.', 'rot oder blau', 'Rot'),
    });
    const made = INSTRUCTION_FROM.map(from => {
      const { id, instruction, input, output, langs } = instructionOf(unit, from)!;
      return [id, instruction, input, output, ...langs];
    });
    assert.deepEqual(made, [
      ['r1@de', 'Nenne eine Farbe.', 'rot oder blau', 'Rot', 'de', 'de'],
      ['r1@de#source', 'Name a colour.', 'red or blue', 'Red', 'en', 'en'],
      ['r1@de#cross-to-target', 'Name a colour.', 'red or blue', 'Rot', 'en', 'de'],
      ['r1@de#cross-to-source', 'Nenne eine Farbe.', 'rot oder blau', 'Red', 'de', 'en'],
    ]);
  });

  it('has an input also where the side has none', () => {
    const [instruction, , output] = alpaca('i', '', 'o');
    assert.equal(instructionOf(unitTexts({ target: [instruction!, output!] }), 'target')?.input, '');
  });

  it('holds no half of a surrogate pair, which no tokenizer reads, and counts the texts that had one', () => {
    const unit = unitTexts({
      key: '\ud83d@de' as UnitKey,
      target: alpaca('a\ud83d', '\ude00b', '😀'),
      original: [],
    });
    const { id, instruction, input, output, repaired } = instructionOf(unit, 'target')!;
    assert.deepEqual(
      [id, instruction, input, output, repaired],
      ['\ufffd@de', 'a\ufffd', '\ufffdb', '😀', 3],
    );
  });

  it('leaves texts as they are: composed and decomposed letters, white space around them', () => {
    const unit = unitTexts({ target: alpaca(' i ', '\t', ' e\u0301é\n') });
    const { instruction, input, output } = instructionOf(unit, 'target')!;
    assert.deepEqual([instruction, input, output], [' i ', '\t', ' e\u0301é\n']);
  });

  it('is not made of sides that are no instruction', () => {
    const blank = [alpaca('i', '', ' \n'), alpaca('\u2003', '', 'o')];
    const noInstruction = [[{ name: 'text', text: 't' }], alpaca('i', '', 'o').slice(0, 2), [], ...blank];
    for (const target of noInstruction)
      assert.equal(instructionOf(unitTexts({ target }), 'target'), undefined);
    const sentence = unitTexts({ source: [{ name: 'text', text: 't' }] });
    const made = INSTRUCTION_FROM.filter(from => instructionOf(sentence, from));
    assert.deepEqual(made, ['target']);
  });
});

describe('a translation', () => {
  const long = unitTexts({
    source: alpaca('', '', ' The sky is blue today.\n'),
    target: alpaca('', '', '\tHeute ist der Himmel blau. '),
    original: [],
  });

  it('goes in either direction, without the white space around the texts', () => {
    const made = DIRECTIONS.map(direction => {
      const { id, instruction, input, output, langs } = translationOf(long, direction, DEFAULT_PAIR, ASKING)!;
      return [id, instruction, input, output, ...langs];
    });
    const [source, target] = ['The sky is blue today.', 'Heute ist der Himmel blau.'];
    assert.deepEqual(made, [
      ['r1@de#forward', ASKING.text, source, target, 'en', 'de'],
      ['r1@de#back', ASKING.text, target, source, 'en', 'en'],
    ]);
  });

  it('takes the fields that it is told to', () => {
    const unit = unitTexts({ source: alpaca('Add.', 'one', 'o'), target: [{ name: 'text', text: 'Eins' }] });
    const made = translationOf(unit, 'forward', { ...ANY_LENGTH, source: 'input', target: 'text' }, ASKING)!;
    assert.deepEqual([made.input, made.output], ['one', 'Eins']);
    assert.equal(translationOf(unit, 'forward', ANY_LENGTH, ASKING), undefined);
  });

  it('is made of texts from the shortest to the longest that are asked for, both included', () => {
    const pair: PairOf = { ...ANY_LENGTH, min: 3, max: 5 };
    const isMade = (source: number, target: number) => {
      const [from, into] = [source, target].map(length => alpaca('', '', ` ${'x'.repeat(length)} `));
      return (
        translationOf(unitTexts({ source: from!, target: into! }), 'forward', pair, ASKING) !== undefined
      );
    };
    const lengths = [2, 3, 5, 6];
    const taken = lengths.flatMap(from =>
      lengths.filter(into => isMade(from, into)).map(into => [from, into]),
    );
    assert.deepEqual(taken, [
      [3, 3],
      [3, 5],
      [5, 3],
      [5, 5],
    ]);
  });

  it('is not made of blank texts, however short they may be', () => {
    const unit = unitTexts({ target: alpaca('i', '', ' \n\u2003') });
    assert.equal(translationOf(unit, 'forward', { ...ANY_LENGTH, min: 0 }, ASKING), undefined);
  });

  it('has texts within the limits, with nothing around them, whatever the unit holds', () => {
    const pair: PairOf = { ...ANY_LENGTH, min: 2, max: 12 };
    let made = 0;
    const property = fc.property(anyUnit, fc.constantFrom(...DIRECTIONS), (unit, direction) => {
      const found = translationOf(unit, direction, pair, ASKING);
      if (!found) return;
      made++;
      for (const text of [found.input, found.output]) {
        assert.equal(text, text.trim());
        assert.ok(text.length >= 2 && text.length <= 12);
      }
    });
    fc.assert(property, { numRuns: 1000 });
    assert.ok(made > 0);
  });
});

describe('the rejected answer', () => {
  const changed = (before: string, now: string) =>
    unitTexts({ target: alpaca('i', '', now), original: alpaca('i', '', before) });
  const rejected = (before: string, now: string) => [
    ...INSTRUCTION_FROM.map(from => instructionOf(changed(before, now), from)?.rejected),
    ...DIRECTIONS.map(
      direction => translationOf(changed(before, now), direction, ANY_LENGTH, ASKING)?.rejected,
    ),
  ];
  const NONE = [undefined, undefined, undefined, undefined, undefined, undefined];

  it('is the row’s own, wherever the answer is the one that a reviewer changed', () => {
    assert.deepEqual(rejected('Rott', 'Rot'), ['Rott', undefined, 'Rott', undefined, 'Rott', undefined]);
  });

  it('is none where nobody changed the answer, or the machine had given none', () => {
    assert.deepEqual(rejected('Rot', 'Rot'), NONE);
    assert.deepEqual(rejected(' \n', 'Rot'), NONE);
    const asked = unitTexts({ target: alpaca('Neu', '', 'Rot'), original: alpaca('Alt', '', 'Rot') });
    assert.equal(instructionOf(asked, 'target')?.rejected, undefined);
  });

  it('is none where the two differ by the repair of half a surrogate pair alone', () => {
    assert.deepEqual(rejected('Rot\ud83d', 'Rot\ufffd'), NONE);
  });

  it('of a translation is none where white space around it was all that changed', () => {
    const [target, , , , forward] = rejected(' Rot', 'Rot\n');
    assert.deepEqual([target, forward], [' Rot', undefined]);
  });

  it('is never the answer, and neither holds half a surrogate pair', () => {
    let pairs = 0;
    const property = fc.property(anyText, anyText, (before, now) => {
      const unit = changed(before, now);
      const made = [
        ...INSTRUCTION_FROM.map(from => instructionOf(unit, from)),
        ...DIRECTIONS.map(direction => translationOf(unit, direction, ANY_LENGTH, ASKING)),
      ];
      for (const each of made) {
        if (each?.rejected === undefined) continue;
        pairs++;
        assert.notEqual(each.rejected, each.output);
        assert.ok(each.rejected.isWellFormed() && each.output.isWellFormed());
      }
    });
    fc.assert(property, { numRuns: 1000 });
    assert.ok(pairs > 0);
  });
});

describe('ids', () => {
  it('tell all demonstrations of a unit apart, and those of its other languages too', () => {
    const both = ['de', 'de-CH'].map(lang => unitTexts({ key: `r1#back@${lang}` as UnitKey }));
    const found = both.flatMap(unit => [
      ...INSTRUCTION_FROM.map(from => instructionOf(unit, from)!.id),
      ...DIRECTIONS.map(direction => translationOf(unit, direction, ANY_LENGTH, ASKING)!.id),
    ]);
    assert.equal(new Set(found).size, 12);
  });

  it('do not change with the texts', () => {
    const property = fc.property(anyUnit, fc.constantFrom(...INSTRUCTION_FROM), (unit, from) => {
      const other = { ...unit, source: alpaca('a', '', 'b'), target: alpaca('c', '', 'd') };
      const made = instructionOf(unit, from);
      fc.pre(made !== undefined);
      assert.equal(made.id, instructionOf(other, from)?.id);
    });
    fc.assert(property);
    assert.equal(instructionOf(unitTexts(), 'target')?.id, KEY);
  });
});
