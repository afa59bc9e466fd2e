import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { breathe } from '../../src/io/breath';
import { together } from '../../src/io/together';

describe('work that is done together', () => {
  it('gives each its own result, in order, and none of it is done twice or at the same time', async () => {
    const wave = fc.array(fc.integer(), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(wave, { maxLength: 6 }), async waves => {
        const done: number[] = [];
        let running = 0;
        const twice = together(async (items: readonly number[]) => {
          assert.equal(++running, 1);
          await breathe();
          done.push(...items);
          running--;
          return items.map(each => each * 2);
        });
        const results: Promise<number>[] = [];
        for (const items of waves) {
          results.push(...items.map(twice));
          await breathe();
        }
        assert.deepEqual(
          await Promise.all(results),
          waves.flat().map(each => each * 2),
        );
        assert.deepEqual(done, waves.flat());
      }),
    );
  });

  it('is done for all at once where they come at once', async () => {
    const batches: string[] = [];
    const work = together((items: readonly string[]) => {
      batches.push(items.join(''));
      return Promise.resolve(items);
    });
    await Promise.all(['a', 'b', 'c'].map(work));
    assert.deepEqual(batches, ['abc']);
  });

  it('fails for those that it was done for, and for no others', async () => {
    const work = together((items: readonly string[]) =>
      items.includes('bad') ? Promise.reject(new Error('no')) : Promise.resolve(items),
    );
    const both = await Promise.allSettled(['good', 'bad'].map(work));
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await work('good'), 'good');
  });
});
