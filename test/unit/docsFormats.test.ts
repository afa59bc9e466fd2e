import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { decodeEvent } from '../../src/core/events';
import { foldUnit, textAt } from '../../src/core/fold';
import { DEFAULT_POLICY, readPolicy } from '../../src/core/policy';
import { parseTemplate } from '../../src/core/promptTemplate';
import { fingerprint, readRecord, type Unit, type UnitKey } from '../../src/core/record';
import { unitHash } from '../../src/core/unitHashes';
import { Candidates } from '../../src/io/candidates';
import { Drafts } from '../../src/io/drafts';
import { Ledgers } from '../../src/io/ledger';
import { readFilters, readGlossaryIn, readMapping } from '../../src/io/reviewFiles';
import { RunFile } from '../../src/io/runFile';
import { sha256 } from '../helpers/builders';
import { blockOf, blocksOf, documentText, runInBash } from '../helpers/docs';
import { tempFolder, testClock } from '../helpers/shardFixture';

const SHARD = 'docs/formats/shard.md';
const LEDGER = 'docs/formats/ledger.md';
const TEAM = 'docs/formats/team.md';
const LOCAL = 'docs/formats/local.md';

const records = blocksOf(SHARD)
  .filter(({ kind, mark }) => kind === 'text' && mark === 'shard')
  .map(({ body }) => body.split('\n'));
const [tea = ''] = records[0] ?? [];

function unitsOf(line: string): readonly Unit[] {
  const result = readRecord(line, sha256);
  assert.ok(result.ok, line);
  return result.units;
}

function teaUnit(): Unit {
  const [unit] = unitsOf(tea);
  assert.ok(unit);
  return unit;
}

/** The shard of the documents, with its two ledgers where they say that they are. */
function writeDocumented(t: TestContext): Ledgers {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'tea.jsonl'), `${tea}\n`);
  for (const [reviewer, clone] of [
    ['anna', 'k3x9q2'],
    ['bela', 'm4t1ab'],
  ] as const) {
    const own = join(folder, '.crossalpaca', 'tea.jsonl', reviewer);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, `${clone}.jsonl`), `${blockOf(LEDGER, 'text', `ledger ${reviewer}`)}\n`);
  }
  return new Ledgers(join(folder, 'tea.jsonl'), testClock());
}

