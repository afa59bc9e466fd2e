import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Fingerprint, UnitKey } from '../../src/core/record';
import type { State } from '../../src/core/states';
import { Queue } from '../../src/queue';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  BELA,
  childRole,
  edit,
  inTempFolder,
  ledgerOf,
  LINES,
  openSession,
  outputOfChild,
  pair,
  record,
  refresh,
  single,
  spawnChild,
  stateOf,
  targetOf,
  tempFolder,
  userError,
  writeLedger,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

/** A row of a file as a person would read it. */
interface Row {
  /** From 1; in an array the number of the element. */
  readonly line: number;
  readonly json: Buffer;
}

interface Written {
  readonly bytes: Buffer;
  readonly rows: readonly Row[];
}

/** A condition with its spelling, and whether a row meets it, told in the plainest way. */
interface Asked {
  readonly text: string;
  readonly holds: (row: Naive) => boolean;
}

/** All that a condition may ask of a row. */
interface Naive {
  readonly line: number;
  readonly state: State | 'bad';
  readonly key: string | undefined;
  readonly lang: string | undefined;
  readonly by: readonly string[];
  readonly commented: boolean;
  readonly edited: boolean;
  readonly repeated: boolean;
  readonly source: Readonly<Record<string, string>>;
  readonly target: Readonly<Record<string, string>>;
  readonly findings: readonly string[];
  readonly record: unknown;
}

const COPIED = 'This is the first sentence of the text and it is long enough to be told.';
const WORDS = ['Apfel', 'äpfel', 'ROT', 'grün', 'Straße', 'a "b" \\c', '日本', '😀', 'line\nend', COPIED];
const NEEDLES = ['apfel', 'ÄPFEL', 'rot', 'Grün', 'straße', '"b" \\', '本', '😀', 'e\ne', 'nowhere', 'first'];
const SHAPES = ['nested', 'prefixed', 'suffixed', 'twins', 'parallel', 'two'] as const;
const SCORES = [1, 2, 10, -1.5, '1', '10', 'b', true, null, [1, 'b'], { a: 1 }];

const phrase = fc.array(fc.constantFrom(...WORDS), { maxLength: 2 }).map(words => words.join(' '));
const texts = fc.record({ instruction: phrase, input: phrase, output: phrase });
type Texts = typeof texts extends fc.Arbitrary<infer T> ? T : never;

const named = (side: Texts, name: (field: string) => string) =>
  Object.fromEntries(Object.entries(side).map(([field, text]) => [name(field), text]));

function members(shape: (typeof SHAPES)[number], source: Texts, target: Texts): object {
  const langs = { source_lang: 'en', target_lang: 'de' };
  switch (shape) {
    case 'nested':
      return { source, target, ...langs };
    case 'parallel':
      return { source: { text: source.output }, target: { text: target.output }, ...langs };
    case 'prefixed':
      return { ...named(source, field => `en_${field}`), ...named(target, field => `de_${field}`) };
    case 'suffixed':
      return { ...source, ...named(target, field => `${field}_de`) };
    case 'twins':
      return { ...source, ...langs, ...named(target, field => `translated_${field}`) };
    case 'two':
      return {
        ...named(source, field => `en_${field}`),
        ...named(target, field => `de_${field}`),
        ...named(source, field => `zh_${field}`),
      };
  }
}

