/** What is done with a shard as a file: made by import, given its edits, its reviews taken along. */
import { basename, dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
import { applyEdits, type ApplyReport, type Destination } from '../applying';
import { UserError } from '../core/messages';
import { languageTag } from '../core/record';
import { importShard, type ImportReport } from '../importing';
import { isTmx } from '../io/tmx';
import { otherReviews } from '../moving';
import type { Session } from '../session';
import { localize, t } from './l10n';
import { withProgress } from './progress';
import { showText } from './shownText';
import { VIEW_TYPE } from './reviewEditor';

const TABLES = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet', 'txt', 'tmx'];
/** Units left as they are that a message names; the others are counted. */
const NAMED = 5;

/** Writes the edits into a copy or, after a question, into the shard itself. */
export async function applyToFile({ shard }: Session): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const copy = { label: t('apply.toCopy'), detail: t('apply.toCopyDetail'), inPlace: false };
  const inPlace = { label: t('apply.inPlace'), detail: t('apply.inPlaceDetail'), inPlace: true };
  const picked = await vscode.window.showQuickPick([copy, inPlace], { title: t('apply.title') });
  if (!picked) return;
  const destination = picked.inPlace ? await confirmInPlace(shard.path) : await chooseCopy(shard.path);
  if (destination === undefined) return;
  const report = await withProgress(t('apply.writing'), async (signal, onProgress) => {
    // All rows of a key that stands more than once are known only then.
    await shard.matching.complete();
    return applyEdits(shard, destination, {
      signal,
      onProgress: bytes => onProgress(bytes / shard.index.identity.size),
    });
  });
  if (picked.inPlace) await shard.refresh();
  const name = destination === 'in-place' ? basename(shard.path) : basename(destination.copy);
  void vscode.window.showInformationMessage(t('apply.done', name, report.fields, report.rows), {
    modal: report.left.length > 0,
    detail: leftAsTheyAre(report),
  });
}

async function confirmInPlace(path: string): Promise<Destination | undefined> {
  const go = t('apply.confirmButton');
  const message = t('apply.confirm', basename(path));
  const detail = t('apply.confirmDetail');
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, go);
  return answer === go ? 'in-place' : undefined;
}

async function chooseCopy(path: string): Promise<Destination | undefined> {
  const extension = extname(path);
  const name = `${basename(path, extension)}.edited${extension}`;
  const target = await vscode.window.showSaveDialog({
    title: t('apply.toCopy'),
    defaultUri: vscode.Uri.file(join(dirname(path), name)),
  });
  // The dialog has asked about a file that is there already.
  return target && { copy: target.fsPath };
}

function leftAsTheyAre({ left }: ApplyReport): string {
  const named = left.slice(0, NAMED).map(({ key, line, why }) => t(`apply.left.${why}`, key, line));
  if (left.length > NAMED) named.push(t('apply.moreLeft', left.length - NAMED));
  return named.join('\n');
}

/** Asks for two files and their languages, pairs them, and opens the shard that results. */
export async function importFiles(): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const source = await chooseTable('import.chooseSource');
  const target = source && (isTmx(source) ? source : await chooseTable('import.chooseTarget'));
  const sourceLang = target && (await askLanguage('languages.source', 'en'));
  const targetLang = sourceLang && (await askLanguage('languages.target', ''));
  if (source === undefined || target === undefined || sourceLang === undefined || targetLang === undefined)
    return;
  const name = `${basename(source, extname(source))}.${sourceLang}-${targetLang}.jsonl`;
  const chosen = await vscode.window.showSaveDialog({
    title: t('import.chooseOut'),
    defaultUri: vscode.Uri.file(join(dirname(source), name)),
    filters: { 'JSON Lines': ['jsonl'] },
  });
  if (!chosen) return;
  const out = chosen.fsPath;
  const run = (allowUnpaired?: string) =>
    withProgress(t('import.pairing'), (signal, onProgress) =>
      importShard({
        ...{ source, target, out, sourceLang, targetLang, signal },
        onProgress: ({ done }) => onProgress(done),
        ...(allowUnpaired === undefined ? {} : { allowUnpaired }),
      }),
    );
  let report = await run();
  if (!report.written) {
    const go = t('import.setAside');
    const message = t('import.leftOver', report.unpaired.source.total, report.unpaired.target.total);
    const detail = describe(report);
    if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, go)) !== go) return;
    report = await run(join(dirname(out), `${basename(out, extname(out))}.unpaired.jsonl`));
  }
  await vscode.commands.executeCommand('vscode.openWith', chosen, VIEW_TYPE);
  void vscode.window.showInformationMessage(t('import.done', report.paired.total, basename(out)));
}