function fileWith(t: TestContext, name: string, text: string): string {
  const path = join(tempFolder(t), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe(SHARD, () => {
  it('shows each shape as it is read', () => {
    const shapes = records.flat().map(line => {
      const result = readRecord(line, sha256);
      return result.ok ? [result.shape, ...result.units.map(({ targetLang }) => targetLang)] : [line];
    });
    assert.deepEqual(shapes, [
      ['nested', 'de'],
      ['nested', 'de'],
      ['prefixed', 'it', 'de'],
      ['suffixed', 'it'],
      ['twins', 'de'],
    ]);
  });

  it('computes key and fingerprint with commands that anybody has, as CrossAlpaca does', () => {
    const { source, target, key } = teaUnit();
    assert.equal(key, 'tea-1@de');
    const printed = blocksOf(SHARD)
      .filter(({ kind }) => kind === 'sh')
      .map(({ body }) => runInBash(body, process.cwd()).out.trim());
    const [nameless] = unitsOf(tea.replace('"id":"tea-1",', ''));
    assert.deepEqual(printed, [nameless?.key.replace(/^h:|@de$/g, ''), fingerprint(source, target, sha256)]);
    const text = documentText(SHARD);
    for (const hash of printed) assert.ok(text.includes(`\`${hash}\``), hash);
    const corrected = target.map(field => (field.name === 'output' ? { ...field, text: 'Tee.' } : field));
    assert.ok(text.includes(fingerprint(source, corrected, sha256)));
  });

  it('escapes characters in hashes as it says', () => {
    const escaped = JSON.stringify('"\\\b\t\n\f\r\u0001\u001f\ud800\u007f\u2028é😀/');
    assert.equal(escaped, '"\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\\ud800\u007f\u2028é😀/"');
  });
});

describe(LEDGER, () => {
  it('has an example in which every line is an event, of each type one', () => {
    const lines = ['anna', 'bela'].flatMap(who => blockOf(LEDGER, 'text', `ledger ${who}`).split('\n'));
    const types = lines.map(line => {
      const decoded = decodeEvent(line);
      assert.ok(decoded.ok, line);
      return decoded.event.type;
    });
    assert.deepEqual(types, ['edit', 'decide', 'comment', 'ignore', 'assign', 'undo']);
  });

  it('says of the example what comes of it', async t => {
    const ledgers = writeDocumented(t);
    await ledgers.refresh();
    assert.deepEqual(ledgers.problems, []);
    const unit = teaUnit();
    const row = fingerprint(unit.source, unit.target, sha256);
    const state = foldUnit(row, ledgers.eventsOf(unit.key), DEFAULT_POLICY);
    const events = await ledgers.read(ledgers.eventsOf(unit.key));
    const output = textAt(unit, 'target', state.current, events).at(-1)?.text;
    assert.deepEqual(
      [state.state, state.author, output, state.openThreads.length, state.ignored.length, state.assignments],
      ['approved', 'anna', 'Tee.', 1, 1, []],
    );
    const hash = createHash('sha256').update('Tee.').digest('hex').slice(0, 32);
    assert.equal(state.ignored[0]?.text, hash);
  });

  it('says of every member whether it may be missing', () => {
    const text = documentText(LEDGER);
    const chapters = new Map(
      text.split(/^(?=\*\*`\w+`\*\*|## )/m).map(part => [/^\*\*`(\w+)`/.exec(part)?.[1], part]),
    );
    const [, common = ''] = text.split('## Members of every event');
    for (const who of ['anna', 'bela'])
      for (const line of blockOf(LEDGER, 'text', `ledger ${who}`).split('\n')) {
        const event = JSON.parse(line) as Readonly<Record<string, unknown>>;
        const chapter = chapters.get(String(event['type']));
        assert.ok(chapter !== undefined, line);
        for (const name of Object.keys(event)) {
          const isNeeded = !decodeEvent(JSON.stringify({ ...event, [name]: undefined })).ok;
          const said = isNeeded ? `\`${name}\`` : `\`${name}?\``;
          assert.ok(
            chapter.includes(said) || common.split('## Types')[0]?.includes(said),
            `${line}: ${name}`,
          );
        }
      }
  });
});

describe(TEAM, () => {
  it('has a policy that can be read, with every member', () => {
    const result = readPolicy(blockOf(TEAM, 'json', 'policy'));
    assert.ok(result.ok, JSON.stringify(result));
    const schema = JSON.parse(documentText('media/policy.schema.json')) as { properties: object };
    const members = Object.keys(schema.properties).filter(name => !name.startsWith('$'));
    const shown = JSON.parse(blockOf(TEAM, 'json', 'policy')) as object;
    assert.deepEqual(Object.keys(shown).sort(), members.sort());
    for (const name of members) assert.match(documentText(TEAM), new RegExp(`^\\|.*\`${name}\``, 'm'));
  });

  it('has a mapping and filters that can be read', async t => {
    const mapping = fileWith(t, 'mapping.json', blockOf(TEAM, 'json', 'mapping'));
    assert.deepEqual(await readMapping(dirname(mapping)), { source_lang: 'en', target_lang: 'de' });
    const filters = fileWith(t, '.crossalpaca/filters.json', blockOf(TEAM, 'json', 'filters'));
    const names = (await readFilters(dirname(dirname(filters)))).map(([name]) => name);
    assert.deepEqual(names, ['Long answers', 'Bela asks']);
  });

  it('has a glossary and a template that can be read', async t => {
    const glossary = fileWith(t, 'glossary.csv', blockOf(TEAM, 'csv', 'glossary'));
    const read = await readGlossaryIn(dirname(glossary));
    assert.deepEqual(
      read?.glossary.map(({ source, target, lang, rule }) => [source, target, lang, rule]),
      [
        ['tea', 'Tee', 'de', 'must'],
        ['', 'Koffein-Tee', 'de', 'forbidden'],
        ['milk, whole', 'Vollmilch', 'de', 'must'],
      ],
    );
    assert.equal(parseTemplate(blockOf(TEAM, 'md', 'prompt')).ok, true);
  });
});

describe(LOCAL, () => {
  it('has candidates that can be read, one of which is taken back', async t => {
    const lines = blockOf(LOCAL, 'text', 'candidates').split('\n');
    const ledgers = writeDocumented(t);
    const file = join(ledgers.folder, 'candidates', 'k3x9q2.jsonl');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${lines[0]}\n`);
    const candidates = await Candidates.open(ledgers);
    const key = 'tea-1@de' as UnitKey;
    assert.deepEqual((await candidates.of(key))[0]?.texts, [['output', 'Tee.']]);
    writeFileSync(file, `${lines.join('\n')}\n`);
    await candidates.refresh();
    assert.deepEqual(await candidates.of(key), []);
  });

  it('has a run that can be gone on with', async t => {
    const ledgers = writeDocumented(t);
    const run = new RunFile(ledgers, 'k3x9q2');
    mkdirSync(dirname(run.path), { recursive: true });
    writeFileSync(run.path, blockOf(LOCAL, 'text', 'run'));
    const state = await run.read();
    const { key, source, target } = teaUnit();
    assert.equal(state?.outcomes.good, 1);
    assert.ok(state.finished.has(unitHash(key, fingerprint(source, target, sha256), sha256)));
  });

  it('has a draft that can be read', async t => {
    const file = fileWith(t, 'draft.json', blockOf(LOCAL, 'json', 'drafts'));
    const drafts = await Drafts.open(file);
    assert.deepEqual(
      drafts.of('tea-1@de' as UnitKey).map(({ text }) => text),
      ['Te'],
    );
  });
});

describe('docs/formats/README.md', () => {
  it('has a page for what it names', () => {
    const text = documentText('docs/formats/README.md');
    for (const page of [SHARD, LEDGER, TEAM, LOCAL])
      assert.ok(text.includes(`](${page.split('/').at(-1)}`), page);
  });
});
