/** What is asked of the user before a whole queue is regenerated. */
import * as vscode from 'vscode';
import type { Profile } from '../asking';
import type { Mode, Wish } from '../core/regeneration';
import type { RunOrder } from '../io/runFile';
import { hostOf } from './backend';
import { t } from './l10n';

/** Candidates for each record that are offered: more take long, and nobody compares them. */
const COUNTS = [1, 2, 3, 4];
type Wanted = Pick<RunOrder, 'wish' | 'onlyFlagged' | 'skipWithCandidate'>;

/** Asks what is to be made of how many records. @returns undefined if the user left it */
export async function askWish(records: number): Promise<Wanted | undefined> {
  const title = t('host.run.title', records);
  const what = await vscode.window.showQuickPick(
    (['flagged', 'all', 'answer'] as const).map(id => ({
      label: t(`host.run.${id}`),
      detail: t(`host.run.${id}.detail`),
      id,
    })),
    { title },
  );
  if (!what) return undefined;
  const count = await vscode.window.showQuickPick(
    COUNTS.map(each => ({
      label: each === 1 ? t('host.run.countOne') : t('host.run.countMany', each),
      count: each,
    })),
    { title: t('host.run.count') },
  );
  if (!count) return undefined;
  const which = await vscode.window.showQuickPick(
    [
      { label: t('host.run.without'), skip: true },
      { label: t('host.run.every'), skip: false },
    ],
    { title: t('host.run.which') },
  );
  if (!which) return undefined;
  const mode: Mode = what.id === 'answer' ? 'answer' : 'translate';
  const wish: Omit<Wish, 'finding'> = {
    mode,
    fields: mode === 'answer' ? ['output'] : [],
    advice: '',
    count: count.count,
    split: 'record',
  };
  return { wish, onlyFlagged: what.id === 'flagged', skipWithCandidate: which.skip };
}

/** Says what it comes to, and asks. */
export async function mayBegin(
  { wish, onlyFlagged }: RunOrder,
  records: number,
  profile: Profile,
): Promise<boolean> {
  const begin = t('host.run.start');
  const { url, model } = profile.backend;
  const whom = model === '' ? hostOf(url) : `${model} (${hostOf(url)})`;
  const message = t('host.run.preview', records, whom);
  const requests = records * wish.count;
  const id = onlyFlagged ? 'host.run.previewAtMost' : 'host.run.previewDetail';
  const detail = t(id, requests, profile.concurrency);
  return (await vscode.window.showInformationMessage(message, { modal: true, detail }, begin)) === begin;
}
