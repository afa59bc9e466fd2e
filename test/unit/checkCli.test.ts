import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import Ajv from 'ajv';
import { checkShards } from '../../src/cliCheck';
import {
  ANNA,
  contentsOf,
  edit,
  LINES,
  openSession,
  record,
  targetOf,
  tempFolder,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const CLI = join(process.cwd(), 'dist', 'cli.cjs');
const ENGLISH = 'This is a sentence that nobody has translated into German at all.';
const GERMAN = 'Das ist ein Satz, den jemand ordentlich ins Deutsche übertragen hat.';

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Line {
  readonly shard?: string;
  readonly key: string;
  readonly line: number;
  readonly side: string;
  readonly field: string;
  readonly check: string;
  readonly severity: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

function check(cwd: string, ...args: string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'check', ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { code: status, out: stdout, err: stderr };
}

function found(run: Run): Line[] {
  assert.equal(run.err, '');
  return run.out
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Line);
}

function assertRefused(run: Run, reason: RegExp): void {
  assert.deepEqual([run.code, run.out], [2, ''], run.err);
  assert.match(run.err, reason);
  assert.match(run.err, /^crossalpaca: [^\n]+\n$/, 'one line');
}

/** A shard whose first record was left in English. */
function shard(t: TestContext, more: readonly string[] = []): { folder: string; path: string } {
  const folder = tempFolder(t);
  const sides = (output: string) => ({
    source: {
      instruction: 'Say something that is long enough.',
      input: '',
      output: 'Here is one of those sentences.',
    },
    target: { instruction: 'Sag etwas, das lang genug ist.', input: '', output },
    source_lang: 'en',
    target_lang: 'de',
  });
  const lines = [ENGLISH, GERMAN].map((output, row) => JSON.stringify({ id: `r${row}`, ...sides(output) }));
  return { folder, path: writeShard(folder, [...lines, ...more]) };
}

describe('crossalpaca check', () => {
  it('prints a finding a line, with the text in doubt', t => {
    const { folder } = shard(t);
    const run = check(folder, 'shard.jsonl', '--json');
    const lines = found(run);
    const language = lines.filter(each => each.check.startsWith('language'));
    assert.equal(language.length, 1);
    const { message, ...rest } = language[0]!;
    assert.match(message, /English.*German/);
    const place = { key: 'r0@de', line: 1, side: 'target', field: 'output' };
    const doubt = { check: 'language-source', severity: 'warning', start: 0, end: ENGLISH.length };
    assert.deepEqual(rest, { ...place, ...doubt });
    assert.deepEqual(
      Object.keys(lines[0]!),
      'key line side field check severity message start end'.split(' '),
    );
    assert.equal(run.code, 0, 'a warning is no error');
  });

  it('finds the mistakes of the sample', t => {
    const folder = tempFolder(t);
    for (const name of ['sample.jsonl', 'parallel.jsonl']) cpSync(join('samples', name), join(folder, name));
    const lines = found(check(folder, 'sample.jsonl', 'parallel.jsonl', '--json', '--fail-on', 'never'));
    assert.ok(
      lines.every(
        each => each.shard === join(folder, each.key.startsWith('pt-') ? 'parallel.jsonl' : 'sample.jsonl'),
      ),
    );
    const readme = readFileSync(join('samples', 'README.md'), 'utf8');
    const planted = [...readme.matchAll(/^\| ((?:ca|pt)-\d+) +\| (\w+) /gm)].map(
      ([, id, lang]) => `${id}@${lang}`,
    );
    const warned = lines.filter(each => each.severity !== 'info').map(each => each.key);
    assert.deepEqual([...new Set(warned)].sort(), planted.sort());
  });

  it('is of one reading of the file, and ends where that is another meanwhile', async t => {
    const records = (name: string, output: string) =>
      Array.from({ length: 1000 }, (_, row) => record(`${name}${row}`, output));
    const path = writeShard(tempFolder(t), records('old', ''));
    const keys = new Set<string>();
    const print = (line: string) => {
      if (keys.size === 0) writeFileSync(path, `${records('new', '').join('\n')}\n`);
      keys.add((JSON.parse(line) as Line).key);
    };
    await assert.rejects(
      checkShards([path], { format: 'json', failOn: 'error', near: false }, print, print),
      userError('file.changed'),
    );
    assert.ok(keys.size > 0 && [...keys].every(key => key.startsWith('old')));
  });

  it('finds records that are nearly the same only where it is asked for, and not those that are just the same', t => {
    const long = 'Ein Apfel wächst am Baum im Garten, und im Herbst wird er von uns allen zusammen geerntet.';
    const source = 'An apple grows on the tree in the garden, and in autumn all of us harvest it together.';
    const folder = tempFolder(t);
    const lines = [
      record('a', long, source),
      record('b', GERMAN, 'Something else that has nothing to do with it at all.'),
      record('c', long.replace('Herbst', 'Winter'), source),
      record('d', long, source),
    ];
    writeShard(folder, lines);
    const near = (...more: string[]) =>
      found(check(folder, 'shard.jsonl', '--json', ...more)).filter(each => each.check === 'near-duplicate');
    assert.deepEqual(near(), []);
    assert.deepEqual(
      near('--near-duplicates').map(({ key, line, severity, message }) => [key, line, severity, message]),
      [
        [
          'c@de',
          3,
          'info',
          'Source and target are nearly the same as on line 1 (87 % in common). Check whether both records are wanted.',
        ],
      ],
    );
    assert.match(check(folder, 'shard.jsonl', '--near-duplicates').out, /info near-duplicate: 1/);
    writePolicy(folder, { severities: { '*': { 'near-duplicate': 'off' } } });
    assert.deepEqual(near('--near-duplicates'), []);
  });

  it('answers by the severity that is to be a no', t => {
    const { folder } = shard(t);
    const codes = (...args: string[]) => check(folder, 'shard.jsonl', ...args).code;
    assert.deepEqual(
      [codes(), codes('--fail-on', 'error'), codes('--fail-on', 'warning'), codes('--fail-on', 'never')],
      [0, 0, 1, 0],
    );
    writePolicy(folder, { severities: { '*': { language: 'error' } } });
    assert.deepEqual([codes(), codes('--fail-on=warning'), codes('--fail-on=never')], [1, 1, 0]);
    assert.equal(check(folder, 'shard.jsonl', '--json').code, 1);
    assert.equal(check(folder, 'shard.jsonl', '--sarif').code, 1);
    writePolicy(folder, { severities: { de: { language: 'off' } } });
    assert.equal(codes('--fail-on', 'warning'), 0);
  });

  it('sums up for people what was found, and names the first', t => {
    const more = Array.from({ length: 40 }, (_, row) => record(`m${row}`, `${ENGLISH} ${row}`));
    const { folder, path } = shard(t, [...more, 'no record']);
    const { code, out } = check(folder, 'shard.jsonl');
    assert.equal(code, 0);
    const lines = out.trimEnd().split('\n');
    assert.match(
      lines[0]!,
      new RegExp(`^${path}: \\d+ findings in 42 records, 1 lines that are no records$`),
    );
    assert.match(out, /^ {2}warning language-source: 41 \(Left in the language of the source\)$/m);
    assert.match(out, /^ {2}line 1: warning language-source: r0@de, target output: .*English/m);
    assert.equal(lines.filter(each => each.startsWith('  line ')).length, 20);
    assert.match(lines.at(-2)!, /^ {2}and \d+ more$/);
    assert.match(lines.at(-1)!, /^ {2}not checked: .*shard\.jsonl, line 43: Not valid JSON/);
    const json = check(folder, 'shard.jsonl', '--json');
    assert.match(json.err, /^ {2}not checked: .*shard\.jsonl, line 43: Not valid JSON.*\n$/);
  });

  it('goes by the text as it is now, and without what was set aside', async t => {
    const { folder, path } = shard(t);
    const session = await openSession(t, path, ANNA);
    await edit(session, 0, GERMAN);
    await edit(session, 1, ENGLISH);
    const language = () =>
      found(check(folder, 'shard.jsonl', '--json')).filter(each => each.check.startsWith('language'));
    assert.deepEqual(
      language().map(each => each.key),
      ['r1@de'],
    );
    const place = { check: 'language-source', side: 'target', field: 'output' } as const;
    await session.ignore(await targetOf(session, 1), place, 'meant');
    assert.deepEqual(language(), []);
  });

  it('checks every target language of a record', t => {
    const folder = tempFolder(t);
    const fields = (tag: string, text: string) => ({
      [`${tag}_instruction`]: text,
      [`${tag}_input`]: '',
      [`${tag}_output`]: text,
    });
    const all = {
      id: 'r',
      ...fields('en', 'Say something that is long enough.'),
      ...fields('de', ENGLISH),
      ...fields('it', ENGLISH),
    };
    writeShard(folder, [JSON.stringify(all)]);
    const lines = found(check(folder, 'shard.jsonl', '--json'));
    assert.deepEqual(new Set(lines.map(each => each.key)), new Set(['r@de', 'r@it']));
  });

  it('tells what only many records together tell', t => {
    const text = 'Dieselbe Übersetzung steht hier zweimal.';
    const twice = [record('a', text), record('b', text), record('b', `${text} Fast.`)];
    const { folder } = shard(t, twice);
    const run = check(folder, 'shard.jsonl', '--json');
    const of = (id: string) =>
      found(run)
        .filter(each => each.check === id)
        .map(each => each.line);
    assert.deepEqual([of('duplicate'), of('repeated-key')], [[4], [4, 5]]);
    assert.equal(run.code, 1);
  });

  it('writes nothing unless there is a folder of reviews, and then what it need not check again', t => {
    const { folder, path } = shard(t);
    const before = contentsOf(folder);
    check(folder, 'shard.jsonl');
    assert.deepEqual(contentsOf(folder), before);
    const reviews = join(folder, '.crossalpaca', basename(path));
    mkdirSync(reviews, { recursive: true });
    const first = check(folder, 'shard.jsonl', '--json');
    assert.ok(existsSync(join(reviews, 'cache', 'checks.bin')));
    assert.deepEqual(check(folder, 'shard.jsonl', '--json'), first);
    assert.deepEqual(readdirSync(reviews), ['cache']);
  });

  it('refuses bad use, and what cannot be read, before it prints anything', t => {
    const { folder } = shard(t);
    writeFileSync(join(folder, 'empty.jsonl'), '');
    assertRefused(check(folder), /no shard/);
    assertRefused(check(folder, 'shard.jsonl', '--fail-on', 'info'), /--fail-on is error, warning, never/);
    assertRefused(check(folder, 'shard.jsonl', '--json', '--sarif'), /--json or --sarif/);
    assertRefused(check(folder, 'shard.jsonl', 'none.jsonl', '--json'), /no file .*none\.jsonl/);
    assertRefused(check(folder, 'shard.jsonl', 'empty.jsonl', '--sarif'), /is empty/);
    const other = spawnSync(process.execPath, [CLI, 'index', 'shard.jsonl', '--sarif'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.match(other.stderr, /--sarif is for check/);
    writePolicy(folder, '{');
    assertRefused(check(folder, 'shard.jsonl'), /policy .* is broken/);
    writePolicy(folder, {});
    writeFileSync(join(folder, '.crossalpaca', 'glossary.csv'), 'sauce,target\na,b\n');
    assertRefused(check(folder, 'shard.jsonl'), /glossary .* is broken/);
  });

  it('prints nothing of the data that a terminal would obey', t => {
    const { folder } = shard(t, [record('\u001b[2J\nevil', ENGLISH)]);
    const { out } = check(folder, 'shard.jsonl');
    // eslint-disable-next-line no-control-regex -- those are what is looked for
    assert.doesNotMatch(out.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f]/);
    assert.doesNotMatch(out, /^evil/m);
  });
});

/**
 * What SARIF 2.1.0 (OASIS, sections 3.13 to 3.49) asks of a log file such as ours: what must be there, and of which kind
 * the values are. Where it allows no further members neither does this.
 */
const MESSAGE = {
  type: 'object',
  additionalProperties: false,
  required: ['text'],
  properties: { text: { type: 'string', minLength: 1 } },
};
const LEVEL = { enum: ['none', 'note', 'warning', 'error'] };
const URI = { type: 'string', pattern: "^(?:[\\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+$" };
const SARIF = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'runs'],
  properties: {
    $schema: { type: 'string', pattern: '^https://' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['tool'],
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            additionalProperties: false,
            properties: {
              driver: {
                type: 'object',
                additionalProperties: false,
                required: ['name'],
                properties: {
                  name: { type: 'string' },
                  version: { type: 'string' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      additionalProperties: false,
                      required: ['id'],
                      properties: {
                        id: { type: 'string' },
                        shortDescription: MESSAGE,
                        fullDescription: MESSAGE,
                        help: MESSAGE,
                        defaultConfiguration: {
                          type: 'object',
                          additionalProperties: false,
                          properties: { level: LEVEL },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          originalUriBaseIds: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              additionalProperties: false,
              properties: { uri: URI, description: MESSAGE },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['message'],
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: -1 },
                level: LEVEL,
                message: MESSAGE,
                locations: {
                  type: 'array',
                  items: {
                    type: 'object',
                    additionalProperties: false,
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        additionalProperties: false,
                        required: ['artifactLocation'],
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            additionalProperties: false,
                            properties: { uri: URI, uriBaseId: { type: 'string' } },
                          },
                          region: {
                            type: 'object',
                            additionalProperties: false,
                            properties: { startLine: { type: 'integer', minimum: 1 } },
                          },
                        },
                      },
                      logicalLocations: {
                        type: 'array',
                        uniqueItems: true,
                        items: {
                          type: 'object',
                          additionalProperties: false,
                          properties: {
                            name: { type: 'string' },
                            fullyQualifiedName: { type: 'string' },
                            kind: { type: 'string' },
                          },
                        },
                      },
                    },
                  },
                },
                partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
              },
            },
          },
        },
      },
    },
  },
};

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
        readonly logicalLocations: readonly { readonly name: string }[];
      }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