/** As some writers spell JSON: with escapes for what is not ASCII, or for letters too. */
function spelled(json: string, style: string): string {
  const pattern = { raw: /(?!)/g, ascii: /[^\0-\x7f]/g, letters: /[^\0-\x7f]|(?<=\w)[pPtT](?=\w)/g }[style];
  return json.replace(pattern ?? /(?!)/g, unit =>
    Array.from(
      { length: unit.length },
      (_, at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

const goodRow = fc
  .record({
    shape: fc.constantFrom(...SHAPES),
    id: fc.constantFrom<unknown[]>(undefined, undefined, 'a', 'b', 'c', 'd', 7, 8, 'a@b'),
    source: texts,
    target: texts,
    score: fc.option(fc.constantFrom<unknown[]>(...SCORES), { nil: undefined }),
    style: fc.constantFrom('raw', 'raw', 'ascii', 'letters'),
    /** Bytes: more than are parsed at once, or enough for several blocks. */
    pad: fc.constantFrom(0, 0, 0, 0, 0, 0, 300_000, 1_200_000),
  })
  .map(({ shape, id, source, target, score, style, pad }) => {
    const value = {
      ...(id === undefined ? {} : { id }),
      ...members(shape, source, target),
      ...(score === undefined ? {} : { meta: { score } }),
    };
    const json = spelled(JSON.stringify(value), style);
    return Buffer.from(pad === 0 ? json : `${json.slice(0, -1)},"pad":"${'p'.repeat(pad)}"}`);
  });
const badRow = fc
  .constantFrom('{"id":"a"', '[1]', '{"meta":{"score":2}}', '7', '"Apfel"')
  .map(text => Buffer.from(text));
const badBytes = fc.constant(Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')]));

const written: fc.Arbitrary<Written> = fc.oneof(
  fc
    .tuple(
      goodRow,
      fc.array(fc.oneof({ weight: 6, arbitrary: goodRow }, badRow, badBytes, fc.constant(undefined)), {
        maxLength: 14,
      }),
    )
    .map(([first, rest]) => {
      const lines = [first, ...rest];
      const bytes = Buffer.concat(lines.flatMap(line => [line ?? Buffer.from(' '), Buffer.from('\n')]));
      const rows = lines.flatMap((json, at) => (json ? [{ line: at + 1, json }] : []));
      return { bytes, rows };
    }),
  fc
    .tuple(
      goodRow,
      fc.array(fc.oneof({ weight: 6, arbitrary: goodRow }, fc.constant(Buffer.from('7'))), { maxLength: 14 }),
    )
    .map(([first, rest]) => {
      const elements = [first, ...rest];
      const inner = elements.flatMap((json, at) => [Buffer.from(at === 0 ? '[\n ' : ',\n '), json]);
      return {
        bytes: Buffer.concat([...inner, Buffer.from('\n]\n')]),
        rows: elements.map((json, at) => ({ line: at + 1, json })),
      };
    }),
);

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const contains = (text: unknown, needle: string) =>
  typeof text === 'string' && text.toLowerCase().includes(needle.toLowerCase());

function member(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/** Conditions that what was done to a row, and its line, are enough for. */
const ofReview: fc.Arbitrary<Asked> = fc.oneof(
  fc
    .subarray(
      ['pending', 'edited', 'approved', 'needs-work', 'skipped', 'conflict', 'stale', 'bad'] as const,
      { minLength: 1 },
    )
    .map((states): Asked => ({
      text: `state:${states.join(',')}`,
      holds: row => states.some(each => each === row.state),
    })),
  fc
    .constantFrom('anna', 'bela', 'nobody')
    .map((who): Asked => ({ text: `by:${who}`, holds: row => row.by.includes(who) })),
  fc.tuple(fc.integer({ min: 1, max: 14 }), fc.nat(5)).map(([from, more]): Asked => ({
    text: `line:${from}-${from + more}`,
    holds: ({ line }) => line >= from && line <= from + more,
  })),
  fc
    .constantFrom('commented', 'edited')
    .map((what): Asked => ({ text: `is:${what}`, holds: row => row[what as 'edited'] })),
);

const ofText: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.constantFrom('', 'source', 'target', 'instruction', 'input', 'output', 'text'),
    fc.constantFrom(...NEEDLES),
  )
  .map(([scope, needle]) => ({
    text: scope === '' ? quoted(needle) : `${scope}:${quoted(needle)}`,
    holds: row => {
      const sides = scope === 'source' || scope === 'target' ? [row[scope]] : [row.source, row.target];
      const wanted = ['instruction', 'input', 'output', 'text'].includes(scope) ? [scope] : undefined;
      return sides.some(side => (wanted ?? Object.keys(side)).some(name => contains(side[name], needle)));
    },
  }));

const ORDERED = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
};

const ofMember: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.constantFrom('meta.score', 'id', 'target.output', 'pad.x'),
    fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '~', 'has'),
    fc.constantFrom(1, 2, '1', 'b', 'Apfel', 'a', true, null),
  )
  .map(([path, operator, value]) => ({
    text:
      operator === 'has'
        ? `has:${path}`
        : `${path} ${operator} ${typeof value === 'string' || operator === '~' ? quoted(String(value)) : String(value)}`,
    holds: ({ record: whole, state }) => {
      const found = state === 'bad' ? undefined : member(whole, path.split('.'));
      const values: unknown[] = Array.isArray(found) ? found : [found];
      if (operator === 'has') return found !== undefined;
      if (operator === '=') return values.includes(value);
      if (operator === '!=') return !values.includes(value);
      if (operator === '~') return values.some(each => contains(each, String(value)));
      const isLike =
        typeof found === typeof value && (typeof value === 'number' || typeof value === 'string');
      return (
        isLike &&
        ORDERED[operator as '<']((found as number) < (value as number) ? -1 : found === value ? 0 : 1)
      );
    },
  }));

const ofOthers: fc.Arbitrary<Asked> = fc.oneof(
  fc
    .constantFrom('de', 'DE', 'zh', 'en')
    .map((tag): Asked => ({ text: `lang:${tag}`, holds: ({ lang }) => lang === tag.toLowerCase() })),
  fc.constantFrom('a', 'b@de', '7', 'a@b').map((key): Asked => ({
    text: `key:${quoted(key)}`,
    holds: row => row.key === key || row.key?.replace(/@[^@]*$/, '') === key,
  })),
  fc.constant<Asked>({ text: 'is:repeated', holds: row => row.repeated }),
  fc.constant<Asked>({ text: 'finding:any', holds: row => row.findings.length > 0 }),
  fc.constant<Asked>({
    text: 'finding:language',
    holds: row => row.findings.some(each => each.startsWith('language-')),
  }),
);

const joined = (terms: fc.Arbitrary<Asked>) =>
  fc.letrec<{ tree: Asked }>(tie => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      terms,
      tie('tree').map(({ text, holds }): Asked => ({ text: `-(${text})`, holds: row => !holds(row) })),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]): Asked => ({
        text: `(${a.text}) (${b.text})`,
        holds: row => a.holds(row) && b.holds(row),
      })),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]): Asked => ({
        text: `(${a.text}) OR (${b.text})`,
        holds: row => a.holds(row) || b.holds(row),
      })),
    ),
  })).tree;

