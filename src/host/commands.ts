/** The table of commands: what each does. Titles, keys and when they are offered stand in package.json. */
import { extname } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { ACTIONS } from '../core/protocol';
import { languageTag } from '../core/record';
import type { Session } from '../session';
import { checkShard } from './checkCommand';
import type { Dashboard } from './dashboard';
import { registerChanges } from './exportChanges';
import type { FindingsView } from './findingsView';
import { openGuidelines } from './guidelines';
import { explain, t } from './l10n';
import { chooseFilter, chooseLanguage, goTo } from './queueCommands';
import { editPrompt } from './promptCommand';
import type { QueueRuns } from './queueRuns';
import type { ReviewDocument } from './reviewDocument';
import { VIEW_TYPE, type ReviewEditor } from './reviewEditor';
import type { Settings } from './settings';
import type { ShardsView } from './shardsView';
import { registerShownTexts } from './shownText';
import { assignRecord, changeMany } from './teamCommands';
import { openSample, openWalkthrough } from './walkthrough';

/** Files that the command offers where none is open. */
const SHARD_FILES = '**/*.{jsonl,ndjson}';
const MAX_OFFERED = 200;

/** What few need, with the code behind it, is loaded when it is asked for. */
const ofBackends = () => import('./backendCommands');
const ofFiles = () => import('./fileCommands');

/** What a command gets that is to do nothing yet. */
const FIRST_RUN = 'first run';

export function registerCommands(
  editor: ReviewEditor,
  settings: Settings,
  views: {
    readonly shards: ShardsView;
    readonly findings: FindingsView;
    readonly dashboard: Dashboard;
    readonly runs: () => Promise<QueueRuns>;
  },
  { extensionUri }: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const commands: Record<string, (...args: unknown[]) => unknown> = {
    reviewShard: uri => reviewShard(uri instanceof vscode.Uri ? uri : undefined),
    openSample: () => openSample(extensionUri),
    getStarted: openWalkthrough,
    exportTrainingData: async given =>
      (await import('./exportCommand')).exportTrainingData(editor, settings.backends, given, log),
    newRecipe: async () => (await import('./recipeCommand')).newRecipe(),
    importShard: async () => (await ofFiles()).importFiles(),
    applyEdits: () => withDocument(async (_document, session) => (await ofFiles()).applyToFile(session)),
    moveReviews: () => withDocument(async (_document, session) => (await ofFiles()).moveReviewsHere(session)),
    showOrphans: () => withDocument(async (_document, session) => (await ofFiles()).showOrphans(session)),
    // The list of findings is that of a shard which may be open beside the active editor.
    goTo: async (row, check) => {
      const page = ofLatest();
      if (!page.panel.active) page.panel.reveal();
      if (Number.isSafeInteger(row)) page.go(row as number, typeof check === 'string' ? check : null);
      else await goTo(page, await page.document.session);
    },
    filters: () =>
      withDocument((_document, session) => editor.active && chooseFilter(editor.active, session)),
    showLanguage: () => withDocument((_document, session) => chooseLanguage(session)),
    guidelines: () =>
      withDocument((_document, session) => editor.active && openGuidelines(editor.active, session)),
    dashboard: () => views.dashboard.show(),
    refreshShards: () => views.shards.refresh(),
    refreshFindings: () => views.findings.refresh(),
    cancelCheck: () => views.findings.cancel(),
    checkShard: async () => checkShard(await ofLatest().document.session),
    assign: () => withDocument((_document, session) => editor.active && assignRecord(editor.active, session)),
    bulk: () => withDocument((_document, session) => editor.active && changeMany(editor.active, session)),
    selectBackend: async () => (await ofBackends()).chooseBackend(settings.backends, log),
    setBackendKey: async () => (await ofBackends()).setBackendKey(settings.backends),
    testBackend: async () => (await ofBackends()).testBackend(settings.backends, log),
    lookAhead: async () => (await ofBackends()).lookAhead(settings.backends),
    editPrompt: () => withDocument(document => editPrompt(document, settings.backends)),
    regenerateQueue: () =>
      withDocument(async (document, session) => (await views.runs()).begin(document, session)),
    pauseRun: async () => (await views.runs()).control(),
    changeKeys: () =>
      vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', 'crossalpaca.'),
    setReviewer: () => settings.askReviewer(editor.active?.document.folder),
    setLanguages: () => withDocument(setLanguages),
    openShardAsText: () => {
      const uri = editor.active?.document.uri;
      return uri && vscode.commands.executeCommand('vscode.openWith', uri, 'default');
    },
    ...Object.fromEntries(
      ACTIONS.map(action => [action, (first: unknown) => first !== FIRST_RUN && editor.active?.act(action)]),
    ),
  };
  const ofLatest = () => {
    const { latest } = editor;
    if (!latest) throw new UserError('command.noShard');
    return latest;
  };
  const withDocument = async (run: (document: ReviewDocument, session: Session) => unknown) => {
    const document = editor.active?.document;
    if (!document) throw new UserError('command.noShard');
    await run(document, await document.session);
  };
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`crossalpaca.${name}`, async (...args: unknown[]) => {
      try {
        return await run(...args);
      } catch (error) {
        if (!(error instanceof vscode.CancellationError))
          void vscode.window.showErrorMessage(explain(error, log));
        return undefined;
      }
    }),
  );
  // VS Code holds a command back the first time that it is run, and lets those overtake it that were run before: of two keys
  // pressed quickly the second one would act first.
  void vscode.commands.executeCommand('runCommands', {
    commands: ACTIONS.map(action => ({ command: `crossalpaca.${action}`, args: FIRST_RUN })),
  });
  return vscode.Disposable.from(...registered, registerShownTexts(), registerChanges());
}

/** Opens a shard: the one given, else the file in the active editor, else one that the user chooses. */
async function reviewShard(given: vscode.Uri | undefined): Promise<void> {
  const uri = given ?? activeFile() ?? (await chooseFile());
  if (!uri) return;
  if (uri.scheme !== 'file') throw new UserError('place.notOnDisk', uri.toString(true));
  await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
}

function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile =
    input instanceof vscode.TabInputText ||
    (input instanceof vscode.TabInputCustom && input.viewType !== VIEW_TYPE);
  const uri = isFile ? input.uri : undefined;
  return uri && ['.jsonl', '.ndjson', '.json'].includes(extname(uri.path).toLowerCase()) ? uri : undefined;
}

async function chooseFile(): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles(
    SHARD_FILES,
    '**/{.crossalpaca,node_modules}/**',
    MAX_OFFERED,
  );
  const other = { label: t('command.otherFile'), uri: undefined };
  const items = found
    .map(uri => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const picked =
    items.length === 0
      ? other
      : await vscode.window.showQuickPick([...items, other], { title: t('command.chooseShard') });
  if (!picked || picked.uri) return picked?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: t('command.chooseShard'),
    filters: { JSON: ['jsonl', 'ndjson', 'json'] },
  });
  return chosen?.[0];
}

async function setLanguages(_document: ReviewDocument, session: Session): Promise<void> {
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
