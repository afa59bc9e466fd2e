/** What the checks say of the shard in the active editor: the records, by check and severity. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Finding, Severity } from '../core/check';
import { UserError } from '../core/messages';
import { MAX_ROWS } from '../core/protocol';
import { breathe } from '../io/breath';
import { Queue } from '../queue';
import type { Session } from '../session';
import type { Changed } from '../shard';
import type { Bad, Loaded } from '../units';
import { explain, localize, t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';

/** Records that are listed; more than anybody goes through in a tree. */
const MAX_RECORDS = 2000;
/** UTF-16 units of the first words of a record. */
const FIRST_UNITS = 80;
/** Changes come in bursts (a git pull); the shard is searched anew once they have settled this long. */
const SETTLE_MS = 500;
/** True when a search is over that found nothing: the tree then says so. */
const NONE_CONTEXT = 'crossalpaca.noFindings';

const ICONS: Readonly<Record<Severity, vscode.ThemeIcon>> = {
  error: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  warning: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
  info: new vscode.ThemeIcon('info'),
};
/** The worst first. */
const SEVERITIES = Object.keys(ICONS) as Severity[];

interface Group {
  readonly check: string;
  readonly severity: Severity;
  readonly records: RecordNode[];
}

interface RecordNode {
  readonly group: Group;
  readonly record: Found;
  readonly findings: readonly Finding[];
}

/** A record with findings. */
interface Found {
  readonly row: number;
  readonly line: number;
  readonly key: string;
  readonly text: string;
  readonly findings: readonly Finding[];
}

type Node = Group | RecordNode;

export class FindingsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<Node>;
  readonly #subscriptions: { dispose(): unknown }[] = [];
  #document: ReviewDocument | undefined;
  /** Of the document; made when it is searched first. */
  #queue: Queue | undefined;
  #unlisten: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  /** By row. */
  #found = new Map<number, Found>();
  /** Rows that changed while the shard was searched. */
  #late: number[] = [];
  #run = new AbortController();
  /** Whether the shard has to be searched when the view is to be seen. */
  #isOutdated = true;

  constructor(editor: ReviewEditor, log: vscode.LogOutputChannel) {
    this.#editor = editor;
    this.#log = log;
    this.#view = vscode.window.createTreeView('crossalpaca.findings', { treeDataProvider: this });
    this.#subscriptions.push(
      this.#view,
      this.#changed,
      editor.onDidChange(() => this.#follow()),
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible) this.#search();
        // What is not done has to be done again.
        else if (this.#queue?.view.progress !== null) this.#stop();
      }),
    );
    this.#follow();
  }

  dispose(): void {
    this.#leave();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Searches the shard anew. */
  refresh(): void {
    this.#isOutdated = true;
    this.#search();
  }

  #stop(): void {
    this.#run.abort();
    this.#isOutdated = true;
  }

  #leave(): void {
    this.#stop();
    this.#unlisten();
    this.#unlisten = () => undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = undefined;
  }

  #follow(): void {
    const document = this.#editor.active?.document;
    if (document === this.#document) return;
    this.#leave();
    this.#document = document;
    this.#view.description = document ? basename(document.uri.fsPath) : '';
    this.#show([], '');
    document?.session.then(
      ({ shard }) => {
        if (document !== this.#document) return;
        this.#unlisten = shard.onChange(rows => this.#onChange(rows));
        this.#search();
      },
      // No shard: the page says why.
      () => undefined,
    );
  }

  #onChange(rows: Changed): void {
    if (rows !== 'all' && rows.length === 0) return;
    if (rows !== 'all' && this.#view.visible) {
      // A search that is under way may have passed them.
      if (this.#isOutdated) this.#late.push(...rows);
      else void this.#lookAgain(rows);
      return;
    }
    this.#stop();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#search();
    }, SETTLE_MS);
  }

  #search(): void {
    const document = this.#document;
    if (!document || !this.#isOutdated || !this.#view.visible) return;
    this.#run.abort();
    const run = new AbortController();
    this.#run = run;
    document.session
      .then(session => this.#searchIn(session, run.signal))
      .catch((error: unknown) => {
        if (!run.signal.aborted) this.#show([], t('findings.failed', explain(error, this.#log)));
      });
  }

  async #searchIn(session: Session, signal: AbortSignal): Promise<void> {
    const { shard } = session;
    this.#late = [];
    this.#setNone(false);
    this.#view.message = t('findings.searching', 0);
    await shard.matched;
    signal.throwIfAborted();
    const queue = (this.#queue ??= new Queue(shard));
    const cancel = () => queue.cancel();
    signal.addEventListener('abort', cancel);
    const stop = shard.onChange(() => {
      const { progress } = queue.view;
      if (!signal.aborted && progress !== null)
        this.#view.message = t('findings.searching', Math.floor(progress * 100));
    });
    try {
      queue.ask('finding:any');
      await queue.done;
      signal.throwIfAborted();
      const { problem, length } = queue.view;
      if (problem) throw new UserError(problem.id, ...problem.args);
      const rows = queue.rows(0, MAX_RECORDS);
      const found: Found[] = [];
      for (let at = 0; at < rows.length; at += MAX_ROWS) {
        for (const loaded of await shard.loadRows(rows.slice(at, at + MAX_ROWS))) {
          found.push(...foundIn(session, loaded));
          await breathe();
          signal.throwIfAborted();
        }
      }
      this.#isOutdated = false;
      this.#show(found, length > rows.length ? t('findings.first', rows.length, length) : '');
      await this.#lookAgain(this.#late);
    } finally {
      signal.removeEventListener('abort', cancel);
      stop();
    }
  }

  /** Some records were edited or decided on. */
  async #lookAgain(rows: readonly number[]): Promise<void> {
    const { signal } = this.#run;
    const session = await this.#document?.session;
    if (!session || rows.length === 0) return;
    const loaded = await session.shard.loadRows(rows).catch(() => []);
    if (signal.aborted) return;
    for (const row of rows) this.#found.delete(row);
    for (const found of loaded.flatMap(each => foundIn(session, each))) {
      if (this.#found.size < MAX_RECORDS) this.#found.set(found.row, found);
    }
    this.#show([...this.#found.values()], this.#view.message ?? '');
  }

  /** @param message that stands above the tree; empty for none */
  #show(found: readonly Found[], message: string): void {
    this.#found = new Map([...found].sort((a, b) => a.row - b.row).map(each => [each.row, each]));
    this.#view.message = message;
    this.#setNone(this.#document !== undefined && !this.#isOutdated && found.length === 0);
    this.#changed.fire(undefined);
  }

  #setNone(isNone: boolean): void {
    void vscode.commands.executeCommand('setContext', NONE_CONTEXT, isNone);
  }

  getChildren(node?: Node): Node[] {
    if (!node) return groupsOf(this.#found.values());
    return 'records' in node ? node.records : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'records' in node ? groupItem(node) : recordItem(node);
  }
}

