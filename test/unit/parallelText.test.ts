import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { translationOf, type UnitTexts } from '../../src/core/demonstration';
import { readParallel } from '../../src/io/parallelText';

describe('a parallel text', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossalpaca-test-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function read(source: string | Buffer, target: string | Buffer): Promise<UnitTexts[]> {
    const files = {
      source: join(folder, 'a.en'),
      target: join(folder, 'a.it'),
      sourceLang: 'en',
      targetLang: 'it',
    };
    await writeFile(files.source, source);
    await writeFile(files.target, target);
    const units: UnitTexts[] = [];
    let before = 0;
    for await (const { line, units: piece, done } of readParallel(files)) {
      assert.equal(line, units.length + 1);
      assert.ok(done >= before && done <= 1);
      before = done;
      units.push(...piece);
    }
    return units;
  }
  const textsOf = (units: readonly UnitTexts[]) =>
    units.map(({ source, target }) => [source[0]?.text, target[0]?.text]);

  it('is a unit a line, whose id is the number of the line', async () => {
    const units = await read('\ufeffOne.\r\nTwo.\n', 'Uno.\nDue.');
    assert.deepEqual(textsOf(units), [['One.', 'Uno.'], ['Two.', 'Due.']]); // prettier-ignore
    assert.deepEqual(
      units.map(({ key }) => key),
      ['1@it', '2@it'],
    );
    const pair = { source: 'text', target: 'text', min: 1, max: 100 };
    const made = translationOf(units[0]!, 'back', pair, { text: 'Translate.', lang: 'en' });
    assert.deepEqual([made?.input, made?.output, made?.langs], ['Uno.', 'One.', ['en', 'en']]);
  });

  it('has the lines that both files have, whatever they hold and however long they are', async () => {
    const line = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(400_000).map(length => 'ä'.repeat(length))).map(text => text.replace(/[\r\n]/g, ' ').replace(/^\ufeff/, '').toWellFormed()); // prettier-ignore
    const pairs = fc.array(fc.tuple(line, line), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pairs, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
        const side = (at: 0 | 1) => rows.map(row => `${row[at]}${end}`).join('');
        assert.deepEqual(textsOf(await read(side(0), side(1))), rows);
      }),
      { numRuns: 40 },
    );
  });

  it('is refused where the files do not have as many lines, with the counts', async () => {
    const many = 'line\n'.repeat(100_000);
    await assert.rejects(read(many, 'a\nb\n'), /^UserError: Lines of .*a\.en: 100000, of .*a\.it: 2\./);
    await assert.rejects(read('a', many), /^UserError: Lines of .*a\.en: 1, of .*a\.it: 100000\./);
    await assert.rejects(read('', 'a\n'), /: 0, of .*: 1\./);
    await assert.rejects(read(`${many}${'x'.repeat(300_000)}`, many), /: 100001, of .*: 100000\./);
    assert.deepEqual(await read('', ''), []);
  });

  it('is refused where it is no UTF-8, with the line', async () => {
    const bad = Buffer.concat([Buffer.from('a\n'.repeat(70_000)), Buffer.from([0x61, 0xe9, 0x0a])]);
    await assert.rejects(read(bad, 'a\n'.repeat(70_001)), /a\.en, line 70001: this is no valid UTF-8/);
  });

  it('is refused where a line has no end in sight', async () => {
    await assert.rejects(
      read(Buffer.alloc(3 << 20, 0x61), 'a\n'),
      /a\.en, line 1: the line is longer than 1 MiB/,
    );
  });

  it('stops where it is cancelled', async () => {
    await writeFile(join(folder, 'b.en'), 'x\n'.repeat(500_000));
    const files = {
      source: join(folder, 'b.en'),
      target: join(folder, 'b.en'),
      sourceLang: 'en',
      targetLang: 'it',
    };
    const controller = new AbortController();
    await assert.rejects(async () => {
      for await (const { units } of readParallel(files, controller.signal)) if (units.length > 0) controller.abort();
    }, { name: 'AbortError' }); // prettier-ignore
  });
});
