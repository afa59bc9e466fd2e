import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isInside, isSamePlace, portableWay, uriFrom } from '../../src/io/paths';

/** Names that both systems allow; some begin as a step up does. */
const names = fc.array(fc.stringMatching(/^(\.\.)?[a-z é阿]{0,4}[a-z]$/), { maxLength: 4 });
const systems = [
  { rules: posix, top: '/data' },
  { rules: win32, top: 'c:\\data' },
  { rules: win32, top: '\\\\server\\share\\data' },
];

describe('paths', () => {
  it('are inside a folder when they begin with it, whatever their names begin with', () => {
    fc.assert(
      fc.property(fc.constantFrom(...systems), names, names, ({ rules, top }, outer, inner) => {
        const folder = rules.join(top, ...outer);
        const path = rules.join(folder, ...inner);
        assert.equal(isInside(path, folder, rules), true);
        assert.equal(isInside(folder, path, rules), inner.length === 0);
        assert.equal(isInside(`${folder}x`, folder, rules), false);
        assert.equal(isSamePlace(path, folder, rules), inner.length === 0);
        assert.equal(portableWay(folder, path, rules), inner.join('/'));
        assert.deepEqual(
          uriFrom(folder, path, rules).split('/').map(decodeURIComponent).join('/'),
          inner.join('/'),
        );
      }),
    );
  });

  it('of Windows are the same in capitals, of other systems not', () => {
    assert.equal(isSamePlace('C:\\Data\\A.jsonl', 'c:\\data\\a.jsonl', win32), true);
    assert.equal(isInside('C:\\Data\\A.jsonl', 'c:\\data', win32), true);
    assert.equal(portableWay('c:\\data', 'C:\\Data\\Sub\\A.jsonl', win32), 'Sub/A.jsonl');
    assert.equal(isSamePlace('/data/A.jsonl', '/data/a.jsonl', posix), false);
    assert.equal(isInside('/Data/a.jsonl', '/data', posix), false);
  });

  it('of another drive are not inside, and are told whole', () => {
    assert.equal(isInside('d:\\data\\a.jsonl', 'c:\\data', win32), false);
    assert.equal(isInside('\\\\server\\share\\a.jsonl', 'c:\\', win32), false);
    assert.equal(portableWay('c:\\data', 'd:\\more\\a.jsonl', win32), 'd:/more/a.jsonl');
    assert.equal(uriFrom('c:\\data', 'd:\\mo re\\a.jsonl', win32), 'file:///d:/mo%20re/a.jsonl');
  });

  it('may hold a backslash where it separates nothing', () => {
    assert.equal(isInside('/data/..\\a', '/data', posix), true);
    assert.equal(portableWay('/data', '/data/a\\b', posix), 'a\\b');
    assert.equal(uriFrom('/data', '/data/a\\b', posix), 'a%5Cb');
    assert.equal(uriFrom('/data', '/more/a:b', posix), '../more/a%3Ab');
  });
});
