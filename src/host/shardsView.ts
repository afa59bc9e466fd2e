/** The shards of the workspace, and how far the review of each is by language. */
import { basename, dirname, join, relative } from 'node:path';
import * as vscode from 'vscode';
import { accepted } from '../core/sample';
import { STATES } from '../core/states';
import { CLOCK } from '../io/clock';
import { REVIEW_FOLDER } from '../io/reviewFolder';
import type { LanguageOverview, ShardOverview } from '../overview';
import { exportedFiles } from './exportedFiles';
import { explain, languageName, localize, t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';
import { MAX_SHARDS, reviewedShards } from './reviewedShards';

/** Changes come in bursts (decisions, a git pull); what is shown is at most this old. */
const SETTLE_MS = 500;

const SHARD_FILES = '**/*.{jsonl,ndjson}';
const NO_SHARDS = `**/{${REVIEW_FOLDER},node_modules}/**`;
/** Policies and mappings. */
const REVIEW_SETTINGS = `**/${REVIEW_FOLDER}/**/*.json`;

type Progress =
  | { readonly kind: 'unreviewed' | 'counting' }
  | { readonly kind: 'counted'; readonly overview: ShardOverview }
  | { readonly kind: 'failed'; readonly reason: string };

interface ShardNode {
  readonly uri: vscode.Uri;
  progress: Progress;
  /** What the progress hangs on, of a shard that was counted without being open. */
  identity: string | undefined;
}

interface LanguageNode {
  readonly shard: ShardNode;
  readonly overview: LanguageOverview;
}

type Node = ShardNode | LanguageNode;

export class ShardsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<Node>;
  readonly #subscriptions: { dispose(): unknown }[] = [];
  /** By path, in the order of paths. */
  #shards = new Map<string, ShardNode>();
  #listing: Promise<void> | undefined;
  /** Aborted when what is being counted is not wanted any more. */
  #run = new AbortController();
  #isCounting = false;
  #isOutdated = false;
  readonly #open = new Map<ReviewDocument, OpenShard>();
  #listTimer: NodeJS.Timeout | undefined;
  #countTimer: NodeJS.Timeout | undefined;

  constructor(editor: ReviewEditor, log: vscode.LogOutputChannel) {
    this.#editor = editor;
    this.#log = log;
    this.#view = vscode.window.createTreeView('crossalpaca.shards', { treeDataProvider: this });
    const watchers = [SHARD_FILES, REVIEW_SETTINGS].map(pattern =>
      vscode.workspace.createFileSystemWatcher(pattern),
    );
    const [shards] = watchers;
    this.#subscriptions.push(
      this.#view,
      this.#changed,
      ...watchers,
      ...watchers.map(watcher => watcher.onDidChange(uri => this.#countLater(uri))),
      ...[shards?.onDidCreate(() => this.#listLater()), shards?.onDidDelete(() => this.#listLater())].flatMap(
        each => each ?? [],
      ),
      this.#view.onDidChangeVisibility(({ visible }) => {
        this.#stop();
        if (visible) void this.#count();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#listLater()),
      editor.onDidChange(() => this.#follow()),
    );
    this.#follow();
  }

  dispose(): void {
    this.#stop();
    clearTimeout(this.#listTimer);
    clearTimeout(this.#countTimer);
    for (const open of this.#open.values()) open.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Lists and counts everything again. */
  refresh(): void {
    this.#stop();
    for (const shard of this.#shards.values()) shard.identity = undefined;
    this.#listing = undefined;
    this.#changed.fire(undefined);
  }

  #stop(): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#isOutdated = true;
  }

  #listLater(): void {
    this.#listTimer ??= setTimeout(() => {
      this.#listTimer = undefined;
      this.#listing = undefined;
      // A hidden tree is asked when it is to be seen again.
      this.#changed.fire(undefined);
    }, SETTLE_MS);
  }

  #countLater({ fsPath }: vscode.Uri): void {
    // One that is open looks at the disk itself.
    const isOpen = this.#editor.documents.some(
      ({ uri, folder }) =>
        fsPath === uri.fsPath || fsPath.startsWith(join(folder, REVIEW_FOLDER, basename(uri.fsPath), '/')),
    );
    if (isOpen) return;
    this.#isOutdated = true;
    this.#countTimer ??= setTimeout(() => {
      this.#countTimer = undefined;
      void this.#count();
    }, SETTLE_MS);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node) return 'uri' in node ? languagesOf(node) : [];
    await (this.#listing ??= this.#list());
    void this.#count();
    return [...this.#shards.values()];
  }

  async #list(): Promise<void> {
    const [files, reviewed, exported] = await Promise.all([
      vscode.workspace.findFiles(SHARD_FILES, NO_SHARDS, MAX_SHARDS + 1),
      // Of more than can be listed they are wanted most; also those with another extension.
      reviewedShards(this.#editor),
      exportedFiles(),
    ]);
    const found = new Set(reviewed);
    for (const { scheme, fsPath } of files) if (scheme === 'file' && !exported.has(fsPath)) found.add(fsPath);
    const paths = [...found].slice(0, MAX_SHARDS).sort();
    const before = this.#shards;
    this.#shards = new Map(
      paths.map(path => {
        const fresh = (): ShardNode => ({
          uri: vscode.Uri.file(path),
          progress: { kind: reviewed.has(path) ? 'counting' : 'unreviewed' },
          identity: undefined,
        });
        return [path, before.get(path) ?? fresh()];
      }),
    );
    this.#view.message = found.size > MAX_SHARDS ? t('shards.first', MAX_SHARDS) : '';
    this.#setBadge();
    this.#isOutdated = true;
  }

  /** Counts what was reviewed and is not known yet, one shard after the other, as long as the view is to be seen. */
  async #count(): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    while (this.#isOutdated && this.#view.visible) {
      this.#isOutdated = false;
      const { signal } = this.#run;
      for (const shard of [...this.#shards.values()]) {
        if (signal.aborted) break;
        await this.#countOne(shard, signal);
      }
    }
    this.#isCounting = false;
  }

  async #countOne(shard: ShardNode, signal: AbortSignal): Promise<void> {
    const path = shard.uri.fsPath;
    const open = [...this.#open.values()].find(each => each.document.uri.fsPath === path);
    if (open) {
      shard.identity = undefined;
      await open.count();
      return;
    }
    const workspaceRoot = vscode.workspace.getWorkspaceFolder(shard.uri)?.uri.fsPath;
    try {
      // Not before something is counted: most of the code is behind it.
      const { openOverview, reviewIdentity } = await import('../overview');
      const identity = await reviewIdentity(path, CLOCK, workspaceRoot);
      if (identity === undefined) this.#set(shard, { kind: 'unreviewed' });
      else if (identity !== shard.identity) {
        if (shard.progress.kind !== 'counted') this.#set(shard, { kind: 'counting' });
        const overview = await openOverview(path, CLOCK, workspaceRoot, signal);
        this.#set(shard, { kind: 'counted', overview });
      }
      shard.identity = identity;
    } catch (error) {
      if (!signal.aborted) this.#set(shard, { kind: 'failed', reason: explain(error, this.#log) });
    }
  }

  #set(shard: ShardNode, progress: Progress): void {
    if (JSON.stringify(progress) === JSON.stringify(shard.progress)) return;
    const wasOpenable = isOpenable(shard);
    shard.progress = progress;
    // VS Code unfolds an item only when it meets it first: one that gets children is another one, see its id.
    this.#changed.fire(isOpenable(shard) === wasOpenable ? shard : undefined);
    this.#setBadge();
  }

  /** Whose review came to a halt: which records wait for one reviewer would take reading all of them. */
  #setBadge(): void {
    const value = [...this.#shards.values()]
      .flatMap(({ progress }) => (progress.kind === 'counted' ? progress.overview.languages : []))
      .reduce(
        (sum, { counts: { disputed = 0, conflict = 0, stale = 0 } }) => sum + disputed + conflict + stale,
        0,
      );
    this.#view.badge = value === 0 ? undefined : { value, tooltip: t('shards.badge', value) };
  }

  /** Shards that are open tell their progress themselves. */
  #follow(): void {
    const documents = this.#editor.documents;
    const isKnown = documents.every(document => this.#open.has(document));
    if (isKnown && documents.length === this.#open.size) return;
    for (const [document, open] of this.#open) {
      if (documents.includes(document)) continue;
      open.dispose();
      this.#open.delete(document);
      // Listed perhaps only because it was open.
      this.#listLater();
    }
    for (const document of documents) {
      if (this.#open.has(document)) continue;
      const onProgress = (progress: Progress) => {
        const shard = this.#shards.get(document.uri.fsPath);
        if (shard) this.#set(shard, progress);
      };
      this.#open.set(document, new OpenShard(document, this.#view, onProgress, this.#log));
      if (!this.#shards.has(document.uri.fsPath)) this.#listLater();
    }
    this.#isOutdated = true;
    void this.#count();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'uri' in node ? shardItem(node) : languageItem(node);
  }
}

/** The progress of a shard that is open in an editor. */
class OpenShard implements vscode.Disposable {
  readonly document: ReviewDocument;
  readonly #view: vscode.TreeView<Node>;
  readonly #onProgress: (progress: Progress) => void;
  readonly #log: vscode.LogOutputChannel;
  #unlisten: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(
    document: ReviewDocument,
    view: vscode.TreeView<Node>,
    onProgress: (progress: Progress) => void,
    log: vscode.LogOutputChannel,
  ) {
    this.document = document;
    this.#view = view;
    this.#onProgress = onProgress;
    this.#log = log;
    document.session.then(
      ({ shard }) => {
        if (!this.#disposed) this.#unlisten = shard.onChange(() => this.#later());
      },
      () => undefined,
    );
  }

  dispose(): void {
    this.#disposed = true;
    this.#unlisten();
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (!this.#view.visible) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.count();
    }, SETTLE_MS);
  }

  async count(): Promise<void> {
    const progress = await this.#progress().catch((error: unknown): Progress => ({
      kind: 'failed',
      reason: explain(error, this.#log),
    }));
    if (!this.#disposed) this.#onProgress(progress);
  }

  /** Does not wait for what is being read: the shard tells when it is done. */
  async #progress(): Promise<Progress> {
    const { shard } = await this.document.session;
    const { fileProblem, matched } = shard.facts;
    if (fileProblem) return { kind: 'failed', reason: localize(fileProblem) };
    if (!matched) return { kind: 'counting' };
    const { overviewOf } = await import('../overview');
    return { kind: 'counted', overview: await overviewOf(shard) };
  }
}

