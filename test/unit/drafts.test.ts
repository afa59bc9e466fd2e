import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { EventId } from '../../src/core/events';
import type { Fingerprint, UnitKey } from '../../src/core/record';
import { Drafts, type Draft } from '../../src/io/drafts';
import { contentsOf, inTempFolder, tempFolder } from '../helpers/shardFixture';

const KEY = 'r1@de' as UnitKey;

function draft(text: string, more: Partial<Draft> = {}): Draft {
  const began = { head: ['E1' as EventId], fingerprint: 'f1' as Fingerprint };
  return { key: KEY, side: 'target', name: 'output', text, ...began, ...more };
}

describe('drafts', () => {
  it('survive reopening, with what they began from', async t => {
    const file = join(tempFolder(t), 'deep', 'drafts.json');
    const drafts = await Drafts.open(file);
    const kept = [
      draft('half a sent'),
      draft('مرحبا \ud800', { name: 'input' }),
      draft('', { side: 'source' }),
    ];
    const elsewhere = draft('another record', { key: 'r2@de' as UnitKey });
    for (const each of [...kept, elsewhere]) await drafts.set(each);
    const reopened = await Drafts.open(file);
    assert.deepEqual(reopened.of(KEY), kept);
    assert.deepEqual(reopened.of(elsewhere.key), [elsewhere]);
  });

  it('are what a map would hold, after any setting and dropping', async () => {
    const place = fc.record({
      key: fc.constantFrom('a@de', 'b@de', '__proto__@de') as fc.Arbitrary<UnitKey>,
      side: fc.constantFrom('source' as const, 'target' as const),
      name: fc.constantFrom('output', 'input'),
    });
    const steps = fc.array(fc.tuple(place, fc.option(fc.string())), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(steps, async changes => {
        await inTempFolder(async folder => {
          const file = join(folder, 'drafts.json');
          const drafts = await Drafts.open(file);
          const model = new Map<string, Draft>();
          for (const [at, text] of changes) {
            if (text === null) await drafts.drop([at]);
            else await drafts.set(draft(text, at));
            if (text === null) model.delete(JSON.stringify(at));
            else model.set(JSON.stringify(at), draft(text, at));
          }
          const reopened = await Drafts.open(file);
          for (const key of ['a@de', 'b@de', '__proto__@de'] as UnitKey[]) {
            const expected = [...model.values()].filter(each => each.key === key);
            const byPlace = (list: Draft[]) =>
              list.sort((a, b) => (a.side + a.name < b.side + b.name ? -1 : 1));
            assert.deepEqual(byPlace(reopened.of(key)), byPlace(expected));
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  it('leave no file behind once all are dropped', async t => {
    const folder = tempFolder(t);
    const drafts = await Drafts.open(join(folder, 'drafts.json'));
    await drafts.set(draft('a'));
    await drafts.drop([draft('')]);
    assert.deepEqual(contentsOf(folder), {});
    await drafts.drop([draft('')]);
    assert.deepEqual(contentsOf(folder), {});
  });

  it('keep the last text where several are set at once', async t => {
    const file = join(tempFolder(t), 'drafts.json');
    const drafts = await Drafts.open(file);
    const texts = Array.from({ length: 30 }, (_, index) => 'x'.repeat(30 - index));
    await Promise.all(texts.map(text => drafts.set(draft(text))));
    assert.deepEqual((await Drafts.open(file)).of(KEY), [draft('x')]);
  });

  it('count as none where the file is torn or not ours, and can be written all the same', async t => {
    const file = join(tempFolder(t), 'drafts.json');
    await (await Drafts.open(file)).set(draft('whole'));
    const { length } = readFileSync(file);
    for (let size = length - 1; size >= 0; size--) {
      truncateSync(file, size);
      assert.deepEqual((await Drafts.open(file)).of(KEY), [], `cut at ${size}`);
    }
    for (const foreign of ['{}', 'null', '[null, 7, {"key":"r1@de"}]', '\ufeff[]']) {
      writeFileSync(file, foreign);
      const drafts = await Drafts.open(file);
      assert.deepEqual(drafts.of(KEY), [], foreign);
      await drafts.set(draft('new'));
      assert.deepEqual((await Drafts.open(file)).of(KEY), [draft('new')]);
    }
  });

  it('take from a file of which a part is foreign the part that is ours', async t => {
    const file = join(tempFolder(t), 'drafts.json');
    writeFileSync(file, JSON.stringify([{ ...draft('bad'), head: 'E1' }, draft('good'), 'x']));
    assert.deepEqual((await Drafts.open(file)).of(KEY), [draft('good')]);
  });

  it('of one shard never touch those of another', async t => {
    const folder = tempFolder(t);
    const [one, other] = [join(folder, 'one.json'), join(folder, 'other.json')];
    const drafts = await Promise.all([Drafts.open(one), Drafts.open(other)]);
    await Promise.all(drafts.map((each, index) => each.set(draft(`text ${index}`))));
    await drafts[0].drop([draft('')]);
    assert.equal(existsSync(one), false);
    assert.deepEqual((await Drafts.open(other)).of(KEY), [draft('text 1')]);
  });

  it('of two windows on one shard do not drop each other', async t => {
    const file = join(tempFolder(t), 'drafts.json');
    const [left, right] = await Promise.all([Drafts.open(file), Drafts.open(file)]);
    const second = draft('right', { key: 'r2@de' as UnitKey });
    await left.set(draft('left'));
    await right.set(second);
    const reopened = await Drafts.open(file);
    assert.deepEqual([reopened.of(KEY), reopened.of(second.key)], [[draft('left')], [second]]);
  });

  it('say so where they cannot be written, and can be written later', async t => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'file'), 'x');
    const drafts = await Drafts.open(join(folder, 'file', 'drafts.json'));
    await assert.rejects(drafts.set(draft('a')));
    truncateSync(join(folder, 'file'));
    const file = join(folder, 'later.json');
    mkdirSync(file);
    const later = await Drafts.open(file);
    await assert.rejects(later.set(draft('b')));
    assert.deepEqual(Object.keys(contentsOf(folder)).sort(), [join(folder, 'file'), file]);
  });
});
