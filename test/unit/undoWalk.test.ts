import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DECISIONS, type Decision } from '../../src/core/events';
import type { State } from '../../src/core/states';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  edit,
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
  team,
  userError,
  writeShard,
} from '../helpers/shardFixture';

type Act =
  | { readonly do: 'edit'; readonly row: number; readonly field: string; readonly text: string }
  | { readonly do: 'decide'; readonly row: number; readonly decision: Decision }
  | { readonly do: 'comment'; readonly row: number };
type Step = Act | { readonly do: 'undo' } | { readonly do: 'redo' } | { readonly do: 'reopen' };

async function act(session: Session, what: Act): Promise<void> {
  if (what.do === 'edit') return edit(session, what.row, what.text, what.field);
  const target = await targetOf(session, what.row);
  if (what.do === 'decide') await session.decide(target, what.decision);
  else await session.comment(target, 'ein Wort');
}

describe('undo and redo', () => {
  it('walk back and forth through what one reviewer did, also after reopening', async () => {
    const row = fc.nat(1);
    const steps: fc.Arbitrary<Step> = fc.oneof(
      fc.record({
        do: fc.constant('edit' as const),
        row,
        field: fc.constantFrom('output', 'input'),
        text: fc.constantFrom('eins', 'zwei', 'Ein Apfel.', ''),
      }),
      fc.record({ do: fc.constant('decide' as const), row, decision: fc.constantFrom(...DECISIONS) }),
      fc.record({ do: fc.constant('comment' as const), row }),
      ...(['undo', 'redo', 'reopen'] as const).map(name => fc.constant({ do: name })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 16 }), async walk => {
        await inTempFolder(async (_, cleanup) => {
          const { path, sessions } = await team(cleanup, [ANNA]);
          let session = sessions[0]!;
          const shard = readFileSync(path);
          const model = await Model.of(session);
          for (const each of walk) {
            if (each.do === 'undo') assert.equal(await session.undo(), model.undo());
            else if (each.do === 'redo') assert.equal(await session.redo(), model.redo());
            else if (each.do === 'reopen') session = await openSession(cleanup, path, ANNA);
            else {
              await act(session, each);
              model.act(each);
            }
            for (const at of [0, 1]) assert.deepEqual(await seenOf(session, at), model.seen(at));
          }
          assert.deepEqual(readFileSync(path), shard);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('have nothing to do at first, and say so', async t => {
    const { session } = await single(t);
    assert.deepEqual([await session.undo(), await session.redo()], [null, null]);
  });

  it('take back one’s own acts only', async t => {
    const { anna, bela } = await pair(t);
    await approve(anna, 0);
    await refresh(bela);
    assert.equal(await bela.undo(), null);
    assert.equal(await stateOf(bela), 'approved');
  });

  it('do not undo an edit that somebody built on', async t => {
    const { anna, bela } = await pair(t);
    await edit(anna, 0, 'Annas Text.');
    await refresh(bela);
    await edit(bela, 0, 'Belas Text.');
    await refresh(anna);
    await assert.rejects(anna.undo(), userError('undo.editedSince'));
    assert.equal(outputOf(await good(anna, 0)), 'Belas Text.');
  });

  it('find the record where blank lines stand before it and the file has changed', async t => {
    const { session, path } = await single(t, ['', '', ...LINES]);
    await approve(session, 1);
    const reopened = await openSession(t, path, ANNA);
    assert.equal(await reopened.undo(), 1);
    assert.equal(await stateOf(reopened, 1), 'pending');
    writeShard(join(path, '..'), [record('r0', 'Null.'), ...LINES]);
    await refresh(reopened);
    assert.equal(await reopened.redo(), 2);
    assert.equal(await stateOf(reopened, 2), 'approved');
  });
});

/** What a reviewer sees of a row, as plainly as it can be said. */
interface Seen {
  readonly texts: readonly string[];
  readonly decision: { readonly decision: Decision; readonly texts: readonly string[] } | null;
  readonly comments: number;
}

async function seenOf(session: Session, row: number): Promise<unknown[]> {
  const view = await good(session, row);
  const loaded = await session.shard.load(row);
  assert.ok(!('reason' in loaded));
  return [view.state, view.fields.map(field => field.target), loaded.state.comments.length];
}

function afterwards(before: Seen, what: Act): Seen {
  if (what.do === 'comment') return { ...before, comments: before.comments + 1 };
  if (what.do === 'decide') return { ...before, decision: { decision: what.decision, texts: before.texts } };
  const at = what.field === 'output' ? 2 : 1;
  return before.texts[at] === what.text ? before : { ...before, texts: before.texts.with(at, what.text) };
}

/** One reviewer's acts as snapshots of a row before and after each. */
class Model {
  readonly #original: readonly (readonly string[])[];
  readonly #rows: Seen[];
  readonly #done: { row: number; before: Seen; after: Seen }[] = [];
  #undone: { row: number; before: Seen; after: Seen }[] = [];

  private constructor(original: readonly (readonly string[])[]) {
    this.#original = original;
    this.#rows = original.map(texts => ({ texts, decision: null, comments: 0 }));
  }

  static async of(session: Session): Promise<Model> {
    const views = [await good(session, 0), await good(session, 1)];
    return new Model(views.map(view => view.fields.map(field => field.target)));
  }

  act(what: Act): void {
    const before = this.#rows[what.row]!;
    const after = afterwards(before, what);
    if (after === before) return;
    this.#rows[what.row] = after;
    this.#done.push({ row: what.row, before, after });
    this.#undone = [];
  }

  undo(): number | null {
    const last = this.#done.pop();
    if (!last) return null;
    this.#rows[last.row] = last.before;
    this.#undone.push(last);
    return last.row;
  }

  redo(): number | null {
    const last = this.#undone.pop();
    if (!last) return null;
    this.#rows[last.row] = last.after;
    this.#done.push(last);
    return last.row;
  }

  seen(row: number): unknown[] {
    const { texts, decision, comments } = this.#rows[row]!;
    const same = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b);
    const states: Record<Decision, State> = {
      approve: 'approved',
      'needs-work': 'needs-work',
      reject: 'rejected',
      skip: 'skipped',
    };
    const untouched = same(texts, this.#original[row]!) ? 'pending' : 'edited';
    const elsewhere = decision?.decision === 'approve' ? 'stale' : untouched;
    const state =
      decision === null ? untouched : same(decision.texts, texts) ? states[decision.decision] : elsewhere;
    return [state, texts, comments];
  }
}