interface Order {
  readonly text: string;
  compare(a: Naive, b: Naive): number;
}

const score = (row: Naive) =>
  row.state === 'bad' && typeof row.record !== 'object' ? undefined : member(row.record, ['meta', 'score']);
const rankOf = (value: unknown) =>
  ['number', 'string', 'boolean'].indexOf(typeof value) + (typeof value === 'object' ? 4 : 0);
function byScore(a: Naive, b: Naive, turn: 1 | -1): number {
  const [one, other] = [score(a), score(b)];
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  const rank = rankOf(one) - rankOf(other);
  if (rank !== 0 || typeof one === 'object' || one === other) return turn * rank;
  return turn * ((one as number) < (other as number) ? -1 : 1);
}
const orders = fc.constantFrom<Order[]>(
  { text: '', compare: () => 0 },
  { text: '', compare: () => 0 },
  { text: ' sort:line', compare: () => 0 },
  { text: ' sort:-line', compare: (a, b) => b.line - a.line },
  { text: ' sort:meta.score', compare: (a, b) => byScore(a, b, 1) },
  { text: ' sort:-meta.score', compare: (a, b) => byScore(a, b, -1) },
);
const all: Asked = { text: 'all', holds: () => true };
const queries = fc.tuple(
  fc.oneof(
    { weight: 2, arbitrary: joined(ofReview) },
    { weight: 3, arbitrary: joined(fc.oneof(ofText, ofMember, ofOthers, ofReview)) },
    fc.constant(all),
  ),
  orders,
);

const actions = fc.record({
  who: fc.constantFrom('anna', 'bela'),
  row: fc.nat(14),
  what: fc.constantFrom('edit', 'edit', 'approve', 'needs-work', 'skip', 'comment', 'undo', 'look'),
  text: phrase,
});
type Action = typeof actions extends fc.Arbitrary<infer T> ? T : never;

/** Refused where another reviewer was there first, and rightly so. */
const expected = userError('unit.changed', 'unit.conflict', 'undo.editedSince');