function languagesOf(shard: ShardNode): LanguageNode[] {
  const { progress } = shard;
  return progress.kind === 'counted'
    ? progress.overview.languages.map(overview => ({ shard, overview }))
    : [];
}

/** Whether it has children, or will have. */
function isOpenable({ progress: { kind } }: ShardNode): boolean {
  return kind === 'counted' || kind === 'counting';
}

function shardItem(shard: ShardNode): vscode.TreeItem {
  const { uri, progress } = shard;
  const item = new vscode.TreeItem(uri);
  const name = basename(uri.fsPath);
  item.id = `${isOpenable(shard) ? 'counted' : 'plain'} ${uri.toString()}`;
  item.label = name;
  const folder = folderOf(uri);
  item.description = [progressOf(progress), ...(folder === '' ? [] : [folder])].join(' · ');
  item.tooltip = [uri.fsPath, ...detailsOf(progress)].join('\n');
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  item.collapsibleState = isOpenable(shard)
    ? vscode.TreeItemCollapsibleState.Expanded
    : vscode.TreeItemCollapsibleState.None;
  item.iconPath =
    progress.kind === 'failed'
      ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
      : vscode.ThemeIcon.File;
  item.command = review(uri);
  return item;
}

function review(uri: vscode.Uri): vscode.Command {
  return { command: 'crossalpaca.reviewShard', title: t('shards.review'), arguments: [uri] };
}

