/** Going somewhere in a shard, and choosing which of its records are shown. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { parseQuery } from '../core/filter';
import { say, UserError, type MessageId } from '../core/messages';
import { readFilters, writeFilters } from '../io/reviewFiles';
import type { Session } from '../session';
import { languageName, localize, t } from './l10n';
import type { ReviewPage } from './reviewPage';

/** Filters that everybody wants sooner or later. */
const COMMON: readonly (readonly [label: MessageId, query: string])[] = [
  ['filter.mine', 'is:mine'],
  ['filter.second', 'is:second'],
  ['filter.returned', 'is:returned'],
  ['filter.changed', 'is:changed'],
  ['filter.replied', 'is:replied'],
  ['filter.disputed', 'state:disputed'],
  ['filter.stale', 'state:stale'],
  ['filter.conflict', 'state:conflict'],
  ['filter.source', 'is:source'],
  ['filter.proposed', 'is:proposed'],
  ['filter.findings', 'finding:any'],
  ['filter.sampleOf50', 'sample:50'],
  ['filter.toReview', 'state:pending,edited,partly-approved,skipped'],
  ['filter.needsWork', 'state:needs-work,rejected'],
  ['filter.approved', 'state:approved'],
  ['filter.commented', 'is:commented'],
  ['filter.bad', 'state:bad'],
  ['filter.repeated', 'is:repeated'],
  ['filter.all', ''],
];

/** Asks for a row, a line or a key, and shows that record. */
export async function goTo(page: ReviewPage, session: Session): Promise<void> {
  const { shard } = session;
  const { rows, isArray } = shard.facts;
  const prompt = isArray ? t('goTo.promptArray', rows) : t('goTo.prompt', rows, say('page.line', '120'));
  const text = await vscode.window.showInputBox({
    title: t('goTo.title'),
    prompt,
    ignoreFocusOut: true,
    validateInput: value => (value.trim() === '' ? prompt : undefined),
  });
  if (text === undefined) return;
  const row = await session.rowNamed(text.trim(), t('page.line', '{0}'));
  if (row === undefined) void vscode.window.showWarningMessage(t('goTo.nothing', text.trim()));
  else page.go(row);
}

/** Shows another target language of records that have several. */
export async function chooseLanguage({ shard }: Session): Promise<void> {
  if (shard.shownLang === null) throw new UserError('command.oneLanguage');
  const items = shard.facts.targetLangs.map(lang => ({ label: languageName(lang), description: lang, lang }));
  const picked = await vscode.window.showQuickPick(items, { title: t('command.chooseLanguage') });
  if (picked) shard.showLanguage(picked.lang);
}

/** Offers common and saved filters, and saves the one in use. */
export async function chooseFilter(page: ReviewPage, session: Session): Promise<void> {
  const folder = dirname(session.shard.path);
  const saved = await readFilters(folder);
  const current = session.queue.view.text;
  const query = (label: string, text: string) => ({ label, description: text, text });
  const separator = (label: MessageId) => ({
    label: t(label),
    kind: vscode.QuickPickItemKind.Separator,
    text: '',
  });
  const save = { label: t('filter.save'), description: current, text: undefined };
  const picked = await vscode.window.showQuickPick(
    [
      ...(current === '' || !vscode.workspace.isTrusted ? [] : [save]),
      ...(saved.length > 0 ? [separator('filter.savedOnes')] : []),
      ...saved.map(([name, text]) => query(name, text)),
      separator('filter.commonOnes'),
      ...COMMON.map(([label, text]) => query(t(label), text)),
    ],
    { title: t('filter.saved'), matchOnDescription: true },
  );
  if (!picked) return;
  if (picked.text !== undefined) {
    page.ask(picked.text);
    return;
  }
  const name = await vscode.window.showInputBox({
    title: t('filter.save'),
    prompt: t('filter.namePrompt'),
    value: current,
    ignoreFocusOut: true,
    validateInput: value => (value.trim() === '' ? t('filter.namePrompt') : undefined),
  });
  if (name === undefined) return;
  const parsed = parseQuery(current);
  if (!parsed.ok) throw new Error(localize(parsed.reason));
  await writeFilters(folder, [...saved.filter(([each]) => each !== name.trim()), [name.trim(), current]]);
}
