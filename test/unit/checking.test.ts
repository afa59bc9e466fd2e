import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { CheckOptions } from '../../src/checking';
import type { Severity } from '../../src/core/check';
import { breathe } from '../../src/io/breath';
import { Session } from '../../src/session';
import { Shard } from '../../src/shard';
import {
  ANNA,
  edit,
  openSession,
  refresh,
  targetOf,
  tempFolder,
  testClock,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const ENGLISH = 'This is a sentence that nobody has translated into German at all.';
const GERMAN = 'Das ist ein Satz, den jemand ordentlich ins Deutsche übertragen hat.';
const SOURCE = 'Say something that is long enough to be judged.';

/** A record of which nothing but the output may be wrong. */
function line(id: string, output: string, source = SOURCE): string {
  const number = /\d*$/.exec(source)?.[0] ?? '';
  const sides = {
    source: {
      instruction: source,
      input: '',
      output: `A sentence that somebody has put properly into words. ${number}`,
    },
    target: {
      instruction: `Nenne mir bitte einen Satz, der sich beurteilen lässt. ${number}`,
      input: '',
      output,
    },
  };
  return JSON.stringify({ id, ...sides, source_lang: 'en', target_lang: 'de' });
}

/** One record in seven was left in English. */
function lines(count: number): string[] {
  return Array.from({ length: count }, (_, row) =>
    line(`r${row}`, row % 7 === 3 ? `${ENGLISH} ${row}` : `${GERMAN} ${row}`, `${SOURCE} ${row}`),
  );
}

/** Long enough for several pieces. */
const ROWS = 700;

async function checked(session: Session, options: Partial<CheckOptions> = {}) {
  const { checking } = session.shard;
  await checking.start({ mayKeep: false, ...options });
  await checking.settled;
  assert.equal(checking.problem, null);
  return checking;
}

async function open(t: TestContext, all = lines(ROWS)) {
  const path = writeShard(tempFolder(t), all);
  return { path, session: await openSession(t, path, ANNA) };
}

function writeGlossary(path: string, csv: string): void {
  const folder = join(dirname(path), '.crossalpaca');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'glossary.csv'), csv);
}

/** Rows with findings as each record by itself shows them. */
async function shown({ shard }: Session): Promise<[row: number, marks: string[]][]> {
  const found: [number, string[]][] = [];
  const rows = Array.from({ length: shard.index.rows }, (_, row) => row);
  for (const loaded of await shard.loadRows(rows)) {
    if ('reason' in loaded) continue;
    const marks = shard.findings.of(shard.seen(loaded)).map(({ check, severity }) => `${severity} ${check}`);
    if (marks.length > 0) found.push([loaded.row, [...new Set(marks)].sort()]);
  }
  return found;
}

function told(session: Session): [row: number, marks: string[]][] {
  const { checking } = session.shard;
  const groups = checking.groups().map(group => ({ ...group, rows: new Set(checking.rows(group)) }));
  return checking.rows().map(row => {
    const own = groups.filter(group => group.rows.has(row));
    return [row, own.map(({ check, severity }) => `${severity} ${check}`).sort()];
  });
}

async function rowsOf({ queue }: Session, query: string): Promise<number[]> {
  assert.equal(queue.ask(query), undefined);
  await queue.done;
  assert.equal(queue.view.problem, null);
  return queue.rows(0, Infinity);
}

/** The same findings in the record, in the results, and by the filter. */
async function assertAgrees(session: Session): Promise<void> {
  const expected = await shown(session);
  assert.deepEqual(told(session), expected);
  const any = expected.map(([row]) => row);
  assert.deepEqual(await rowsOf(session, 'finding:any'), any);
  const groups = session.shard.checking.groups();
  for (const { check, units } of groups) {
    const rows = expected.filter(([, marks]) => marks.some(mark => mark.endsWith(` ${check}`)));
    assert.deepEqual(
      await rowsOf(session, `finding:${check} OR Zwirbelhorn`),
      rows.map(([row]) => row),
    );
    assert.ok(units <= rows.length);
  }
}