/** What a reviewer does to a row, as far as it can be done. */
async function act(session: Session, { row, what, text }: Action): Promise<void> {
  if (what === 'look') return refresh(session);
  if (what === 'undo') {
    await session.undo();
    return;
  }
  const view = await session.unit(row % session.view().rows);
  if (view.kind === 'bad') return;
  const target = { row: view.row, key: view.key, fingerprint: view.fingerprint };
  if (what === 'comment') {
    await session.comment(target, 'Hm.');
    return;
  }
  if (what !== 'edit') {
    if (view.state !== 'conflict') await session.decide(target, what);
    return;
  }
  await session.draft(target, 'target', view.fields.at(-1)?.name ?? '', text);
  await session.commit(target);
}

/** Every row as the session shows it by itself, and as `JSON.parse` reads it. */
async function naive(session: Session, rows: readonly Row[]): Promise<Naive[]> {
  const keys: (readonly string[])[] = [];
  for (const row of rows.keys()) {
    const [units] = await session.shard.loadUnits([row]);
    keys.push(units?.units.map(each => each.unit.key) ?? []);
  }
  const facts: Naive[] = [];
  for (const [row, { line, json }] of rows.entries()) {
    const view = await session.unit(row);
    assert.equal(view.line, line);
    const loaded = await session.shard.load(row);
    let parsed: unknown;
    try {
      parsed = JSON.parse(json.toString('utf8').includes('\ufffd') ? '' : json.toString('utf8'));
    } catch {
      parsed = undefined;
    }
    const isUnit = view.kind === 'unit' && !('reason' in loaded);
    const side = (name: 'source' | 'target') =>
      isUnit ? Object.fromEntries(loaded[name].map(field => [field.name, field.text])) : {};
    const events = isUnit ? session.shard.ledgers.eventsOf(view.key) : [];
    const isShared = (key: string) => keys.some((others, other) => other !== row && others.includes(key));
    facts.push({
      line,
      state: isUnit ? view.state : 'bad',
      key: isUnit ? view.key : undefined,
      lang: isUnit ? view.targetLang : undefined,
      by: events.map(event => event.by),
      commented:
        isUnit && view.history.some(each => each.type === 'comment') && loaded.state.comments.length > 0,
      edited: isUnit && loaded.state.current !== undefined,
      repeated: keys[row]?.some(isShared) ?? false,
      source: side('source'),
      target: side('target'),
      findings: isUnit ? view.findings.map(each => each.check) : [],
      record: parsed,
    });
  }
  return facts;
}

async function ask(session: Session, query: string): Promise<number[]> {
  assert.equal(session.queue.ask(query), undefined, query);
  await session.queue.done;
  const { problem, progress, length } = session.queue.view;
  assert.deepEqual([problem, progress], [null, null], query);
  return session.queue.rows(0, length);
}

/** As large as is searched in several pieces. */
const MANY = 20_000;
const PAD = `{"pad":"${'p'.repeat(1200)}",`;
const many = () =>
  Array.from({ length: MANY }, (_, row) =>
    record(`r${row}`, row % 2 === 0 ? 'Ein Apfel.' : 'Nichts.').replace('{', PAD),
  );

/** Does something in the very moment in which a search has found something and goes on. */
function atFirstHits<T>(session: Session, act: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = session.shard.onChange(() => {
      const { length, progress } = session.queue.view;
      if (length === 0 && progress !== null) return;
      stop();
      if (progress === null || progress === 1) reject(new Error('the search ended before'));
      else resolve(act());
    });
  });
}

