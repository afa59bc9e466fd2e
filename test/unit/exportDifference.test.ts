import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { differenceTexts, exportDifference, type ExportedRow } from '../../src/core/exportDifference';
import { HashTable } from '../../src/core/hashTable';
import { sha256 } from '../helpers/builders';

type Rows = ReadonlyMap<string, string>;

async function* read(rows: Rows, onRead?: () => void): AsyncGenerator<ExportedRow> {
  onRead?.();
  for (const [id, text] of rows) yield await Promise.resolve({ id, text });
}
const differ = (before: Rows, after: Rows) => exportDifference(() => read(before), read(after), sha256);
const anyRows = fc
  .array(fc.tuple(fc.nat(40).map(String), fc.constantFrom('{"a":1}', '{"a":2}')))
  .map(rows => new Map(rows));

describe('difference of two exports', () => {
  it('counts and names what was added, changed and is gone, with both texts', async () => {
    const before = new Map([
      ['same', '1'],
      ['changed', '2'],
      ['gone', '3'],
    ]);
    const after = new Map([
      ['added', '4'],
      ['changed', '5'],
      ['same', '1'],
    ]);
    assert.deepEqual(await differ(before, after), {
      added: 1,
      changed: 1,
      gone: 1,
      rows: [
        { id: 'added', change: 'added', before: '', after: '4' },
        { id: 'changed', change: 'changed', before: '2', after: '5' },
        { id: 'gone', change: 'gone', before: '3', after: '' },
      ],
    });
  });

  it('is what two maps say, in whatever order the rows stand', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anyRows, async (before, after) => {
        const { added, changed, gone, rows } = await differ(before, after);
        const ids = (some: Rows, test: (id: string) => boolean) => [...some.keys()].filter(test);
        assert.deepEqual(
          new Set(rows.map(({ id, change }) => `${change} ${id}`)),
          new Set([
            ...ids(after, id => !before.has(id)).map(id => `added ${id}`),
            ...ids(after, id => before.has(id) && before.get(id) !== after.get(id)).map(
              id => `changed ${id}`,
            ),
            ...ids(before, id => !after.has(id)).map(id => `gone ${id}`),
          ]),
        );
        assert.equal(added + changed + gone, rows.length);
        for (const row of rows) {
          assert.equal(row.before, before.get(row.id) ?? '');
          assert.equal(row.after, after.get(row.id) ?? '');
        }
        const turned = await differ(new Map([...before].reverse()), new Map([...after].reverse()));
        assert.deepEqual([turned.added, turned.changed, turned.gone], [added, changed, gone]);
      }),
    );
  });

  it('counts all, and names a hundred of each kind with what a person can read', async () => {
    const rows = (name: string, text: string) =>
      Array.from({ length: 150 }, (_, at) => [`${name}${at}`, text] as const);
    const before = new Map([...rows('gone', 'x'), ...rows('changed', 'x'.repeat(30_000))]);
    const after = new Map([...rows('changed', 'y'.repeat(30_000)), ...rows('added', 'x')]);
    const { added, changed, gone, rows: named } = await differ(before, after);
    assert.deepEqual([added, changed, gone, named.length], [150, 150, 150, 300]);
    for (const each of named) assert.ok(each.before.length <= 20_000 && each.after.length <= 20_000);
    assert.ok(named.filter(({ change }) => change === 'changed').every(each => each.before.startsWith('x')));
  });

  it('reads the earlier rows a second time only to name them', async () => {
    const rows = new Map([['a', '1']]);
    let readings = 0;
    const former = () => read(rows, () => readings++);
    await exportDifference(former, read(rows), sha256);
    assert.equal(readings, 1);
    await exportDifference(former, read(new Map()), sha256);
    assert.equal(readings, 3);
  });
});

describe('texts of a difference', () => {
  it('stand side by side, and say how much there is', async () => {
    const [before, after] = differenceTexts(
      await differ(
        new Map([
          ['a', '{"x":1}'],
          ['b', '{"x":[]}'],
        ]),
        new Map([['a', '{"x":2}']]),
      ),
    );
    assert.equal(
      before,
      'Rows added: 0, changed: 1, gone: 1. Of each at most 100 are shown.\n\n"a"\n{\n  "x": 1\n}\n\n"b"\n{\n  "x": []\n}\n',
    );
    assert.equal(
      after,
      'Rows added: 0, changed: 1, gone: 1. Of each at most 100 are shown.\n\n"a"\n{\n  "x": 2\n}\n',
    );
  });

  it('have the rows in the order of their ids, whichever file has them', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anyRows, async (before, after) => {
        const difference = await differ(before, after);
        const ids = differenceTexts(difference).map(text =>
          [...text.matchAll(/^"(.*)"$/gm)].map(([, id]) => id),
        );
        const named = (without: string) =>
          difference.rows
            .filter(({ change }) => change !== without)
            .map(({ id }) => id)
            .sort();
        assert.deepEqual(ids, [named('added'), named('gone')]);
      }),
    );
  });

  it('show a row that was cut as it is', () => {
    const row = { id: 'a', change: 'added', before: '', after: '{"x":"cu' } as const;
    assert.match(differenceTexts({ added: 1, changed: 0, gone: 0, rows: [row] })[1], /\n{"x":"cu\n$/);
  });
});

describe('table of hashes', () => {
  it('holds what a map holds, also beyond its first size', () => {
    const table = new HashTable();
    const map = new Map<string, string>();
    for (let at = 0; at < 5000; at++) {
      const [name, value] = [sha256(String(at % 4000)), sha256(`value ${at}`)];
      table.set(name, value);
      map.set(name, value.slice(0, 16));
      if (at === 100) assert.ok(table.mark(sha256('7')));
    }
    assert.equal(table.size, map.size);
    for (const [name, value] of map) assert.equal(table.get(name), value);
    assert.equal(table.get(sha256('none')), undefined);
    assert.equal(table.mark(sha256('none')), false);
    assert.equal(table.mark(sha256('3999')), true);
    assert.equal(table.mark(sha256('3999')), false);
  });

  it('keeps marks when it grows', () => {
    const table = new HashTable();
    table.set(sha256('first'), sha256('1'));
    assert.ok(table.mark(sha256('first')));
    for (let at = 0; at < 3000; at++) table.set(sha256(String(at)), sha256('1'));
    assert.equal(table.mark(sha256('first')), false);
  });
});
