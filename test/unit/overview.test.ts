/** How far a review is, counted by language: of an open shard, and of one that nobody has open. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createGuidelines, findGuidelines } from '../../src/io/reviewFiles';
import { openOverview, overviewOf, reviewIdentity } from '../../src/overview';
import {
  ANNA,
  approve,
  BELA,
  edit,
  openSession,
  record,
  single,
  targetOf,
  team,
  tempFolder,
  testClock,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const two = (id: string) => JSON.stringify({ id, en_text: 'One.', de_text: 'Eins.', fr_text: 'Un.' });
const never = new AbortController().signal;
const closedOverview = (path: string) => openOverview(path, testClock(), undefined, never);

describe('overview', () => {
  it('counts the units of each language by state, and what nobody touched as pending', async t => {
    const lines = [two('a'), two('b'), 'no record', record('c', 'Ein Apfel.')];
    const { session, path } = await single(t, lines);
    await approve(session, 0);
    session.shard.showLanguage('fr');
    await edit(session, 1, 'Deux.', 'text');
    await session.decide(await targetOf(session, 0), 'reject');
    const overview = await overviewOf(session.shard);
    assert.deepEqual(overview, {
      records: 3,
      badLines: 1,
      languages: [
        { lang: 'de', units: 3, counts: { approved: 1, pending: 2 } },
        { lang: 'fr', units: 2, counts: { rejected: 1, edited: 1 } },
      ],
    });
    assert.deepEqual(await closedOverview(path), overview);
  });

  it('counts disputes of a file in one language, and follows what is taken back', async t => {
    const { sessions, path } = await team(t, [ANNA, BELA]);
    const [anna, bela] = sessions;
    await approve(anna!, 0);
    await approve(anna!, 1);
    await bela!.decide(await targetOf(bela!, 0), 'reject');
    const counts = async () => (await closedOverview(path)).languages.map(each => each.counts);
    assert.deepEqual(await counts(), [{ disputed: 1, approved: 1, pending: 1 }]);
    await bela!.undo();
    await anna!.undo();
    assert.deepEqual(await counts(), [{ approved: 1, pending: 2 }]);
  });

  it('counts every unit of a file that is read in a worker thread, in several reports', async t => {
    const rows = 40_000;
    const lines = Array.from({ length: rows }, (_, row) =>
      row % 4 === 3 ? two(`t${row}`) : record(`r${row}`, 'A.'),
    );
    const path = writeShard(tempFolder(t), lines);
    const session = await openSession(t, path, ANNA);
    await approve(session, rows - 1);
    const { records, languages } = await overviewOf(session.shard);
    assert.equal(records, rows);
    assert.deepEqual(languages, [
      { lang: 'de', units: rows, counts: { approved: 1, pending: rows - 1 } },
      { lang: 'fr', units: rows / 4, counts: { pending: rows / 4 } },
    ]);
  });

  it('counts each row of a key that stands more than once', async t => {
    const { session } = await single(t, [record('a', 'Ein Apfel.'), two('b'), record('a', 'Ein Apfel.')]);
    await approve(session, 0);
    await session.shard.matched;
    const { languages } = await overviewOf(session.shard);
    assert.deepEqual(languages[0], { lang: 'de', units: 3, counts: { approved: 2, pending: 1 } });
  });

  it('says why a file cannot be counted, and ends when it is told to', async t => {
    const folder = tempFolder(t);
    await assert.rejects(closedOverview(join(folder, 'missing.jsonl')), userError('file.missing'));
    await assert.rejects(closedOverview(writeShard(folder, ['no record'])), userError('file.noRecord'));
    const stop = new AbortController();
    const path = writeShard(
      folder,
      Array.from({ length: 40_000 }, (_, row) => record(`r${row}`, 'A.')),
    );
    const counting = openOverview(path, testClock(), undefined, stop.signal);
    stop.abort(new Error('hidden'));
    await assert.rejects(counting, /^Error: hidden$/);
    await assert.rejects(openOverview(path, testClock(), undefined, stop.signal), /^Error: hidden$/);
  });

  it('knows from outside whether an overview still holds', async t => {
    const { session, folder, path } = await single(t);
    const identity = () => reviewIdentity(path, testClock(), undefined);
    assert.equal(await identity(), undefined, 'nobody has reviewed anything');
    await approve(session, 0);
    const seen = [await identity()];
    assert.equal(await identity(), seen[0]);
    const changes: (() => unknown)[] = [
      () => approve(session, 1),
      () => appendFileSync(path, `${record('r4', 'Eine Feige.')}\n`),
      () => writePolicy(folder, { approvals: 2 }),
      () => writeFileSync(join(folder, '.crossalpaca/shard.jsonl/mapping.json'), '{"target_lang":"de"}'),
      () => rmSync(path),
    ];
    for (const change of changes) {
      await change();
      const now = await identity();
      assert.ok(now !== undefined && !seen.includes(now));
      seen.push(now);
    }
  });
});

describe('guidelines', () => {
  it('are those for the very language, else for the base language, else for all, and of one kind the nearest', async t => {
    const root = tempFolder(t);
    const folder = join(root, 'data', 'de');
    const shard = writeShard(folder, [record('a', 'Ein Apfel.')]);
    mkdirSync(join(root, '.git'));
    const found = (lang: string) => findGuidelines(shard, lang);
    const write = (at: string, name: string) => {
      mkdirSync(join(at, '.crossalpaca'), { recursive: true });
      const file = join(at, '.crossalpaca', name);
      writeFileSync(file, '# Rules\n');
      return file;
    };
    assert.equal(await found('pt-BR'), undefined);
    const forAll = write(folder, 'guidelines.md');
    assert.equal(await found('pt-BR'), forAll);
    assert.equal(await found('und'), forAll);
    const base = write(root, 'guidelines.pt.md');
    assert.equal(await found('pt-BR'), base);
    const own = write(root, 'guidelines.pt-br.md');
    assert.equal(await found('pt-BR'), own);
    assert.equal(await found('pt'), base);
    const nearer = write(join(root, 'data'), 'guidelines.pt-BR.md');
    assert.equal(await found('pt-BR'), nearer);
    assert.equal(await found('de'), forAll);
  });

  it('of the workspace root hold where the shard has none in its git working tree', async t => {
    const [folder, root] = [tempFolder(t), tempFolder(t)];
    const shard = writeShard(folder, [record('a', 'Ein Apfel.')]);
    mkdirSync(join(root, '.crossalpaca'));
    writeFileSync(join(root, '.crossalpaca', 'guidelines.de.md'), '');
    assert.equal(await findGuidelines(shard, 'de'), undefined);
    assert.equal(await findGuidelines(shard, 'de', root), join(root, '.crossalpaca', 'guidelines.de.md'));
  });

  it('are begun beside the shard, and those that are there are left as they are', async t => {
    const folder = tempFolder(t);
    const file = await createGuidelines(folder, 'pt-BR', '# One\n');
    assert.equal(file, join(folder, '.crossalpaca', 'guidelines.pt-BR.md'));
    assert.equal(await createGuidelines(folder, 'pt-BR', '# Two\n'), file);
    assert.equal(readFileSync(file, 'utf8'), '# One\n');
    assert.equal(
      await createGuidelines(folder, 'und', '# All\n'),
      join(folder, '.crossalpaca', 'guidelines.md'),
    );
  });
});
