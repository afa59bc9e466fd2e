import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRecipe, type Recipe } from '../../src/core/recipe';
import { exportRecipe, previewExport } from '../../src/exporting';
import { importShard } from '../../src/importing';
import { readTmx, type TmxUnit } from '../../src/io/tmx';

const LANGS = { sourceLang: 'en', targetLang: 'it' };
const HEAD =
  '<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n<header srclang="en"/><body>\n';
const FOOT = '</body></tmx>\n';
const variant = (lang: string, seg: string) => `<tuv xml:lang="${lang}"><seg>${seg}</seg></tuv>`;
const unit = (...variants: string[]) => `<tu>${variants.join('\n')}</tu>\n`;
const memory = (...units: string[]) => HEAD + units.join('') + FOOT;
const escaped = (text: string) =>
  text.replace(/[&<>]/g, each => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[each] ?? '');

describe('a TMX file', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossalpaca-test-'));
    path = join(folder, 'memory.tmx');
  });
  after(() => rm(folder, { recursive: true }));

  async function read(content: string | Buffer, langs = LANGS): Promise<TmxUnit[]> {
    await writeFile(path, content);
    const units: TmxUnit[] = [];
    for await (const piece of readTmx(path, langs)) units.push(...piece.units);
    return units;
  }
  const texts = (units: readonly TmxUnit[]) =>
    units.map(({ source, target }) => [source?.text, target?.text]);
  const rejected = (content: string | Buffer, message: RegExp, langs = LANGS) =>
    assert.rejects(read(content, langs), message);

  it('has the pairs that were written, whatever they hold, in every encoding and way of spelling', async () => {
    // Carriage returns and what XML has no place for are not written as they are.
    const text = fc.string({ unit: 'binary', maxLength: 60 }).map(each =>
      // eslint-disable-next-line no-control-regex
      each.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, ' '),
    );
    const spelled = fc.constantFrom(
      escaped,
      (each: string) => `<![CDATA[${each.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`,
      (each: string) => Array.from(each, char => `&#x${char.codePointAt(0)?.toString(16)};`).join(''),
      (each: string) => `<hi type="b">${escaped(each)}</hi>`,
    );
    const encoded = fc.constantFrom(
      (xml: string) => Buffer.from(xml),
      (xml: string) => Buffer.from(`\ufeff${xml}`),
      (xml: string) => Buffer.from(`\ufeff${xml}`, 'utf16le'),
      (xml: string) => Buffer.from(`\ufeff${xml}`, 'utf16le').swap16(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1 }), spelled, encoded, async (pairs, spell, encode) => {
        const units = pairs.map(([en, it]) => unit(variant('en', spell(en)), variant('it', spell(it))));
        assert.deepEqual(texts(await read(encode(memory(...units)))), pairs);
      }),
      { numRuns: 60 },
    ); // prettier-ignore
  });

  it('is read in whatever place its pieces are cut, with the line of each unit', async () => {
    const long = 'Città 😀 '.repeat(40);
    const units = Array.from({ length: 2000 }, (_, at) => unit(variant('en', `${at}`), variant('it', long)));
    const found = await read(memory(...units));
    assert.equal(found.length, 2000);
    assert.ok(found.every(({ target }) => target?.text === long));
    assert.deepEqual(found.slice(0, 2).map(({ number, line }) => [number, line]), [[1, 5], [2, 7]]); // prettier-ignore
  });

  it('takes a language by its tag, or the one variety of it', async () => {
    const en = variant('EN_us', 'Hello');
    assert.deepEqual(texts(await read(memory(unit(en, variant('it-IT', 'Ciao'), variant('de', 'Hallo'))))), [['Hello', 'Ciao']]); // prettier-ignore
    // Of a unit that has both, the one whose tag it is.
    assert.deepEqual(texts(await read(memory(unit(en, variant('en', 'Hi'), variant('it', 'Ciao'))))), [['Hi', 'Ciao']]); // prettier-ignore
    assert.deepEqual(texts(await read(memory(unit(en, variant('it', 'Ciao'))), { sourceLang: 'en-US', targetLang: 'it' })), [['Hello', 'Ciao']]); // prettier-ignore
    // As TMX 1.1 to 1.3 spell it.
    assert.deepEqual(texts(await read(memory('<tu><tuv lang="en"><seg>Hi</seg></tuv><tuv lang="it"><seg>Ciao</seg></tuv></tu>'))), [['Hi', 'Ciao']]); // prettier-ignore
  });

  it('is refused where a language can be two of its varieties, or is not there, with what is', async () => {
    const italian = variant('it', 'Ciao');
    const both = [variant('en-GB', 'Hiya'), variant('en-US', 'Hello')] as const;
    await rejected(memory(unit(...both, italian)), /line 5: “en” can be “en-GB” or “en-US”/);
    await rejected(
      memory(unit(both[0], italian), unit(both[1], italian)),
      /line 7: “en” can be “en-GB” or “en-US”/,
    );
    await rejected(memory(unit(...both, italian)), /no text in the language “fr”. Its languages are: en-GB, en-US, it/, { sourceLang: 'fr', targetLang: 'it' }); // prettier-ignore
    // A variety is not what has no variety.
    await rejected(memory(unit(variant('en', 'Hi'), italian)), /no text in the language “en-US”/, {
      sourceLang: 'en-US',
      targetLang: 'it',
    });
  });

  it('leaves formatting codes out, and says which texts have a hole or are not alone', async () => {
    const bold =
      'A <bpt i="1">&lt;b></bpt>bold<ept i="1">&lt;/b></ept> <hi>word</hi><it pos="begin">{\\i</it>.';
    const hole = 'Dear <ph x="1">{0}<sub>name</sub></ph>,';
    const [formatted, holed, unknown, several, alone] = await read(
      memory(
        unit(variant('en', bold), variant('it', 'Una parola.')),
        unit(variant('en', 'Dear X,'), variant('it', hole)),
        unit(variant('en', '<ut>\\par</ut>Hi'), variant('it', 'Ciao')),
        unit(variant('en', 'Hi'), variant('it', 'Ciao'), variant('it', 'Salve')),
        unit(variant('en', 'Hi'), variant('de', 'Hallo')),
        unit(variant('fr', 'Salut'), variant('de', 'Hallo')),
      ),
    );
    assert.deepEqual([formatted?.source, formatted?.hadCodes], [{ text: 'A bold word.' }, true]);
    assert.deepEqual(holed?.target, { text: 'Dear ,', left: 'native-code' });
    assert.deepEqual(unknown?.source, { text: 'Hi', left: 'native-code' });
    assert.deepEqual(several?.target, { text: 'Ciao', left: 'several' });
    assert.deepEqual([alone?.number, alone?.source, alone?.target], [5, { text: 'Hi' }, undefined]);
  });

  it('is refused with the line where it is broken or hostile', async () => {
    const good = unit(variant('en', 'Hi'), variant('it', 'Ciao'));
    await rejected(HEAD + unit(variant('en', 'Hi'), '<tuv xml:lang="it"><seg>Ciao</tuv>'), /line 6: .*Unexpected close tag/i); // prettier-ignore
    await rejected(HEAD + good, /line 7: .*Unclosed root tag/);
    await rejected(memory(unit(variant('en', 'Hi & you'))), /line 5: .*entity/);
    await rejected('<html><body/></html>', /is no TMX file/);
    await rejected('', /is no TMX file/);
    await rejected('{"source": 1}', /line 1: .*no valid XML/);
    await rejected(Buffer.from(memory(good).replace('Ciao', 'Citt\u00e0'), 'latin1'), /line 1 or one of the next: .*utf-8/); // prettier-ignore
    await rejected('<?xml version="1.0" encoding="klingon"?><tmx/>', /encoding “klingon”/);
    await rejected(memory(unit(variant('en', 'x'.repeat(2 << 20)))), /more than 1048576 characters/);
    await rejected(`<tmx>${'<a>'.repeat(100)}`, /more than 64 deep/);
    const attributes = Array.from({ length: 200 }, (_, at) => ` a${at}="1"`);
    await rejected(`<tmx${attributes.join('')}/>`, /more than 100 attributes/);
    await rejected('<tmx>\n<tu hasOwnProperty="" tuid="1"/></tmx>', /line 2: .*hasOwnProperty/);
    await rejected(`<!-- ${'x'.repeat(1 << 20)} --><tmx/>`, /buffer length/);
  });

  it('expands no entity and reads no file by one', async () => {
    const laughs = [
      '<!ENTITY a "ha">',
      ...Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at} "&a;&a;&a;">`),
    ];
    const doctype = (inner: string) => `<?xml version="1.0"?><!DOCTYPE tmx [${inner}]>`;
    const body = (seg: string) =>
      `<tmx><body>${unit(variant('en', seg), variant('it', 'Ciao'))}</body></tmx>`;
    await rejected(doctype(laughs.join('')) + body('&a8;'), /Invalid character entity/);
    await rejected(doctype('<!ENTITY file SYSTEM "file:///etc/passwd">') + body('&file;'), /Invalid character entity/); // prettier-ignore
    for (const inherited of ['&toString;', '&constructor;', '&__proto__;', '&nbsp;'])
      await rejected(memory(unit(variant('en', inherited))), /Invalid character entity/);
    // What is declared and not used does no harm.
    assert.deepEqual(texts(await read(doctype(laughs.join('')) + body('Hi &amp; you'))), [['Hi & you', 'Ciao']]); // prettier-ignore
  });

  it('declares another encoding in its first line', async () => {
    const content = memory(unit(variant('en', 'caf\u00e9'), variant('it', 'caff\u00e8')));
    const declared = (encoding: string) => content.replace('?>', ` encoding="${encoding}"?>`);
    const pair = [['café', 'caffè']];
    assert.deepEqual(texts(await read(Buffer.from(declared('ISO-8859-1'), 'latin1'))), pair);
    assert.deepEqual(texts(await read(Buffer.from(declared('utf-16'), 'utf16le'))), pair);
    // Whoever saved it anew has left the declaration as it was.
    assert.deepEqual(texts(await read(declared('UTF-16'))), pair);
  });

  it('of a large file holds a piece at a time', async () => {
    const file = await open(path, 'w');
    const piece = unit(variant('en', 'A sentence. '.repeat(20)), variant('it', 'Una frase. '.repeat(20))).repeat(1000); // prettier-ignore
    await file.write(HEAD);
    for (let megabyte = 0; megabyte < 40; megabyte++) await file.write(piece);
    await file.write(FOOT);
    await file.close();
    let most = 0;
    let count = 0;
    for await (const { units } of readTmx(path, LANGS)) {
      most = Math.max(most, units.length);
      count += units.length;
    }
    assert.equal(count, 40_000);
    // A piece of 256 KiB has about 500 of them.
    assert.ok(most < 1000, `${most} at once`);
    const stop = new AbortController();
    const pieces = readTmx(path, LANGS, stop.signal);
    await pieces.next();
    stop.abort(new Error('enough'));
    await assert.rejects(pieces.next(), /enough/);
  });

  it('becomes a shard, and says which texts were left over and why', async () => {
    const out = join(folder, 'shard.jsonl');
    const allowUnpaired = join(folder, 'left.jsonl');
    const options = { ...LANGS, source: path, target: path, out };
    const named = unit(variant('en', 'Hi'), variant('it', 'Ciao')).replace('<tu>', '<tu tuid="hi">');
    const holed = unit(variant('en', 'Dear <ph/>'), variant('it', 'Caro'));
    await writeFile(path, memory(named, unit(variant('en', 'Lonely')), holed, unit(variant('en', 'Bye'), variant('it', 'Addio')))); // prettier-ignore
    const no = await importShard(options);
    assert.deepEqual([no.written, no.paired.total], [false, 2]);
    assert.deepEqual(no.unpaired.source.reasons, { 'no-counterpart': 1, 'native-code': 1 });
    const yes = await importShard({ ...options, allowUnpaired });
    assert.ok(yes.written);
    const rows = (await readFile(out, 'utf8')).trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    assert.deepEqual(rows[0], {
      id: 'hi',
      source: { text: 'Hi' },
      target: { text: 'Ciao' },
      source_lang: 'en',
      target_lang: 'it',
    });
    assert.deepEqual([rows.length, rows[1]?.['target']], [2, { text: 'Addio' }]);
    const left = (await readFile(allowUnpaired, 'utf8')).trim().split('\n');
    assert.match(left[0] ?? '', /"side":"source","row":2,"line":7,"reason":"no-counterpart","record":{"text":"Lonely"}/); // prettier-ignore
    assert.equal(left.length, 3);
    await writeFile(join(folder, 'it.txt'), 'Ciao\n');
    await assert.rejects(importShard({ ...options, out: `${out}2`, target: join(folder, 'it.txt') }), /holds both languages/); // prettier-ignore
  });

  const recipeOf = (text: string): Recipe => {
    const result = parseRecipe(text);
    assert.ok(result.ok, JSON.stringify(result));
    return result.recipe;
  };
  const both = (en: string, it: string) =>
    `  - source: { path: ${en}, language: en }\n    target: { path: ${it}, language: it }\n`;
  const asking = 'translations:\n  - fields: { source: text, target: text, min: 1 }\n';

  it('is a parallel text of a recipe: what is no clean pair stays out, and is counted', async () => {
    const hello = unit(variant('en', 'Hello <bpt/>there<ept/>'), variant('it', 'Salve'), variant('de', 'Hallo')); // prettier-ignore
    await writeFile(path, memory(hello, unit(variant('en', 'A <ph/>'), variant('it', 'Un'))));
    const german = '  - source: { path: memory.tmx, language: en }\n    target: { path: memory.tmx, language: de }\n    name: german\n'; // prettier-ignore
    const recipe = recipeOf(`name: m\nshards:\n${both('memory.tmx', 'memory.tmx')}${german}${asking}`);
    const { counts } = await previewExport(recipe, { base: folder });
    assert.deepEqual(
      [counts.rows, counts.taken, counts.withoutCodes, counts.left.bad],
      // English to German, too, where the second unit has no German text.
      [4, 2, 2, 2],
    );
    const out = join(folder, 'out');
    const { manifest } = await exportRecipe(recipe, { base: folder, out });
    assert.deepEqual(manifest.inputs.map(({ path }) => path), ['memory.tmx', 'memory.tmx']); // prettier-ignore
    const rows = (await readFile(join(out, 'train.jsonl'), 'utf8')).trim().split('\n').map(line => JSON.parse(line) as { id: string; input: string; output: string }); // prettier-ignore
    const forward = rows.find(({ input, output }) => input === 'Hello there' && output === 'Salve');
    assert.match(forward?.id ?? '', /^memory\/1@it/);
  });

  it('is named twice in a recipe, and alone', () => {
    const mistakes = (text: string) => {
      const result = parseRecipe(`name: m\nshards:\n${text}${asking}`);
      return result.ok ? [] : result.mistakes.map(({ reason }) => reason.id);
    };
    assert.deepEqual(mistakes('  - path: a.tmx\n'), ['recipe.tmxPath']);
    assert.deepEqual(mistakes(both('a.tmx', 'b.tmx')), ['recipe.tmxPath']);
    assert.deepEqual(mistakes(both('a.txt', 'b.tmx')), ['recipe.tmxPath']);
    assert.deepEqual(mistakes(both('a.txt', 'a.txt')), ['recipe.samePath']);
    const named = both('a.tmx', 'a.tmx').replace(/$/, '    name: other\n');
    assert.deepEqual(mistakes(both('a.tmx', 'a.tmx') + named), ['recipe.samePath']);
  });
});
