import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KeyIndex, lookup } from '../../src/core/keyIndex';

const digits = (upper: number, lower: number) =>
  `${upper.toString(16).padStart(8, '0')}${lower.toString(16).padStart(8, '0')}`;
/** Few values, so that halves agree and slots of a table collide. */
const half = fc.oneof(fc.constantFrom(0, 1, 16, 32, 0xffffffff), fc.nat(0xffffffff));
const pair = fc.tuple(half, half);

describe('the index of keys', () => {
  it('finds the rows that a look at every row finds, however the hashes came in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(pair, { maxLength: 30 }), { maxLength: 6 }),
        fc.array(pair, { maxLength: 40 }),
        fc.nat(40),
        async (pieces, others, from) => {
          const index = new KeyIndex();
          for (const piece of pieces) index.add(Uint32Array.from(piece.flat()));
          const rows = pieces.flat().map(([upper, lower]) => digits(upper, lower));
          assert.equal(index.rows, rows.length);
          const wanted = [...others.map(([upper, lower]) => digits(upper, lower)), ...rows.slice(0, 3)];
          const expected = rows.flatMap((hash, row) => (row >= from && wanted.includes(hash) ? [row] : []));
          assert.deepEqual(await index.find(lookup(wanted), from), expected);
        },
      ),
    );
  });

  it('goes over the borders of its segments', async () => {
    const index = new KeyIndex();
    const rows = 200_000;
    const hashes = Uint32Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 0 ? 7 : at >> 1));
    for (let at = 0; at < hashes.length; at += 9998) index.add(hashes.subarray(at, at + 9998));
    const places = [0, 65_535, 65_536, 131_071, 131_072, rows - 1];
    const found = await index.find(lookup(places.map(row => digits(7, row))));
    assert.deepEqual(found, places);
    assert.deepEqual(await index.find(lookup([digits(8, 1)])), []);
  });
});
