/** What is asked before records are assigned, or changed many at once. */
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import type { BulkChange, ReasonView, Verdict } from '../core/protocol';
import { isReviewerName } from '../io/clone';
import type { Session } from '../session';
import { t } from './l10n';
import type { ReviewPage } from './reviewPage';

/** Assigns the record that is shown. */
export async function assignRecord(page: ReviewPage, session: Session): Promise<void> {
  const loaded = await session.shard.load(page.row);
  if ('reason' in loaded) throw new UserError('row.notRecord', loaded.line);
  const to = await askPerson(session);
  if (to === undefined) return;
  await page.permit('assign');
  const { row, unit, state } = loaded;
  await session.assign({ row, key: unit.key, fingerprint: state.fingerprint }, to);
}

/** Asks what is to be done to all records of the queue; the page then shows what that would do. */
export async function changeMany(page: ReviewPage, session: Session): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    [
      { label: t('bulk.approve'), what: 'approve' as const },
      { label: t('bulk.needsWork'), what: 'needs-work' as const },
      { label: t('bulk.reject'), what: 'reject' as const },
      { label: t('bulk.assign'), what: 'assign' as const },
      { label: t('bulk.replace'), what: 'replace' as const },
    ],
    { title: t('bulk.title', session.queue.length) },
  );
  if (!picked) return;
  if (picked.what === 'replace') {
    page.act('replace');
    return;
  }
  const change = await (picked.what === 'assign'
    ? askAssignment(session)
    : askDecision(picked.what, session));
  if (change) page.bulk(change);
}

async function askAssignment(session: Session): Promise<BulkChange | undefined> {
  const to = await askPerson(session);
  return to === undefined ? undefined : { kind: 'assign', to };
}

async function askDecision(
  decision: 'approve' | 'needs-work' | 'reject',
  session: Session,
): Promise<BulkChange | undefined> {
  const verdict =
    decision === 'approve' ? { reasons: [], note: '' } : await askVerdict(session.shard.policy.reasons);
  return verdict && { kind: 'decide', decision, verdict };
}

async function askVerdict(reasons: readonly ReasonView[]): Promise<Verdict | undefined> {
  const picked = await vscode.window.showQuickPick(
    reasons.map(reason => ({ label: reasonLabel(reason), id: reason.id })),
    { title: t('bulk.reasons'), canPickMany: true },
  );
  if (!picked) return undefined;
  const note = await vscode.window.showInputBox({ title: t('bulk.note'), ignoreFocusOut: true });
  return note === undefined ? undefined : { reasons: picked.map(each => each.id), note };
}

/** @returns a reviewer's name, empty for nobody, undefined if the user left it */
async function askPerson(session: Session): Promise<string | undefined> {
  // Also where a name is typed that nobody has.
  const other = { label: t('assign.other'), to: undefined, alwaysShow: true };
  const me = session.writer?.reviewer;
  const items = session.view().people.map(name => ({
    label: name,
    to: name,
    ...(name === me ? { description: t('assign.me') } : {}),
  }));
  const nobody = { label: t('assign.nobody'), to: '' };
  const picked = await vscode.window.showQuickPick([...items, nobody, other], { title: t('assign.title') });
  if (!picked || picked.to !== undefined) return picked?.to;
  return vscode.window.showInputBox({
    title: t('assign.title'),
    ignoreFocusOut: true,
    validateInput: value => (isReviewerName(value) ? undefined : t('reviewer.invalid')),
  });
}

/** A reason as people read it. */
function reasonLabel({ id, label }: ReasonView): string {
  return label ?? t(`reason.${id}` as Parameters<typeof t>[0]);
}
