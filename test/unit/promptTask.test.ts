import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alpaca } from '../helpers/builders';
import { taskNote, taskOf, taskRule } from '../../src/core/promptTask';

const kind = (instruction: string, lang = 'en') => taskOf(alpaca(instruction, '', ''), lang);

describe('taskOf', () => {
  it('knows a translation, a correction, and what depends on sounds or letters', () => {
    for (const instruction of ['Translate this sentence into French.', 'Provide a translation of the text.'])
      assert.equal(kind(instruction), 'translation', instruction);
    for (const instruction of [
      'Correct the grammar in the sentence.',
      'Find the spelling mistake.',
      'Add punctuation to this text.',
      'Rewrite the sentence so that it is grammatically correct.',
    ])
      assert.equal(kind(instruction), 'correction', instruction);
    for (const instruction of [
      'Find three words that rhyme with “tree”.',
      'Reverse the order of the words.',
      'Reverse the given string.',
      'Write a haiku about rain.',
      'Make an anagram of “listen”.',
      'How many vowels are in this word?',
      'Name animals that start with the letter B.',
      'Sort the names in alphabetical order.',
    ])
      assert.equal(kind(instruction), 'form', instruction);
  });

  it('abstains from all others', () => {
    for (const instruction of [
      'Name a colour.',
      'Describe how to punch a hole in paper.',
      'Explain the reverse of a mortgage.',
      'Write a poem about winter.',
      'Is this the correct answer?',
      'What is spelt flour?',
    ])
      assert.equal(kind(instruction), undefined, instruction);
  });

  it('reads other source languages that are known, and says nothing in one that is not', () => {
    assert.equal(kind('Korrigiere die Rechtschreibfehler.', 'de'), 'correction');
    assert.equal(kind('Trova una parola che fa rima con “sole”.', 'it'), 'form');
    assert.equal(kind('Traduce la frase al inglés.', 'es'), 'translation');
    assert.equal(kind('请把这句话翻译成英语。', 'zh-Hans'), 'translation');
    assert.equal(kind('修改下面的病句。', 'zh'), 'correction');
    assert.equal(kind('ما الكلمة التي لها نفس قافية كتاب', 'ar'), 'form');
    assert.equal(kind('Translate this', 'xx'), undefined);
    assert.equal(kind('Translate this', 'und'), undefined);
  });

  it('goes by the instruction alone', () => {
    assert.equal(taskOf([{ name: 'text', text: 'Translate this.' }], 'en'), undefined);
    assert.equal(taskOf(alpaca('Sum it up.', 'Grammar is a rhyme.', 'Translate.'), 'en'), undefined);
  });
});

it('each kind of task has a rule for the model, in its language, and a note for the reviewer', () => {
  const kinds = ['translation', 'correction', 'form'] as const;
  assert.equal(new Set(kinds.map(each => taskNote(each).id)).size, 3);
  assert.match(taskRule('correction', 'Italian'), /similar mistake in Italian/);
  assert.match(taskRule('form', 'Italian'), /anew in Italian/);
  assert.match(taskRule('translation', 'Italian'), /only its "instruction"/);
});
