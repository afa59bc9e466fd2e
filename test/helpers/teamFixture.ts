/** A team with a policy on one shard: reviewers, an adjudicator, and a guest whom the policy does not name. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import type { GoodUnit, UnitView } from '../../src/core/protocol';
import type { Side } from '../../src/core/record';
import type { Session } from '../../src/session';
import {
  ANNA,
  BELA,
  CARLA,
  good,
  ledgerOf,
  LINES,
  openSession,
  refresh,
  targetOf,
  tempFolder,
  writePolicy,
  writeShard,
  type Cleanup,
} from './shardFixture';

export const GUEST = { reviewer: 'gast', clone: 'gggggg' };
/** Anna and Bela are reviewers, Carla adjudicates, everybody else is a guest. */
export const NAMED = { reviewers: ['anna', 'bela'], adjudicators: ['carla'] };
/** Long enough, and in the wrong language, for a warning. */
export const ENGLISH = 'This is the first sentence of the text and it is long enough to be told.';

export interface Team {
  readonly folder: string;
  readonly path: string;
  readonly anna: Session;
  readonly bela: Session;
  readonly carla: Session;
  readonly guest: Session;
}

/** Four sessions on one shard, each seeing at once what the others wrote, as in clones that are merged all the time. */
export async function teamOf(
  t: Cleanup,
  policy: object = NAMED,
  lines: readonly string[] = LINES,
): Promise<Team> {
  const folder = tempFolder(t);
  writePolicy(folder, policy);
  const path = writeShard(folder, lines);
  const open = (who: typeof ANNA) => openSession(t, path, who);
  const [anna, bela, carla] = [await open(ANNA), await open(BELA), await open(CARLA)];
  return { folder, path, anna, bela, carla, guest: await open(GUEST) };
}

/** Two people in clones of their own, which see nothing of each other until `merge`. */
export async function apart(t: Cleanup, policy: object = NAMED, lines: readonly string[] = LINES) {
  const sessions: Session[] = [];
  for (const who of [ANNA, BELA]) {
    const folder = tempFolder(t);
    writePolicy(folder, policy);
    sessions.push(await openSession(t, writeShard(folder, lines), who));
  }
  const [anna, bela] = sessions as [Session, Session];
  /** Each clone gets the ledger of the other. */
  const merge = async () => {
    const written = [ledgerOf(anna.shard.path, ANNA), ledgerOf(anna.shard.path, BELA)];
    const there = [ledgerOf(bela.shard.path, ANNA), ledgerOf(bela.shard.path, BELA)];
    cpSync(written[0]!, there[0]!);
    cpSync(there[1]!, written[1]!);
    await refresh(anna);
    await refresh(bela);
  };
  return { anna, bela, merge };
}

/** A unit after everything that is on disk was taken in. */
export async function now(session: Session, row = 0): Promise<GoodUnit> {
  await refresh(session);
  return good(session, row);
}

/** Puts another policy in the place of the one that is there. */
export async function changePolicy(folder: string, policy: object | string, ...sessions: Session[]) {
  writePolicy(folder, policy);
  for (const session of sessions) await refresh(session);
}

/** Types texts into fields of a unit and leaves it. */
export async function type(
  session: Session,
  row: number,
  texts: readonly (readonly [side: Side, name: string, text: string])[],
): Promise<GoodUnit> {
  await refresh(session);
  const target = await targetOf(session, row);
  for (const [side, name, text] of texts) await session.draft(target, side, name, text);
  return shown(await session.commit(target));
}

export function shown(view: UnitView): GoodUnit {
  assert.ok(view.kind === 'unit');
  return view;
}

/** What the unit says in a field of one side. */
export function textOf(view: GoodUnit, side: Side, name: string): string | undefined {
  return view.fields.find(field => field.name === name)?.[side];
}

/** Rows, from 0, that a filter finds for a reviewer. */
export async function found(session: Session, query: string): Promise<number[]> {
  await refresh(session);
  assert.equal(session.queue.ask(query), undefined, query);
  await session.queue.done;
  assert.equal(session.queue.view.problem, null);
  return session.queue.rows(0, session.queue.length);
}