describe('checking a whole shard', () => {
  it('finds what each record shows by itself, and counts it', async t => {
    const { session } = await open(t);
    const before = await rowsOf(session, 'finding:any');
    const checking = await checked(session);
    assert.ok(checking.isDone);
    assert.equal(checking.checked, ROWS);
    assert.deepEqual(await rowsOf(session, 'finding:any'), before);
    await assertAgrees(session);
    const [group] = checking.groups();
    assert.deepEqual([group?.check.startsWith('language'), group?.units], [true, 100]);
    assert.equal(checking.unitsWith('warning'), 100);
    assert.deepEqual(checking.rows(group, 3), [3, 10, 17]);
  });

  it('finds the same in one thread and in two', async t => {
    const { path, session } = await open(t);
    const other = await openSession(t, path);
    await checked(session, { threads: 1 });
    await checked(other, { threads: 2 });
    assert.deepEqual(told(session), told(other));
    assert.deepEqual(session.shard.checking.groups(), other.shard.checking.groups());
  });

  it('gives results as they come, and how far it is', async t => {
    const { session } = await open(t);
    const { checking } = session.shard;
    const seen: [number | null, number][] = [];
    checking.onChange(() => seen.push([checking.progress, checking.rows().length]));
    await checked(session);
    const shares = seen.map(([progress]) => progress ?? 1);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.ok(seen.some(([progress, rows]) => progress !== null && progress < 1 && rows > 0 && rows < 100));
    assert.deepEqual(seen.at(-1), [null, 100]);
  });

  it('checks nothing again as long as nothing changed', async t => {
    const { session } = await open(t);
    await checked(session);
    await checked(session);
    assert.equal(session.shard.checking.checked, ROWS, 'of the first run');
  });

  it('judges an edited record by its text as it is now, and by its own again when that is taken back', async t => {
    const { session } = await open(t);
    const checking = await checked(session);
    await edit(session, 3, GERMAN);
    await edit(session, 4, ENGLISH);
    await checking.settled;
    assert.ok(!checking.rows().includes(3) && checking.rows().includes(4));
    await assertAgrees(session);
    await session.undo();
    await session.undo();
    await checking.settled;
    await assertAgrees(session);
    assert.ok(checking.rows().includes(3) && !checking.rows().includes(4));
  });

  it('respects what reviewers set aside', async t => {
    const { session } = await open(t);
    const checking = await checked(session);
    const [group] = checking.groups();
    await session.ignore(
      await targetOf(session, 3),
      { check: group?.check ?? '', side: 'target', field: 'output' },
      'meant',
    );
    await checking.settled;
    assert.ok(!checking.rows().includes(3));
    assert.equal(checking.groups()[0]?.units, 99);
    await assertAgrees(session);
  });

  it('takes findings for what the policy says, without checking anything again', async t => {
    const { path, session } = await open(t);
    const checking = await checked(session);
    const folder = path.replace(/[^/]*$/, '');
    for (const severity of ['error', 'info', 'off'] as const) {
      writePolicy(folder, { severities: { de: { language: severity } } });
      await refresh(session);
      await checking.settled;
      assert.deepEqual(
        checking.groups().map(each => each.severity),
        severity === 'off' ? [] : [severity satisfies Severity],
      );
      await assertAgrees(session);
    }
    assert.equal(checking.checked, ROWS);
  });

  it('finds what only many records together tell, by the text that the file has', async t => {
    const all = lines(30);
    all[20] = line('twin', `${GERMAN} 5`, `${SOURCE} 5`);
    all[25] = line('r6', `${GERMAN} 25`, `${SOURCE} 25`);
    const { session } = await open(t, all);
    const checking = await checked(session);
    const rows = (check: string) => {
      const group = checking.groups().find(each => each.check === check);
      return group ? checking.rows(group) : [];
    };
    assert.deepEqual(rows('duplicate'), [20]);
    assert.deepEqual(rows('repeated-key'), [6, 25]);
    await assertAgrees(session);
    assert.deepEqual(await rowsOf(session, 'finding:error'), [6, 25]);
    await edit(session, 20, 'Ein anderer Satz steht jetzt hier an dieser Stelle.');
    await checking.settled;
    assert.deepEqual(rows('duplicate'), []);
    await assertAgrees(session);
  });

  it('knows the lengths of the file: the same record may be too short in one file and not in another', async t => {
    const long = `${GERMAN} `.repeat(4).trim();
    const all = Array.from({ length: 60 }, (_, row) => line(`r${row}`, `${row < 2 ? GERMAN : long} ${row}`));
    const { session } = await open(t, all);
    assert.ok(session.shard.checkContext.facts!.lengthRatios.size > 0);
    const checking = await checked(session);
    const group = checking.groups().find(({ check }) => check === 'length');
    assert.deepEqual(group && checking.rows(group), [0, 1]);
    await assertAgrees(session);
  });

  it('ends when it is cancelled, keeps what was found by then, and goes on from there', async t => {
    const { session } = await open(t, lines(3000));
    const { checking } = session.shard;
    const stop = checking.onChange(() => {
      if (checking.rows().length > 5) checking.cancel();
    });
    await checking.start({ mayKeep: false, threads: 1 });
    stop();
    assert.deepEqual([checking.isDone, checking.progress, checking.problem], [false, null, null]);
    const done = checking.checked;
    assert.ok(done > 0 && done < 3000);
    assert.equal(checking.found, undefined, 'half of the results are not taken for all');
    await checked(session);
    assert.ok(checking.isDone);
    assert.equal(checking.checked + done, 3000);
    await assertAgrees(session);
  });

  it('can be cancelled while the file is still being read', async t => {
    const folder = tempFolder(t);
    const path = writeShard(folder, lines(20_000));
    const session = await Session.open({ path, clock: testClock(), draftFile: join(folder, 'drafts.json') });
    t.after(() => session.shard.close());
    const { checking, matching } = session.shard;
    const done = checking.start({ mayKeep: false });
    assert.deepEqual([checking.progress, matching.isDone], [0, false]);
    checking.cancel();
    assert.equal(checking.progress, null);
    await done;
    assert.equal(matching.isDone, false, 'nobody has to wait for that');
    await session.shard.matched;
    assert.deepEqual(
      [checking.isDone, checking.progress, checking.problem, checking.checked],
      [false, null, null, 0],
    );
    await Promise.all([checking.start({ mayKeep: false }), checking.start({ mayKeep: false })]);
    assert.deepEqual([checking.isDone, checking.checked], [true, 20_000]);
  });

  it('waits for the file once, whoever else asks meanwhile, unless they ask for other languages', async t => {
    const path = writeShard(tempFolder(t), twoLanguages(2000));
    const shard = await Shard.open(path, testClock());
    t.after(() => shard.close());
    const { checking } = shard;
    const one = checking.start({ mayKeep: false });
    assert.equal(checking.start({ mayKeep: false }), one);
    assert.notEqual(checking.start({ mayKeep: false, allLanguages: true }), one);
    await one;
    assert.equal(checking.isDone, false);
    await checking.start({ mayKeep: false, allLanguages: true });
    assert.deepEqual([checking.isDone, checking.checked], [true, 4000]);
  });

  it('can be cancelled in the pass over all records that comes first', async t => {
    const { session } = await open(t);
    const { checking, findings } = session.shard;
    const corpus = t.mock.method(findings, 'findCorpus', () => new Promise<never>(() => undefined));
    const done = checking.start({ mayKeep: false });
    while (corpus.mock.callCount() === 0) await breathe();
    checking.cancel();
    await done;
    assert.deepEqual([checking.isDone, checking.progress, checking.problem], [false, null, null]);
    corpus.mock.restore();
    await checked(session);
    await assertAgrees(session);
  });

  it('is outdated when the glossary changed meanwhile, which is no mistake', async t => {
    const { path, session } = await open(t);
    const { checking, findings } = session.shard;
    // Nothing is told of the new glossary before the run has ended.
    const silent = t.mock.method(session.shard, 'emit', () => undefined);
    let read: Promise<void> | undefined;
    checking.onChange(() => {
      if (read) return;
      writeGlossary(path, 'source,target\nsentence,Satz\n');
      read = session.refresh();
    });
    const findCorpus = findings.findCorpus.bind(findings);
    t.mock.method(findings, 'findCorpus', async () => {
      await read;
      return findCorpus();
    });
    await checking.start({ mayKeep: false });
    assert.deepEqual([checking.isDone, checking.progress, checking.problem], [false, null, null]);
    silent.mock.restore();
    session.shard.emit('all');
    assert.deepEqual(checking.groups(), []);
    await checked(session);
    assert.ok(checking.isDone);
    await assertAgrees(session);
  });

  it('tells by a number whether something else was found', async t => {
    const { session } = await open(t, lines(30));
    const checking = await checked(session);
    const revisionAfter = async (row: number, text: string) => {
      const before = checking.revision;
      await edit(session, row, text);
      await checking.settled;
      return checking.revision - before;
    };
    assert.equal(await revisionAfter(4, `${GERMAN} Und noch einer.`), 0);
    assert.equal(await revisionAfter(3, `${ENGLISH} And one more.`), 0);
    assert.ok((await revisionAfter(4, ENGLISH)) > 0);
    assert.ok((await revisionAfter(3, GERMAN)) > 0);
    assert.deepEqual(
      [checking.has(3), checking.has(4), checking.has(5), checking.has(10)],
      [false, true, false, true],
    );
    assert.deepEqual(
      checking.rows(),
      Array.from({ length: 30 }, (_, row) => row).filter(row => checking.has(row)),
    );
  });

  it('says that the file changed meanwhile, and is done anew when it is read anew', async t => {
    const { path, session } = await open(t, lines(3000));
    const { checking } = session.shard;
    const stop = checking.onChange(() => {
      if (checking.rows().length === 0) return;
      stop();
      writeFileSync(path, readFileSync(path, 'utf8').replace(`${ENGLISH} 3`, `${GERMAN} 3`));
    });
    await checking.start({ mayKeep: false, threads: 1 });
    assert.ok(!checking.isDone);
    await refresh(session);
    await checked(session);
    assert.ok(!checking.rows().includes(3));
    await assertAgrees(session);
  });

  it('checks only the records that are new in a file that has grown', async t => {
    const { path, session } = await open(t);
    await checked(session);
    appendFileSync(path, `${line('new', `${ENGLISH} and more`)}\n`);
    await refresh(session);
    const checking = await checked(session);
    assert.equal(checking.checked, 1);
    assert.ok(checking.rows().includes(ROWS));
    await assertAgrees(session);
  });

  it('passes over lines that are no records', async t => {
    const all = lines(40);
    all[5] = 'no record';
    all[6] = '{"a":1}';
    const { session } = await open(t, all);
    const checking = await checked(session);
    assert.equal(checking.checked, 38);
    await assertAgrees(session);
  });
});

