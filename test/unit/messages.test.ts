import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  english,
  fill,
  languageNamed,
  listed,
  MESSAGES,
  phrase,
  quoted,
  say,
  UserError,
  writingIn,
  type MessageId,
} from '../../src/core/messages';

const all = Object.keys(MESSAGES) as MessageId[];
const placeholders = (template: string) =>
  new Set([...template.matchAll(/\{(\d+)\}/g)].map(match => Number(match[1])));

describe('every message', () => {
  it('numbers its arguments from 0 without a gap; those about language share their two', () => {
    for (const id of all) {
      const used = [...placeholders(MESSAGES[id])].sort();
      const whole = Array.from({ length: used.length }, (_, index) => index);
      if (id.startsWith('language.')) assert.ok(used.length > 0 && used.every(index => index < 2), id);
      else assert.deepEqual(used, whole, id);
    }
  });

  it('has no other braces, which would be shown', () => {
    for (const id of all) assert.doesNotMatch(MESSAGES[id].replace(/\{\d\}/g, ''), /[{}]/, id);
  });

  it('says its arguments, all of them, in English', () => {
    for (const id of all) {
      const used = [...placeholders(MESSAGES[id])];
      const language = id.startsWith('language.');
      const sentence = english(say(id, ...(language ? ['fr', 'de'] : used.map(index => `<${index}>`))));
      assert.doesNotMatch(sentence, /\{\d+\}/, id);
      for (const index of used) {
        const said = language ? ['French', 'German'][index]! : `<${index}>`;
        assert.ok(sentence.includes(said), id);
      }
    }
  });

  it('is a text of its own', () => {
    for (const id of all) assert.match(MESSAGES[id], /^\S(.*\S)?$/, id);
  });
});

describe('fill', () => {
  it('does not look for placeholders in what it filled in', () => {
    assert.equal(fill('{0} {1}', ['{1}', '$& $1 {0}']), '{1} $& $1 {0}');
  });

  it('fills a number, a zero, an empty text, and one argument twice', () => {
    assert.equal(fill('{0}|{1}|{0}', [0, '']), '0||0');
  });
});

describe('phrase', () => {
  it('puts names of languages for their tags, in the language of the sentence', () => {
    const said = say('language.wrong', 'fr', 'de');
    assert.equal(english(said), 'This looks like French, not German.');
    assert.equal(
      phrase(
        said,
        writingIn('de', () => 'Das sieht nach {0} aus, nicht nach {1}.'),
      ),
      'Das sieht nach Französisch aus, nicht nach Deutsch.',
    );
    assert.equal(
      english(say('language.wrong', 'ru-Latn', 'ru')),
      'This looks like Russian (Latin), not Russian.',
    );
  });

  it('leaves tags in other messages alone', () => {
    assert.equal(english(say('page.languages', 'en', 'de')), 'en → de');
  });

  it('leads from the right to the left where that is how one reads, and leaves arrows of names alone', () => {
    const said = say('page.languages', 'en → us', 'de');
    const written = (tag: string) =>
      phrase(
        said,
        writingIn(tag, id => MESSAGES[id]),
      );
    assert.equal(written('he'), 'en → us ← de');
    assert.equal(written('zh-cn'), 'en → us → de');
  });

  it('writes numbers as the language does, and in English as other programs read them', () => {
    const said = say('page.line', 1234567.5);
    const german = writingIn('de', () => 'Zeile {0}');
    assert.equal(phrase(said, german), 'Zeile 1.234.567,5');
    assert.equal(english(said), 'line 1234567.5');
  });

  it('says a sentence within a sentence, and several, in the same language', () => {
    const german = writingIn('de', id => (id === 'policy.unreadable' ? 'Nichts gilt: {0}' : 'das Ereignis'));
    const reason = say('event.notJson');
    assert.equal(phrase(say('policy.unreadable', reason), german), 'Nichts gilt: das Ereignis');
    assert.equal(
      phrase(say('policy.unreadable', [reason, reason]), german),
      'Nichts gilt: das Ereignis das Ereignis',
    );
    assert.match(english(say('policy.unreadable', reason)), /not a complete event$/);
  });

  it('quotes, lists and names languages as the language of the sentence does', () => {
    const words: Partial<Record<MessageId, string>> = {
      'text.quoted': '„{0}“',
      'list.more': '{0} / {1}',
      'language.name': '{0}',
    };
    const german = writingIn('de', id => words[id] ?? '{0}: {1}');
    const terms = listed(['Feige', 'Dattel', '{0}'].map(quoted));
    assert.equal(phrase(say('terms.missing', 'fig', terms), german), 'fig: „Feige“ / „Dattel“ / „{0}“');
    assert.equal(
      english(say('terms.missing', 'fig', terms)),
      'For “fig” the glossary has “Feige”, “Dattel”, “{0}”, which is missing here.',
    );
    assert.equal(
      phrase(say('record.notText', languageNamed('zh'), languageNamed('xx')), german),
      'Chinesisch: xx',
    );
    assert.equal(english(listed([quoted('one')])), '“one”');
    const many = Array.from({ length: 600 }, (_, number) => quoted(String(number)));
    assert.equal(english(listed(many)), english(listed(many.slice(0, 10))));
  });

  it('says a tag that names no language as it is', () => {
    assert.equal(english(say('language.wrong', 'xx', 'de')), 'This looks like xx, not German.');
    assert.equal(english(say('language.wrong', 'no tag', '!')), 'This looks like no tag, not !.');
  });
});

it('an error for the user carries its sentence in English and for translation', () => {
  const error = new UserError('file.missing', '/data/x.jsonl');
  assert.equal(error.message, 'There is no file /data/x.jsonl.');
  assert.deepEqual(error.said, say('file.missing', '/data/x.jsonl'));
});