/** Worker threads of this process: those that a diagnostic report knows. */
const threads = () => (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;

function tests(): void {
  describe('the queue', () => {
    it('holds the rows that a look at every row finds, in the order asked for', async () => {
      await fc.assert(
        fc.asyncProperty(
          written,
          fc.array(actions, { maxLength: 10 }),
          fc.array(queries, { minLength: 4, maxLength: 6 }),
          async ({ bytes, rows }, history, asked) => {
            await inTempFolder(async (folder, cleanup) => {
              const path = join(folder, 'shard.jsonl');
              writeFileSync(path, bytes);
              const sessions = [
                await openSession(cleanup, path, ANNA),
                await openSession(cleanup, path, BELA),
              ] as const;
              for (const action of history) {
                await act(sessions[action.who === 'anna' ? 0 : 1], action).catch((error: unknown) => {
                  if (!expected(error)) throw error;
                });
              }
              const [session] = sessions;
              await refresh(session);
              const facts = await naive(session, rows);
              assert.equal(session.view().rows, facts.length);
              for (const [{ text, holds }, order] of asked) {
                const query = text + order.text;
                const found = await ask(session, query);
                const expected = facts
                  .map((row, at) => ({ row, at }))
                  .filter(({ row }) => holds(row))
                  .sort((a, b) => order.compare(a.row, b.row) || a.at - b.at)
                  .map(({ at }) => at);
                assert.deepEqual(found, expected, query);
                assertPlaces(
                  session,
                  expected,
                  facts.length,
                  order.text.includes('-') || order.text.includes('.'),
                );
              }
            });
          },
        ),
        { numRuns: 15, seed: 20_251 },
      );
    });

    function assertPlaces(
      session: Session,
      expected: readonly number[],
      rows: number,
      isSorted: boolean,
    ): void {
      for (let row = 0; row < rows; row++) {
        const { position, isIn } = session.queue.place(row);
        assert.equal(isIn, expected.includes(row));
        if (isIn) assert.equal(expected[position], row);
        else if (!isSorted) assert.equal(position, expected.filter(each => each < row).length);
      }
      assert.deepEqual(session.queue.rows(1, 2), expected.slice(1, 3));
      assert.deepEqual(session.queue.rows(expected.length, 5), []);
    }

    it('finds an edited row by its text as it is now, and no more by the one that it had', async t => {
      const { session } = await single(t);
      await edit(session, 1, 'Eine Zitrone.');
      assert.deepEqual(await ask(session, 'zitrone'), [1]);
      assert.deepEqual(await ask(session, 'birne'), []);
      assert.deepEqual(await ask(session, '-birne'), [0, 1, 2]);
    });

    it('finds a reviewed row that stands twice on both rows, however it came to be reviewed', async t => {
      const lines = [LINES[0]!, LINES[1]!, LINES[0]!, record('r9', 'Eine Feige.')];
      const { anna, bela } = await pair(t, lines);
      await approve(anna, 0);
      await anna.shard.matched;
      assert.deepEqual(await ask(anna, 'state:approved'), [0, 2]);
      assert.deepEqual(anna.view().counts, { approved: 2 });
      await refresh(bela);
      await bela.decide(await targetOf(bela, 2), 'reject');
      await refresh(anna);
      assert.deepEqual([await ask(anna, 'state:disputed'), anna.view().counts], [[0, 2], { disputed: 2 }]);
      await anna.undo();
      await anna.shard.matched;
      assert.deepEqual(
        [await ask(anna, 'state:rejected apfel'), anna.view().counts],
        [[0, 2], { rejected: 2 }],
      );
    });

    it('counts a key as repeated, not an id that is there in two languages', async t => {
      const inFrench = record('r1', 'Une pomme.').replace('"de"', '"fr"');
      const { session } = await single(t, [LINES[0]!, inFrench, LINES[1]!, LINES[1]!]);
      assert.deepEqual(await ask(session, 'is:repeated'), [2, 3]);
      assert.equal(session.view().repeated, 2);
    });

    it('stays as it was where a query is wrong', async t => {
      const { session } = await single(t);
      await ask(session, 'birne');
      const before = session.queue.view;
      const mistake = session.queue.ask('birne (apfel');
      assert.equal(mistake?.at, 6);
      assert.deepEqual(session.queue.view, before);
      assert.deepEqual(session.queue.rows(0, 9), [1]);
    });

    it('keeps a record that was decided on in its place until it is asked again', async t => {
      const { session } = await single(t);
      await ask(session, 'state:pending');
      const { version } = session.queue.view;
      await approve(session, 1);
      assert.deepEqual(session.queue.rows(0, 9), [0, 1, 2]);
      assert.equal(session.queue.view.version, version);
      assert.equal((await session.queue.summaries(1, 1))[0]?.state, 'approved');
      session.queue.askAgain();
      await session.queue.done;
      assert.deepEqual(session.queue.rows(0, 9), [0, 2]);
      assert.notEqual(session.queue.view.version, version);
      await ask(session, '');
      assert.deepEqual(session.queue.rows(0, 9), [0, 1, 2]);
    });

    it('gives a record its place, and says where one would stand that is not in it', async t => {
      const { session } = await single(t);
      await ask(session, 'line:2');
      const placed = await session.place({ position: 0 });
      assert.deepEqual([placed.view.row, placed.position, placed.isInQueue], [1, 0, true]);
      const other = await session.place({ row: 2, key: null });
      assert.deepEqual([other.view.row, other.position, other.isInQueue], [2, 1, false]);
      await assert.rejects(session.place({ position: 1 }), userError('row.missing'));
    });
  });

  describe('a search', () => {
    it('shows the first hits while it goes on', async t => {
      const { session } = await single(t, many());
      const first = atFirstHits(session, () => ({ ...session.queue.view, rows: session.queue.rows(0, 3) }));
      session.queue.ask('apfel');
      const { version } = session.queue.view;
      const early = await first;
      assert.ok(early.length < MANY / 2);
      assert.deepEqual(early.rows, [0, 2, 4]);
      await session.queue.done;
      assert.deepEqual([session.queue.length, session.queue.view.progress], [MANY / 2, null]);
      assert.deepEqual(
        [early.version, session.queue.view.version],
        [version, version],
        'none has another place',
      );
    });

    it('keeps what it found when it is ended, and ends its threads', async t => {
      const { session } = await single(t, many());
      const first = atFirstHits(session, () => {
        session.queue.cancel();
        return session.queue.view;
      });
      session.queue.ask('apfel');
      const { length, progress } = await first;
      assert.equal(progress, null);
      await session.queue.done;
      assert.equal(threads(), 0);
      assert.equal(session.queue.length, length);
      assert.ok(length > 0 && length < MANY / 2);
      assert.equal((await ask(session, 'apfel')).length, MANY / 2);
    });

    it('gives way to the next one', async t => {
      const { session } = await single(t, many());
      const first = atFirstHits(session, () => {
        const old = session.queue.done;
        session.queue.ask('nichts line:2-6');
        session.queue.ask('nichts line:2-4');
        return Promise.all([old, session.queue.done]);
      });
      session.queue.ask('apfel');
      await first;
      assert.deepEqual(session.queue.rows(0, 9), [1, 3]);
      assert.equal(session.queue.view.text, 'nichts line:2-4');
      session.queue.ask('apfel');
      assert.equal((await ask(session, 'all')).length, MANY);
    });

    it('loses no decision that is made while it runs', async t => {
      const { session } = await single(t, many());
      const targets = [await targetOf(session, 0), await targetOf(session, MANY - 2)];
      const first = atFirstHits(session, () =>
        Promise.all(targets.map(target => session.decide(target, 'approve'))),
      );
      session.queue.ask('apfel state:pending');
      await first;
      await session.queue.done;
      assert.deepEqual(session.view().counts, { approved: 2 });
      assert.equal(session.queue.rows(0, 1)[0], 0);
      const again = await ask(session, 'apfel state:pending');
      assert.deepEqual([again.length, again[0], again.at(-1)], [MANY / 2 - 2, 2, MANY - 4]);
      assert.deepEqual(await ask(session, 'state:approved'), [0, MANY - 2]);
    });

    it('says what went wrong where the file changes under it, and starts anew when it is read anew', async t => {
      const { session, path } = await single(t);
      writeFileSync(path, [...LINES, record('r4', 'Noch ein Apfel.')].join('\n'));
      session.queue.ask('apfel');
      await session.queue.done;
      const { problem, progress, length } = session.queue.view;
      assert.deepEqual([problem?.id, progress, length], ['file.changed', null, 0]);
      await refresh(session);
      await session.queue.done;
      assert.equal(session.queue.view.problem, null);
      assert.deepEqual(session.queue.rows(0, 9), [0, 3]);
    });
  });

  it('can be cancelled while it goes through the candidates, however many there are', async t => {
    const { session } = await single(t);
    const endless = {
      has: () => true,
      *units() {
        for (let at = 0; ; at++) yield [`r${at}@de` as UnitKey, 'f'.repeat(32) as Fingerprint] as const;
      },
    };
    const queue = new Queue(session.shard, endless);
    queue.ask('is:candidate');
    setTimeout(() => queue.cancel(), 50);
    await queue.done;
    assert.equal(queue.length, 0);
  });

  describe('the next that waits', () => {
    it('is looked for in the queue alone, from its start again at the end', async t => {
      const lines = [...LINES, 'no record', record('r5', 'Eine Feige.'), record('r6', 'Ein Apfel.')];
      const { session } = await single(t, lines);
      assert.deepEqual(await ask(session, 'line:2-5'), [1, 2, 3, 4]);
      assert.equal(await session.nextPending(0), 1);
      await approve(session, 2);
      assert.equal(await session.nextPending(0), 3, 'after what is decided, and what is no record');
      assert.equal(await session.nextPending(3), 0);
      await approve(session, 1);
      await session.decide(await targetOf(session, 4), 'skip');
      for (const after of [0, 1, 2, 3]) assert.equal(await session.nextPending(after), null);
      await ask(session, 'sort:-line');
      assert.equal(await session.nextPending(0), 5);
      assert.equal(await session.nextPending(5), 0);
      await ask(session, 'state:bad');
      assert.equal(await session.nextPending(0), null);
      await ask(session, 'nowhere');
      assert.equal(await session.nextPending(0), null);
    });

    it('is found over 50,000 decided records without reading them', async t => {
      const folder = tempFolder(t);
      const count = 50_000;
      const path = writeShard(
        folder,
        Array.from({ length: count }, (_, row) => record(`r${row}`, 'Ein Apfel.')),
      );
      const probe = await openSession(t, path, BELA);
      const { fingerprint } = await targetOf(probe, 0);
      const decided = Array.from({ length: count - 1 }, (_, row) =>
        JSON.stringify({
          v: 1,
          id: `D${row}`,
          seq: row + 1,
          at: '2025-01-01T00:00:00.000Z',
          by: 'anna',
          key: `r${row}@de`,
          line: row + 1,
          type: 'decide',
          decision: 'approve',
          fingerprint,
          head: [],
          reasons: [],
        }),
      );
      writeLedger(ledgerOf(path, ANNA), `${decided.join('\n')}\n`);
      const session = await openSession(t, path, ANNA);
      assert.deepEqual(session.view().counts, { approved: count - 1 });
      const read = t.mock.method(session.shard, 'loadUnits');
      assert.equal(await session.nextPending(0), count - 1);
      const rows = read.mock.calls.flatMap(call => Array.from(call.arguments[0]));
      assert.deepEqual(rows, [count - 1]);
      await approve(session, count - 1);
      assert.equal(await session.nextPending(0), null);
    });

    it('waits again where the policy asks for more', async t => {
      const { session, folder } = await single(t);
      await approve(session, 1);
      writePolicy(folder, { approvals: 2 });
      await refresh(session);
      assert.deepEqual(await ask(session, 'state:partly-approved'), [1]);
      assert.equal(await session.nextPending(0), null, 'for somebody else');
      assert.equal(await session.queue.nextWaiting(0, 'bela'), 0);
      assert.equal(await stateOf(session, 1), 'partly-approved');
    });
  });

  describe('a shard that is closed', () => {
    for (const role of ['searching', 'matching', 'reading']) {
      it(`lets the process end that was ${role} it`, { timeout: 120_000 }, async t => {
        const folder = tempFolder(t);
        const lines =
          role === 'reading' ? [`${LINES[0]!.slice(0, -1)},"pad":"${'p'.repeat(3 << 20)}"}`] : many();
        const path = writeShard(folder, lines);
        const process = spawnChild(__filename, role, path);
        t.after(() => process.kill());
        const said = await outputOfChild(process);
        assert.equal(said, 'closed, ended early\n');
      });
    }
  });
}

/** Closes a shard in the middle of something, and says at its end what came of that. */
async function child(role: string, path: string): Promise<void> {
  const { Session } = await import('../../src/session');
  const clock = { now: () => 0, newId: () => '' };
  const session = await Session.open({ path, clock, draftFile: join(dirname(path), 'drafts.json') });
  let isEarly = false;
  process.on('exit', () => process.stdout.write(`closed, ended ${isEarly ? 'early' : 'late'}\n`));
  if (role === 'searching') {
    await session.shard.matched;
    const first = atFirstHits(session, () => session.shard.close());
    session.queue.ask('apfel');
    await first;
    await session.queue.done;
    isEarly = session.queue.length < MANY / 2;
  } else if (role === 'matching') {
    const { matching } = session.shard;
    session.shard.close();
    await session.shard.matched;
    isEarly = !matching.isDone;
  } else {
    await session.shard.matched;
    const loading = session.shard.loadRows([0]);
    session.shard.close();
    rmSync(path);
    isEarly = await loading.then(
      () => false,
      () => true,
    );
  }
}

const role = childRole();
if (role === undefined) tests();
else void child(role, process.argv[2] ?? '');
