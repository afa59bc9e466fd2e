import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import packageJson from '../../package.json';
import { manifestText, parseManifest, TOOL, type Manifest } from '../../src/core/manifest';
import { anyRelease } from '../helpers/releases';

/** The same members, made in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, each]) => [name, turned(each)]),
  );
}

const FILE = { path: 'train.jsonl', bytes: 1, sha256: 'a'.repeat(64), rows: 1 };
const text = (more: object) => JSON.stringify({ version: 1, tool: TOOL, outputs: [FILE], ...more });

describe('manifest', () => {
  it('is the same text in whatever order its members were made, and all of it', () => {
    fc.assert(
      fc.property(anyRelease, ({ manifest }) => {
        const written = manifestText(manifest);
        assert.equal(manifestText(turned(manifest) as Manifest), written);
        assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(manifest)));
        assert.deepEqual(parseManifest(written)?.outputs, manifest.outputs);
        assert.ok(written.endsWith('}\n'));
      }),
    );
  });

  it('says with which version it was made', () => {
    assert.equal(TOOL, `crossalpaca ${packageJson.version}`);
  });
});

describe('manifest of an earlier export', () => {
  it('is read, whatever else is in it', () => {
    assert.deepEqual(parseManifest(text({ more: 1 })), { outputs: [FILE] });
    assert.deepEqual(parseManifest(text({ tool: 'crossalpaca 99.0.0' })), { outputs: [FILE] });
  });

  for (const [name, wrong] of [
    ['no JSON', '{'],
    ['no map', '[]'],
    ['nothing', 'null'],
    ['another version', text({ version: 2 })],
    ['of another tool', text({ tool: 'crossalpacas' })],
    ['without files', text({ outputs: undefined })],
    ['files that are no list', text({ outputs: { length: 0 } })],
    ['one file twice', text({ outputs: [FILE, FILE] })],
    [
      'too many files',
      text({ outputs: Array.from({ length: 1001 }, (_, at) => ({ ...FILE, path: `${at}` })) }),
    ],
    ['a broken hash', text({ outputs: [{ ...FILE, sha256: 'A'.repeat(64) }] })],
    ['a size below nothing', text({ outputs: [{ ...FILE, bytes: -1 }] })],
    ['rows that are no number', text({ outputs: [{ ...FILE, rows: '1' }] })],
  ] as const) {
    it(`is refused: ${name}`, () => assert.equal(parseManifest(wrong), undefined));
  }

  it('names no file outside its folder', () => {
    for (const path of [
      '..',
      '.',
      '',
      '/etc/passwd',
      '../x',
      'a/b',
      'a\\b',
      'C:x',
      'a\0',
      'a\nb',
      'x'.repeat(256),
      1,
      null,
    ])
      assert.equal(parseManifest(text({ outputs: [{ ...FILE, path }] })), undefined, String(path));
    for (const path of ['..x', 'a b.jsonl', 'é.parquet'])
      assert.ok(parseManifest(text({ outputs: [{ ...FILE, path }] })), path);
  });

  it('does not fall over any JSON', () => {
    fc.assert(fc.property(fc.json(), json => assert.equal(parseManifest(json), undefined)));
    fc.assert(
      fc.property(fc.jsonValue(), outputs => {
        const found = parseManifest(text({ outputs }));
        assert.ok(found === undefined || found.outputs.length === 0);
      }),
    );
  });
});