function describe({ paired, segmentCount, warnings, unpairedFile }: ImportReport): string {
  return [
    t('import.paired', paired.total, paired.byId, paired.byPosition, paired.byContent),
    ...(segmentCount > 1 ? [t('import.segments', segmentCount)] : []),
    ...warnings.map(localize),
    ...(unpairedFile === null ? [t('import.askAside')] : []),
  ].join('\n');
}

async function chooseTable(
  title: 'import.chooseSource' | 'import.chooseTarget',
): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: t(title),
    openLabel: t(title),
    filters: { [t('import.tables')]: TABLES },
  });
  return chosen?.[0]?.fsPath;
}

async function askLanguage(
  title: 'languages.source' | 'languages.target',
  value: string,
): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: t(title),
    prompt: t('import.languagePrompt'),
    value,
    ignoreFocusOut: true,
    validateInput: each => (languageTag(each.trim()) ? undefined : t('languages.invalid')),
  });
  return text === undefined ? undefined : languageTag(text.trim());
}

/** Takes the reviews along that were made under another name of the file. */
export async function moveReviewsHere(session: Session): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const { offer } = session.view();
  const names = await otherReviews(session.shard.path);
  if (names.length === 0) throw new UserError('move.noOthers');
  const items = names
    .map(name =>
      offer?.name === name ? { label: name, description: t('move.fits', offer.units) } : { label: name },
    )
    .sort((a, b) => Number('description' in b) - Number('description' in a));
  const picked = await vscode.window.showQuickPick(items, { title: t('move.title') });
  if (!picked) return;
  const { kept, stale, orphaned } = await session.moveFrom(picked.label);
  void vscode.window.showInformationMessage(t('move.done', kept, stale, orphaned.length));
}

/** Opens the list of what was reviewed and is no longer in the file. */
export async function showOrphans({ shard }: Session): Promise<void> {
  await shard.matched;
  const lines = [...shard.matching.orphans].map(key => {
    const events = shard.ledgers.eventsOf(key);
    const by = [...new Set(events.map(event => event.by))].join(', ');
    return t('orphans.line', key, events.at(-1)?.line ?? 0, by, events.length);
  });
  const text = [t('orphans.title', basename(shard.path)), '', ...lines, ''].join('\n');
  await showText(`${shard.path}.txt`, text);
}

/** Asks for the language of the source and, where there is one only, that of the target. @throws UserError in Restricted Mode */
export async function setLanguages(session: Session): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const { sourceLang, targetLangs } = session.shard.facts;
  const ask = (title: string, value: string) =>
    vscode.window.showInputBox({
      title,
      prompt: t('languages.prompt'),
      value: value === 'und' ? '' : value,
      ignoreFocusOut: true,
      validateInput: text => (languageTag(text.trim()) ? undefined : t('languages.invalid')),
    });
  const source = await ask(t('languages.source'), sourceLang);
  if (source === undefined) return;
  const [targetLang, ...more] = targetLangs;
  const target = more.length > 0 ? undefined : await ask(t('languages.target'), targetLang ?? 'und');
  if (more.length === 0 && target === undefined) return;
  await session.setLanguages({
    source_lang: languageTag(source.trim()) ?? 'und',
    ...(target === undefined ? {} : { target_lang: languageTag(target.trim()) ?? 'und' }),
  });
}
