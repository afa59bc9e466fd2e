import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { EventId } from '../../src/core/events';
import { UserError } from '../../src/core/messages';
import type { Target } from '../../src/core/protocol';
import { Candidates } from '../../src/io/candidates';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  BELA,
  edit,
  eventsOf,
  good,
  inTempFolder,
  LINES,
  openSession,
  outputOf,
  pair,
  record,
  refresh,
  single,
  stateOf,
  targetOf,
  userError,
  writeShard,
  type Cleanup,
} from '../helpers/shardFixture';

/** Everything that a reviewer is shown of a shard, but for how often it was read. */
async function shown(session: Session) {
  const { queue, offer, reviewer, counts, ...view } = session.view();
  const units = [];
  for (let row = 0; row < view.rows; row++) {
    const unit = await session.unit(row);
    units.push(
      unit.kind === 'unit'
        ? { ...unit, fields: unit.fields.map(field => ({ ...field, draft: null })) }
        : unit,
    );
  }
  const matches = Array.from({ length: view.rows }, (_, row) =>
    [...session.shard.matching.matches.at(row)].map(({ key, state }) => `${key} ${state}`).sort(),
  );
  const { text, length } = queue;
  return {
    view,
    counts: Object.fromEntries(Object.entries(counts).sort()),
    orphans: [...session.shard.matching.orphans].sort(),
    summaries: await session.queue.summaries(0, 100),
    queue: { text, rows: session.queue.rows(0, length) },
    units,
    matches,
    isNamed: reviewer !== null && offer === null,
  };
}

/** Once it has looked again, a session shows what one does that was opened just now. */
async function assertAsFresh(cleanup: Cleanup, session: Session): Promise<void> {
  await refresh(session);
  session.queue.askAgain();
  await session.queue.done;
  const fresh = await openSession(cleanup, session.shard.path, { ...session.writer });
  fresh.queue.ask(session.queue.view.text);
  await fresh.queue.done;
  assert.deepEqual(await shown(session), await shown(fresh));
}

const asLines = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('');
const asArray = (lines: readonly string[]) => `[${lines.join(',\n')}]`;

const changes = fc.oneof(
  fc.record({
    do: fc.constantFrom('insert', 'remove', 'retext', 'resource', 'repeat'),
    at: fc.nat(9),
    n: fc.nat(3),
  }),
  fc.record({
    do: fc.constantFrom(
      'reverse',
      'bad',
      'blank',
      'array',
      'lines',
      'gone',
      'rubbish',
      'empty',
      'away',
      'back',
    ),
    at: fc.nat(9),
    n: fc.nat(3),
  }),
  fc.record({
    do: fc.constantFrom('edit', 'approve', 'comment', 'undo', 'look', 'look', 'ask', 'reopen'),
    at: fc.nat(9),
    n: fc.nat(3),
  }),
);
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

/** A file that changes under whoever has it open. */
class Changing {
  readonly path: string;
  lines: string[] = [...LINES, record('r4', 'Eine Feige.')];
  #isArray = false;
  #count = 0;

  constructor(path: string) {
    this.path = path;
    this.write();
  }