/** Records in two languages at once: the first is shown. */
function twoLanguages(count: number): string[] {
  return Array.from({ length: count }, (_, row) => {
    const fields = (name: string, text: string) => [
      [`${name}_instruction`, text],
      [`${name}_input`, ''],
      [`${name}_output`, text],
    ];
    const bad = (each: number) => row % 5 === each;
    return JSON.stringify(
      Object.fromEntries([
        ['id', `r${row}`],
        ...fields('en', `${SOURCE} ${row}`),
        ...fields('de', bad(0) ? ENGLISH : GERMAN),
        ...fields(
          'it',
          bad(1) ? ENGLISH : 'Questa è una frase che qualcuno ha tradotto per bene in italiano.',
        ),
      ]),
    );
  });
}

describe('checking records with several target languages', () => {
  it('looks at the language that is shown, and anew when that is another', async t => {
    const { session } = await open(t, twoLanguages(20));
    const checking = await checked(session);
    assert.deepEqual(
      checking.rows(),
      (await shown(session)).map(([row]) => row),
    );
    assert.ok(checking.rows().includes(0) && !checking.rows().includes(1));
    await assertAgrees(session);
    session.shard.showLanguage('it');
    assert.equal(checking.isDone, false);
    await checked(session);
    assert.ok(!checking.rows().includes(0) && checking.rows().includes(1));
    await assertAgrees(session);
  });

  it('looks at all of them where that is asked for', async t => {
    const { session } = await open(t, twoLanguages(20));
    const checking = await checked(session, { allLanguages: true });
    assert.equal(checking.checked, 40);
    assert.ok(checking.rows().includes(0) && checking.rows().includes(1));
    assert.equal(checking.found, undefined, 'the filter asks of what is shown');
  });
});
