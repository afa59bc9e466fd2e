import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NearDuplicates, similarity } from '../../src/core/nearDuplicates';
import { randomOf } from '../helpers/twoLanguages';

const WORDS =
  'apple bread river stone garden window paper silver winter morning yellow quiet market summer'.split(' ');

function textOf(random: () => number, words: number): string[] {
  return Array.from(
    { length: words },
    () => `${WORDS[Math.floor(random() * WORDS.length)]}${Math.floor(random() * 1000)}`,
  );
}

describe('texts that are nearly the same', () => {
  it('are found where a word of forty is another, whatever stands between them', () => {
    const random = randomOf(3);
    const count = 2000;
    const near = new NearDuplicates(count * 2);
    const texts = Array.from({ length: count }, () => textOf(random, 40));
    texts.forEach((words, id) =>
      assert.deepEqual(
        near
          .add(id, words.join(' '))
          .filter(each => similarity(texts[each]!.join(' '), words.join(' ')) > 0.8),
        [],
      ),
    );
    let found = 0;
    texts.forEach((words, id) => {
      const changed = words.with(Math.floor(random() * 40), 'otherwise');
      assert.ok(similarity(words.join(' '), changed.join(' ')) > 0.85);
      if (near.add(count + id, changed.join(' ')).includes(id)) found++;
    });
    assert.ok(found >= 0.95 * count, `${found} of ${count}`);
  });

  it('are hardly ever looked for among others', () => {
    const random = randomOf(4);
    const near = new NearDuplicates(5000);
    let candidates = 0;
    for (let id = 0; id < 5000; id++) {
      const text = textOf(random, 30).join(' ');
      candidates += near.add(id, text).length;
    }
    assert.ok(candidates < 2500, `${candidates} candidates for 5000 texts`);
  });

  it('are told in any script, by their letters alone', () => {
    const near = new NearDuplicates(10);
    const chinese =
      '保持健康的三个建议：均衡饮食，经常锻炼身体，保证充足的睡眠，并且少喝酒，多喝水，每天到户外散步半个小时。';
    assert.deepEqual(near.add(0, chinese), []);
    assert.deepEqual(near.add(1, chinese.replaceAll('，', ' ').replace('三', '四')), [0]);
    assert.deepEqual(near.add(2, 'Too short to tell.'), []);
    assert.deepEqual(near.add(3, 'Too short to tell.'), []);
    assert.equal(similarity('A man, a plan!', 'a MAN a plan'), 1);
    assert.equal(similarity('', ''), 0);
  });

  it('are as similar one way as the other, and no text stops it', () => {
    const near = new NearDuplicates(1000);
    let id = 0;
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        (a, b) => {
          const share = similarity(a, b);
          assert.equal(similarity(b, a), share);
          assert.ok(share >= 0 && share <= 1);
          for (const each of near.add(id++, a + b)) assert.ok(each < id);
        },
      ),
    );
  });
});