  write(): void {
    const lines = this.#isArray ? this.lines.filter(line => line.startsWith('{"id')) : this.lines;
    writeFileSync(this.path, this.#isArray ? asArray(lines) : asLines(lines));
  }

  change({ do: what, at, n }: Change): void {
    const place = at % (this.lines.length + 1);
    const id = `r${n + 1}`;
    const aside = `${this.path}.aside`;
    switch (what) {
      case 'insert':
        this.lines.splice(place, 0, record(`n${this.#count++}`, `Neu ${n}.`));
        break;
      case 'repeat':
        this.lines.splice(place, 0, record(id, 'Doppelt.'));
        break;
      case 'retext':
        this.lines.splice(place, 1, record(id, `Anders ${at}.`));
        break;
      case 'resource':
        this.lines.splice(place, 1, record(id, 'Ein Apfel.', `Name ${at} fruits.`));
        break;
      case 'remove':
        if (this.lines.length > 2) this.lines.splice(place, 1);
        break;
      case 'reverse':
        this.lines.reverse();
        break;
      case 'bad':
        this.lines.splice(place, 0, '{"torn');
        break;
      case 'blank':
        this.lines.splice(place, 0, '');
        break;
      case 'array':
      case 'lines':
        this.#isArray = what === 'array';
        break;
      case 'gone':
        rmSync(this.path, { force: true });
        return;
      case 'rubbish':
        writeFileSync(this.path, 'no records\nat all\n');
        return;
      case 'empty':
        writeFileSync(this.path, '');
        return;
      case 'away':
      case 'back':
        // The very same file: nothing of its identity tells that it was away.
        try {
          if (what === 'away') renameSync(this.path, aside);
          else renameSync(aside, this.path);
        } catch {
          // There is none.
        }
        return;
      default:
        // What reviewers do leaves the file alone.
        return;
    }
    this.write();
  }
}

/** Refusals that a reviewer may meet while a file is in disorder. */
const expected = userError(
  'file.missing',
  'file.noRecord',
  'file.empty',
  'file.changed',
  'row.missing',
  'unit.moved',
  'unit.changed',
  'file.gone',
  'unit.conflict',
  'undo.editedSince',
);

async function act(session: Session, { do: what, at }: Change): Promise<void> {
  if (what === 'look') return refresh(session);
  if (what === 'ask') {
    session.queue.ask(['state:pending', 'apfel', 'neu', 'sort:-line', 'is:repeated'][at % 5] ?? '');
    return;
  }
  if (what === 'reopen') return session.shard.reopen();
  const row = at % Math.max(1, session.view().rows);
  if (what === 'edit') await edit(session, row, `Von ${session.writer?.reviewer ?? ''} ${at}.`);
  else if (what === 'approve') await approve(session, row);
  else if (what === 'comment') await session.comment(await targetOf(session, row), 'Hm.');
  else await session.undo();
}

const REVIEWS = ['edit', 'approve', 'comment', 'undo', 'look', 'ask', 'reopen'];

/** Large enough for several blocks and a worker thread. */
const LARGE = 12_000;
const large = () => Array.from({ length: LARGE }, (_, row) => record(`r${row}`, 'Ein Apfel.'));

describe('a file that changes while it is open', () => {
  it('is shown as if it had been opened just now, whatever happened to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(changes, fc.boolean()), { minLength: 1, maxLength: 14 }),
        async steps => {
          await inTempFolder(async (folder, cleanup) => {
            const file = new Changing(join(folder, 'shard.jsonl'));
            const sessions = [
              await openSession(cleanup, file.path, ANNA),
              await openSession(cleanup, file.path, BELA),
            ] as const;
            for (const [step, isBela] of steps) {
              if (!REVIEWS.includes(step.do)) file.change(step);
              else
                await act(sessions[isBela ? 1 : 0], step).catch((error: unknown) => {
                  if (!expected(error) && !(error instanceof Error && error.message.endsWith('is no record')))
                    throw error;
                });
            }
            // Back it comes, as it was or newly written.
            file.change({ do: 'back', at: 0, n: 0 });
            await sessions[0].shard.refresh().catch(() => file.write());
            if (sessions[0].view().problems.length > 0) file.write();
            for (const session of sessions) await assertAsFresh(cleanup, session);
          });
        },
      ),
      { numRuns: 60, seed: 20_253 },
    );
  });

  it('is said to be gone, is still shown, and is reviewed on when it is back', async t => {
    const { anna, bela, path } = await pair(t);
    await approve(anna, 0);
    renameSync(path, `${path}.away`);
    await refresh(anna);
    assert.deepEqual(
      anna.view().problems.map(({ id }) => id),
      ['file.gone'],
    );
    assert.equal(anna.view().rows, 3);
    await assert.rejects(approve(anna, 1), UserError);
    renameSync(`${path}.away`, path);
    await assertAsFresh(t, anna);
    assert.deepEqual(anna.view().problems, []);
    await approve(anna, 1);
    await refresh(bela);
    assert.deepEqual(bela.view().counts, { approved: 2 });
  });

  it('shows what others did while it was away, though it came back as it was', async t => {
    const { anna, bela, path, folder } = await pair(t);
    await refresh(bela);
    const reviews = join(folder, '.crossalpaca');
    await approve(bela, 1);
    renameSync(reviews, `${reviews}.later`);
    renameSync(path, `${path}.away`);
    await refresh(anna);
    renameSync(`${reviews}.later`, reviews);
    await refresh(anna);
    renameSync(`${path}.away`, path);
    await assertAsFresh(t, anna);
    assert.deepEqual(anna.view().counts, { approved: 1 });
  });

  it('is still shown while it is no shard, and anew when it is one again', async t => {
    const { session, path } = await single(t);
    await edit(session, 1, 'Eine Birne, süß.');
    writeFileSync(path, 'no records\n');
    await assert.rejects(session.refresh(), userError('file.noRecord'));
    assert.deepEqual(
      session.view().problems.map(({ id }) => id),
      ['file.noRecord'],
    );
    assert.equal(session.view().rows, 3);
    writeFileSync(path, asArray(LINES.toReversed()));
    await assertAsFresh(t, session);
    assert.deepEqual([session.view().problems, session.view().isArray], [[], true]);
    assert.equal(outputOf(await good(session, 1)), 'Eine Birne, süß.');
  });

  for (const [name, change] of [
    ['is cut short', (path: string) => truncateSync(path, 100_000)],
    ['grows', (path: string) => appendFileSync(path, `${record('last', 'Ende.')}\n`)],
    ['is replaced', (path: string) => writeFileSync(path, asLines(LINES))],
    [
      'is away for a moment',
      (path: string) => {
        renameSync(path, `${path}.away`);
        setTimeout(() => renameSync(`${path}.away`, path), 150);
      },
    ],
  ] as const) {
    it(`is read anew when it ${name} while its keys are read`, async t => {
      const { session, path } = await single(t, large());
      await approve(session, 5);
      await session.shard.reopen();
      await session.shard.index.whole;
      assert.equal(session.shard.matching.isDone, false);
      change(path);
      await session.shard.matched;
      await new Promise(resolve => setTimeout(resolve, 200));
      await refresh(session);
      assert.deepEqual(await facts(session), await facts(await openSession(t, path, ANNA)));
      assert.equal(session.view().matched, true);
    });

    it(`is searched anew when it ${name} during a search`, async t => {
      const { session, path } = await single(t, large());
      session.queue.ask('apfel');
      change(path);
      await session.queue.done;
      await new Promise(resolve => setTimeout(resolve, 200));
      await refresh(session);
      await session.queue.done;
      if (session.queue.view.problem) session.queue.askAgain();
      await session.queue.done;
      const fresh = await openSession(t, path, ANNA);
      fresh.queue.ask('apfel');
      await fresh.queue.done;
      const { length } = fresh.queue;
      assert.deepEqual(session.queue.rows(0, length + 1), fresh.queue.rows(0, length));
      assert.deepEqual([session.queue.view.problem, session.queue.view.progress], [null, null]);
    });
  }

  async function facts(session: Session) {
    const { rows, counts, badRows, orphans, matched, repeated, problems } = session.view();
    return {
      rows,
      counts,
      badRows,
      orphans,
      matched,
      repeated,
      problems,
      last: await session.unit(rows - 1),
    };
  }
});

