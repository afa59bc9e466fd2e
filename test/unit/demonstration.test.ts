import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alpacaRow } from '../../src/core/demonstration';
import type { UnitKey } from '../../src/core/record';
import { alpaca, KEY } from '../helpers/builders';

describe('an Alpaca row', () => {
  it('holds the three texts and the key, in the same order in every row', () => {
    const row = alpacaRow(KEY, alpaca('Nenne eine Farbe.', 'Rot oder Blau', 'Rot\n'));
    const json = '{"instruction":"Nenne eine Farbe.","input":"Rot oder Blau","output":"Rot\\n","id":"r1@de"}';
    assert.equal(JSON.stringify(row), json);
  });

  it('has an input also where the side has none', () => {
    const [instruction, , output] = alpaca('i', '', 'o');
    assert.equal(alpacaRow(KEY, [instruction!, output!])?.input, '');
  });

  it('holds no half of a surrogate pair, which no tokenizer reads', () => {
    const row = alpacaRow('\ud83d@de' as UnitKey, alpaca('a\ud83d', '\ude00b', '😀'));
    assert.deepEqual(row, { instruction: 'a\ufffd', input: '\ufffdb', output: '😀', id: '\ufffd@de' });
  });

  it('leaves composed and decomposed letters as they are', () => {
    assert.equal(alpacaRow(KEY, alpaca('i', '', 'e\u0301é'))?.output, 'e\u0301é');
  });

  it('is not made of a side that is no instruction', () => {
    assert.equal(alpacaRow(KEY, [{ name: 'text', text: 't' }]), undefined);
    assert.equal(alpacaRow(KEY, alpaca('i', '', 'o').slice(0, 2)), undefined);
    assert.equal(alpacaRow(KEY, []), undefined);
  });
});