function foundIn({ shard }: Session, loaded: Loaded | Bad): Found[] {
  if ('reason' in loaded) return [];
  const findings = shard.findings(shard.seen(loaded));
  const { row, line, unit, source } = loaded;
  const text = (source[0]?.text ?? '').slice(0, FIRST_UNITS).replace(/\s+/g, ' ');
  return findings.length === 0 ? [] : [{ row, line, key: unit.key, text, findings }];
}

function groupsOf(found: Iterable<Found>): Group[] {
  const groups = new Map<string, Group>();
  for (const record of found) {
    for (const { severity, check } of record.findings) {
      const name = `${SEVERITIES.indexOf(severity)} ${check}`;
      const group = groups.get(name) ?? { check, severity, records: [] };
      groups.set(name, group);
      if (group.records.at(-1)?.record === record) continue;
      const findings = record.findings.filter(each => each.check === check && each.severity === severity);
      group.records.push({ group, record, findings });
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function groupItem({ check, severity, records }: Group): vscode.TreeItem {
  const label = `${t(`severity.${severity}`)} ${check}`;
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${severity} ${check}`;
  item.description = String(records.length);
  item.iconPath = ICONS[severity];
  item.accessibilityInformation = { label: t('views.count', label, records.length) };
  return item;
}

function recordItem({ group, record: { row, line, key, text }, findings }: RecordNode): vscode.TreeItem {
  const item = new vscode.TreeItem(key);
  const messages = [...new Set(findings.map(({ message }) => localize(message)))];
  item.id = `${group.severity} ${group.check} ${row}`;
  item.description = text;
  item.tooltip = [t('findings.record', key, line), ...messages].join('\n');
  item.accessibilityInformation = {
    label: `${t('findings.record', key, line)}. ${messages.join(' ')} ${text}`,
  };
  item.command = { command: 'crossalpaca.goTo', title: t('findings.show'), arguments: [row] };
  return item;
}