/** Where a shard is, as it is told apart from others of the same name; empty for one at the top of a sole workspace folder. */
function folderOf(uri: vscode.Uri): string {
  const root = vscode.workspace.getWorkspaceFolder(uri);
  const folder = dirname(uri.fsPath);
  if (!root) return folder;
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  return join(several ? root.name : '.', relative(root.uri.fsPath, folder)).replace(/^\.$/, '');
}

function progressOf(progress: Progress): string {
  switch (progress.kind) {
    case 'unreviewed':
      return t('shards.unreviewed');
    case 'counting':
      return t('shards.counting');
    case 'failed':
      return progress.reason;
    case 'counted': {
      const { languages } = progress.overview;
      const units = languages.reduce((sum, each) => sum + each.units, 0);
      const approved = languages.reduce((sum, { counts }) => sum + accepted(counts), 0);
      // Rounded down: only all of them are 100 %.
      return t('shards.percent', Math.floor((approved * 100) / Math.max(1, units)));
    }
  }
}

function detailsOf(progress: Progress): string[] {
  if (progress.kind === 'failed') return [progress.reason];
  if (progress.kind !== 'counted') return [progressOf(progress)];
  const { records, badLines, languages } = progress.overview;
  const sums: LanguageOverview['counts'] = {};
  for (const { counts } of languages) {
    for (const state of STATES) if (counts[state]) sums[state] = (sums[state] ?? 0) + counts[state];
  }
  return [
    t('shards.records', records),
    ...(badLines > 0 ? [t('page.badRows', badLines)] : []),
    ...statesOf(sums),
  ];
}

/** A line for each state that some unit is in. */
function statesOf(counts: LanguageOverview['counts']): string[] {
  return STATES.filter(state => counts[state]).map(state =>
    t('views.count', t(`state.${state}`), counts[state] ?? 0),
  );
}

function languageItem({ shard, overview: { lang, units, counts } }: LanguageNode): vscode.TreeItem {
  const name = languageName(lang);
  const { approved = 0, disputed = 0 } = counts;
  const label =
    disputed > 0
      ? t('shards.disputed', name, approved, units, disputed)
      : t('shards.language', name, approved, units);
  const item = new vscode.TreeItem(label);
  const states = statesOf(counts);
  item.id = `${lang} ${shard.uri.toString()}`;
  item.tooltip = [name, ...states].join('\n');
  item.accessibilityInformation = { label: [label, ...states].join('. ') };
  item.command = review(shard.uri);
  return item;
}