describe('what a reviewer does to a record that has moved meanwhile', () => {
  /** What the page names: the record as it stood before the file was turned round. */
  async function moved(t: TestContext) {
    const { session, path, folder } = await single(t);
    const target = await targetOf(session, 0);
    return {
      session,
      folder,
      target,
      turn: () => writeShard(dirname(path), [record('r0', 'Neu.'), ...LINES.toReversed()]),
    };
  }
  const deeds: [string, (session: Session, target: Target) => Promise<unknown>][] = [
    ['deciding', (session, target) => session.decide(target, 'approve')],
    ['commenting', (session, target) => session.comment(target, 'Hm.')],
    [
      'typing',
      async (session, target) => {
        await session.draft(target, 'target', 'output', 'Getippt.');
        await session.commit(target);
      },
    ],
  ];
  for (const [name, deed] of deeds) {
    it(`goes to that record by its key: ${name}`, async t => {
      const { session, target, turn } = await moved(t);
      turn();
      await deed(session, target);
      const [event] = eventsOf(session);
      assert.deepEqual([event?.key, event?.line], ['r1@de', 4]);
      await assertAsFresh(t, session);
    });
  }

  it('keeps what was typed before the file changed, also through a new start', async t => {
    const { session, target, turn } = await moved(t);
    await session.draft(target, 'target', 'output', 'Halb getippt');
    const path = turn();
    await refresh(session);
    assert.equal((await good(session, 3)).fields[2]?.draft, 'Halb getippt');
    const again = await openSession(t, path, ANNA);
    await again.commit(await targetOf(again, 3));
    assert.equal(outputOf(await good(again, 3)), 'Halb getippt');
  });

  it('takes a proposal for it', async t => {
    const { session, target, turn } = await moved(t);
    const candidates = await Candidates.open(session.shard.ledgers, 'aaaaaa');
    const { key, fingerprint } = target;
    await candidates.add({
      ...{ id: 'c1', key, mode: 'translate', texts: [['output', 'Vorschlag.']], fingerprint },
      ...{ advice: '', problems: [], model: 'm', parameters: {}, prompt: 'p' },
    });
    const path = turn();
    const again = await openSession(t, path, ANNA);
    await again.accept(target, 'c1', null);
    assert.equal(outputOf(await good(again, 3)), 'Vorschlag.');
    await session.refresh();
    assert.equal(outputOf(await good(session, 3)), 'Vorschlag.');
  });

  it('is refused where the record is gone or has another text', async t => {
    const { session, target } = await moved(t);
    writeShard(dirname(session.shard.path), LINES.slice(1));
    await assert.rejects(session.decide(target, 'approve'), userError('unit.moved'));
    writeShard(dirname(session.shard.path), [record('r1', 'Anders.'), ...LINES.slice(1)]);
    await assert.rejects(session.decide(target, 'approve'), userError('unit.changed'));
    assert.deepEqual(eventsOf(session), []);
  });
});