describe('crossalpaca check --sarif', () => {
  const validate = new Ajv({ strict: false }).compile<Sarif>(SARIF);

  function sarif({ out, err }: Run): Sarif['runs'][number] {
    assert.equal(err, '');
    const log: unknown = JSON.parse(out);
    assert.ok(validate(log), JSON.stringify(validate.errors));
    const [run] = log.runs;
    assert.ok(run);
    for (const { ruleId, ruleIndex } of run.results)
      assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
    return run;
  }

  const placesOf = ({ results }: Sarif['runs'][number]) =>
    results.map(({ ruleId, locations: [place] }) => {
      const { artifactLocation, region } = place!.physicalLocation;
      return `${artifactLocation.uri}:${region.startLine} ${place!.logicalLocations[0]?.name} ${ruleId}`;
    });

  it('says the same as the lines of --json', t => {
    const folder = tempFolder(t);
    cpSync(join('samples', 'sample.jsonl'), join(folder, 'sample.jsonl'));
    const run = sarif(check(folder, 'sample.jsonl', '--sarif', '--fail-on', 'never'));
    const lines = found(check(folder, 'sample.jsonl', '--json', '--fail-on', 'never'));
    assert.deepEqual(
      placesOf(run),
      lines.map(each => `sample.jsonl:${each.line} ${each.key} ${each.check}`),
    );
    assert.deepEqual(
      run.results.map(each => each.message.text),
      lines.map(each => each.message),
    );
    const levels = run.results.map(each => each.level.replace('note', 'info'));
    assert.deepEqual(
      levels,
      lines.map(each => each.severity),
    );
  });

  it('is valid where nothing was found', t => {
    const folder = tempFolder(t);
    writeShard(folder, [record('r', 'Ein Apfel.')]);
    const run = sarif(check(folder, 'shard.jsonl', '--sarif'));
    assert.deepEqual(run.results, []);
    assert.ok(run.tool.driver.rules.length > 10);
  });

  it('names files as the folder sees them, whatever they are called', t => {
    const { folder } = shard(t);
    const names = ['a b#c%.jsonl', 'zwölf.jsonl'];
    for (const name of names) cpSync(join(folder, 'shard.jsonl'), join(folder, name));
    mkdirSync(join(folder, 'in'));
    const run = sarif(check(join(folder, 'in'), ...names.map(name => join('..', name)), '--sarif'));
    const uris = run.results.map(each => each.locations[0]!.physicalLocation.artifactLocation.uri);
    assert.deepEqual([...new Set(uris)], ['../a%20b%23c%25.jsonl', '../zw%C3%B6lf.jsonl']);
  });

  it('names lines of the file also where it holds an array', t => {
    const { folder, path } = shard(t, LINES);
    const records = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as object);
    const array = join(folder, 'array.json');
    writeFileSync(array, `\n${JSON.stringify([...records.slice(1), records[0]], null, 2)}`);
    const [line = 0] = placesOf(sarif(check(folder, 'array.json', '--sarif'))).flatMap(place =>
      place.includes('r0@de') ? Number(/:(\d+) /.exec(place)?.[1]) : [],
    );
    const text = readFileSync(array, 'utf8').split('\n');
    assert.deepEqual(text.slice(line - 1, line + 1), ['  {', '    "id": "r0",']);
  });

  it('knows a finding again when the records before it are others', t => {
    const { folder, path } = shard(t);
    const prints = () =>
      sarif(check(folder, 'shard.jsonl', '--sarif')).results.map(
        each => Object.values(each.partialFingerprints)[0],
      );
    const before = prints();
    writeFileSync(path, `${record('new', 'Ein Apfel.')}\n${readFileSync(path, 'utf8')}`);
    assert.ok(before.length > 0 && before.every(each => prints().includes(each)));
    assert.equal(dirname(path), folder);
  });
});
