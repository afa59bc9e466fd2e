/** The table of commands: what each does. Titles, keys and when they are offered stand in package.json. */
import { extname } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { ACTIONS } from '../core/protocol';
import type { Session } from '../session';
import type { Dashboard } from './dashboard';
import type { FindingsView } from './findingsView';
import { explain, t } from './l10n';
import type { QueueRuns } from './queueRuns';
import type { ReviewPage } from './reviewPage';
import { VIEW_TYPE, type ReviewEditor } from './reviewEditor';
import type { Settings } from './settings';
import type { ShardsView } from './shardsView';
import { registerShownTexts } from './shownText';
import { openSample, openWalkthrough } from './walkthrough';

/** Files that the command offers where none is open. */
const SHARD_FILES = '**/*.{jsonl,ndjson}';
const MAX_OFFERED = 200;

/** What few need, with the code behind it, is loaded when it is asked for. */
const ofBackends = () => import('./backendCommands');
const ofFiles = () => import('./fileCommands');
const ofQueues = () => import('./queueCommands');
const ofTeams = () => import('./teamCommands');

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
      (await import('./exportCommand')).exportTrainingData(editor, await settings.backends(), given, log),
    newRecipe: async () => (await import('./recipeCommand')).newRecipe(),
    importShard: async () => (await ofFiles()).importFiles(),
    applyEdits: () => withPage(async (_page, session) => (await ofFiles()).applyToFile(session)),
    moveReviews: () => withPage(async (_page, session) => (await ofFiles()).moveReviewsHere(session)),
    showOrphans: () => withPage(async (_page, session) => (await ofFiles()).showOrphans(session)),
    // The list of findings is that of a shard which may be open beside the active editor.
    goTo: async (row, check) => {
      const page = ofLatest();
      if (!page.panel.active) page.panel.reveal();
      if (Number.isSafeInteger(row)) page.go(row as number, typeof check === 'string' ? check : null);
      else await (await ofQueues()).goTo(page, await page.document.session);
    },
    filters: () => withPage(async (page, session) => (await ofQueues()).chooseFilter(page, session)),
    showLanguage: () => withPage(async (_page, session) => (await ofQueues()).chooseLanguage(session)),
    guidelines: () =>
      withPage(async (page, session) => (await import('./guidelines')).openGuidelines(page, session)),
    dashboard: () => views.dashboard.show(),
    refreshShards: () => views.shards.refresh(),
    refreshFindings: () => views.findings.refresh(),
    cancelCheck: () => views.findings.cancel(),
    checkShard: async () => (await import('./checkCommand')).checkShard(await ofLatest().document.session),
    assign: () => withPage(async (page, session) => (await ofTeams()).assignRecord(page, session)),
    bulk: () => withPage(async (page, session) => (await ofTeams()).changeMany(page, session)),
    selectBackend: async () => (await ofBackends()).chooseBackend(await settings.backends(), log),
    setBackendKey: async () => (await ofBackends()).setBackendKey(await settings.backends()),
    testBackend: async () => (await ofBackends()).testBackend(await settings.backends(), log),
    lookAhead: async () => (await ofBackends()).lookAhead(await settings.backends()),
    editPrompt: () =>
      withPage(async ({ document }) =>
        (await import('./promptCommand')).editPrompt(document, await settings.backends()),
      ),
    regenerateQueue: () =>
      withPage(async ({ document }, session) => (await views.runs()).begin(document, session)),
    pauseRun: async () => (await views.runs()).control(),
    changeKeys: () =>
      vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', 'crossalpaca.'),
    setReviewer: () => settings.askReviewer(editor.active?.document.folder),
    setLanguages: () => withPage(async (_page, session) => (await ofFiles()).setLanguages(session)),
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
  const withPage = async (run: (page: ReviewPage, session: Session) => Promise<void>) => {
    const page = editor.active;
    if (!page) throw new UserError('command.noShard');
    await run(page, await page.document.session);
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
  return vscode.Disposable.from(...registered, registerShownTexts());
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