describe('keeping the text that was', () => {
  const changed = (path: string, text = 'Ganz anders.', source?: string) =>
    writeShard(dirname(path), [record('r1', text, source), ...LINES.slice(1)]);

  async function keep(session: Session): Promise<void> {
    await refresh(session);
    assert.equal(await stateOf(session), 'stale');
    await session.keep(await targetOf(session, 0), (await good(session, 0)).stale!.id);
    assert.equal(await stateOf(session), 'approved');
  }

  it('gives an approved text back where the file changed, until that is undone', async t => {
    const { session, path } = await single(t);
    await approve(session, 0);
    changed(path);
    await keep(session);
    assert.equal(outputOf(await good(session, 0)), 'Ein Apfel.');
    await assertAsFresh(t, session);
    await session.undo();
    await session.undo();
    const view = await good(session, 0);
    assert.deepEqual([view.state, outputOf(view)], ['stale', 'Ganz anders.']);
    assert.equal(view.stale?.approved, true);
    await assertAsFresh(t, session);
  });

  it('gives an approved text back where another reviewer edited it', async t => {
    const { anna, bela } = await pair(t);
    await approve(anna, 0);
    await refresh(bela);
    await edit(bela, 0, 'Belas Text.');
    await keep(anna);
    assert.equal(outputOf(await good(anna, 0)), 'Ein Apfel.');
    await assertAsFresh(t, anna);
    await anna.undo();
    await anna.undo();
    assert.equal(outputOf(await good(anna, 0)), 'Belas Text.');
    assert.equal(await stateOf(anna), 'stale');
  });

  it('gives an edited text back whose base is gone', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Ein roter Apfel.');
    await edit(session, 0, 'Ein grüner Apfel.');
    changed(path);
    await keep(session);
    const view = await good(session, 0);
    assert.deepEqual([outputOf(view), view.fields[2]?.original], ['Ein grüner Apfel.', 'Ganz anders.']);
    await assertAsFresh(t, session);
    await session.undo();
    await session.undo();
    assert.equal(outputOf(await good(session, 0)), 'Ganz anders.');
    await assertAsFresh(t, session);
  });

  it('approves the text as it is where only the source changed', async t => {
    const { session, path } = await single(t);
    await approve(session, 0);
    changed(path, 'Ein Apfel.', 'Name two fruits.');
    await keep(session);
    assert.equal(outputOf(await good(session, 0)), 'Ein Apfel.');
    assert.equal(eventsOf(session).filter(event => event.type === 'edit').length, 0);
    await session.undo();
    assert.equal(await stateOf(session), 'stale');
    await assertAsFresh(t, session);
  });

  it('is refused where nothing changed, or the text is another by now', async t => {
    const { session, path } = await single(t);
    await approve(session, 0);
    const any = 'A' as EventId;
    await assert.rejects(session.keep(await targetOf(session, 0), any), userError('unit.notStale'));
    changed(path);
    await refresh(session);
    const target = await targetOf(session, 0);
    await assert.rejects(session.keep(target, any), userError('unit.changed'));
    const { id } = (await good(session, 0)).stale!;
    changed(path, 'Noch einmal anders.');
    await assert.rejects(session.keep(target, id), userError('unit.changed'));
    assert.equal(outputOf(await good(session, 0)), 'Noch einmal anders.');
  });
});
