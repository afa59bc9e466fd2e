/** What the checks found in the shard that is open, or was looked at last: the records, by check and severity. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { CheckGroup } from '../checking';
import type { Severity } from '../core/check';
import { MESSAGES, type MessageId } from '../core/messages';
import { MAX_ROWS } from '../core/protocol';
import type { UnitKey } from '../core/record';
import { breathe } from '../io/breath';
import type { Session } from '../session';
import type { Changed, Shard } from '../shard';
import type { Loaded } from '../units';
import { localize, t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';

/** Records that are listed of a check; more than anybody goes through in a tree. */
const MAX_RECORDS = 2000;
/** Where there are more records than this, checks are listed closed. */
const MAX_OPEN = 100;
/** UTF-16 units of the first words of a record. */
const FIRST_UNITS = 80;
/** Results come in quick succession; the tree is drawn anew as often as eyes can follow. */
const DRAW_MS = 500;
/** When the tree is empty: whether nothing was found, or nobody has looked yet. */
const NONE_CONTEXT = 'crossalpaca.noFindings';
const UNCHECKED_CONTEXT = 'crossalpaca.notChecked';
const CHECKING_CONTEXT = 'crossalpaca.checking';
/** Whether a shard is open, be it beside the active editor. */
const SHARD_CONTEXT = 'crossalpaca.shardOpen';
/** The editor was asked for a shard, and its file is none. */
const NO_SHARD_CONTEXT = 'crossalpaca.notShard';

const ICONS: Readonly<Record<Severity, vscode.ThemeIcon>> = {
  error: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  warning: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
  info: new vscode.ThemeIcon('info'),
};

/** What is to be seen of a record in the list, and no more: whole records may be long. */
interface Listed {
  readonly row: number;
  readonly key: UnitKey;
  readonly line: number;
  /** Its first words. */
  readonly text: string;
}

interface RecordNode {
  readonly group: CheckGroup;
  readonly record: Listed;
}

/** The others of a group are not listed. */
interface MoreNode {
  readonly listed: number;
  readonly all: number;
}

type Node = CheckGroup | RecordNode | MoreNode;

export class FindingsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<Node>;
  readonly #subscriptions: { dispose(): unknown }[] = [];
  #document: ReviewDocument | undefined;
  /** Of the document, once it is open. */
  #session: Session | undefined;
  #unlisten: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Records that are listed, by row, until something is done to them; undefined while they are read. */
  #listed = new Map<number, Listed | undefined>();
  /** What the tree was drawn from; undefined where something that it shows was changed since. */
  #drawn: string | undefined;
  /** Whether the records are shown without being asked for. */
  #isOpen = false;
  /** Somebody ended the run: it begins again when they ask for it. */
  #isCancelled = false;

  constructor(editor: ReviewEditor) {
    this.#editor = editor;
    this.#view = vscode.window.createTreeView('crossalpaca.findings', { treeDataProvider: this });
    this.#subscriptions.push(
      this.#view,
      this.#changed,
      editor.onDidChange(() => this.#follow()),
      this.#view.onDidChangeVisibility(() => this.#look()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#draw()),
    );
    this.#follow();
  }

  dispose(): void {
    this.#leave();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Checks what is not checked yet, also of a large shard. */
  refresh(): void {
    this.#isCancelled = false;
    if (this.#session) void start(this.#session);
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#session?.shard.checking.cancel();
  }

  #leave(): void {
    this.#unlisten();
    this.#unlisten = () => undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#session = undefined;
    this.#forget('all');
    this.#isCancelled = false;
  }

  #forget(rows: Changed): void {
    if (rows === 'all') {
      this.#listed = new Map();
      this.#drawn = undefined;
    } else for (const row of rows) if (this.#listed.delete(row)) this.#drawn = undefined;
  }

  #follow(): void {
    const document = this.#editor.latest?.document;
    if (document === this.#document) return;
    this.#leave();
    this.#document = document;
    this.#view.description = document ? basename(document.uri.fsPath) : '';
    this.#draw();
    setContext(SHARD_CONTEXT, document !== undefined);
    setContext(NO_SHARD_CONTEXT, false);
    document?.session.then(
      session => {
        if (document !== this.#document) return;
        this.#session = session;
        const { shard } = session;
        const look = () => this.#look();
        const unlisten = [
          shard.onChange(rows => {
            this.#forget(rows);
            look();
          }),
          shard.checking.onChange(look),
        ];
        this.#unlisten = () => unlisten.forEach(each => each());
        this.#look();
      },
      // The page says why.
      () => {
        if (document === this.#document) setContext(NO_SHARD_CONTEXT, true);
      },
    );
  }

  /** Checks the shard if it is to be seen and was not checked, or was read anew. */
  #look(): void {
    const { shard } = this.#session ?? {};
    if (!shard || !this.#session || !this.#view.visible) return;
    const { checking, facts, isLarge } = shard;
    const isWanted = !this.#isCancelled && !isLarge;
    const isIdle = checking.progress === null && checking.problem === null;
    if (facts.matched && isWanted && isIdle && !checking.isDone) void start(this.#session);
    else this.#later();
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, DRAW_MS);
  }

  #draw(): void {
    const checking = this.#session?.shard.checking;
    const progress = checking?.progress ?? null;
    const isEmpty = checking?.groups().length === 0;
    const isDone = checking?.isDone === true;
    setContext(NONE_CONTEXT, isEmpty && isDone);
    setContext(UNCHECKED_CONTEXT, isEmpty && !isDone && progress === null);
    setContext(CHECKING_CONTEXT, progress !== null);
    if (progress !== null) this.#view.message = t('findings.searching', Math.floor(progress * 100));
    else if (checking?.problem) this.#view.message = t('findings.failed', localize(checking.problem));
    else this.#view.message = checking && !isEmpty && !isDone ? t('findings.partly') : '';
    const drawn = `${checking?.revision} ${isDone}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const { shard } = this.#session ?? {};
    if (!shard) return [];
    if (!node) {
      const groups = shard.checking.groups();
      const units = groups.reduce((sum, group) => sum + group.units, 0);
      this.#isOpen = shard.checking.isDone && units <= MAX_OPEN;
      return groups;
    }
    if (!isGroup(node)) return [];
    const rows = shard.checking.rows(node, MAX_RECORDS);
    await this.#list(shard, rows);
    const records = rows.map(row => this.#listed.get(row)).filter(record => record !== undefined);
    const nodes: Node[] = records.map(record => ({ group: node, record }));
    if (rows.length < node.units) nodes.push({ listed: rows.length, all: node.units });
    return nodes;
  }

  /** Reads those of some rows that are not listed yet. */
  async #list(shard: Shard, rows: readonly number[]): Promise<void> {
    // What is still being read for a list that was forgotten does not get into the next one.
    const list = this.#listed;
    const missing = rows.filter(row => !list.get(row));
    for (const row of missing) list.set(row, undefined);
    for (let at = 0; at < missing.length; at += MAX_ROWS) {
      for (const loaded of await shard.loadRows(missing.slice(at, at + MAX_ROWS))) {
        // Else it was changed while it was read: the tree is drawn again.
        if (!('reason' in loaded) && list.has(loaded.row)) list.set(loaded.row, listed(loaded));
      }
      await breathe();
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (isGroup(node)) return groupItem(node, this.#isOpen);
    return 'record' in node
      ? recordItem(node)
      : new vscode.TreeItem(t('findings.first', node.listed, node.all));
  }

  /** What was found is found again only for the record under the pointer. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    const { shard } = this.#session ?? {};
    if (!shard || !('record' in node)) return item;
    const { group, record } = node;
    const loaded = await shard.load(record.row);
    if ('reason' in loaded || loaded.unit.key !== record.key) return item;
    const findings = shard.findings
      .of(shard.seen(loaded))
      .filter(({ check, severity }) => check === group.check && severity === group.severity);
    const messages = new Set(findings.map(({ message }) => localize(message)));
    item.tooltip = [t('findings.record', record.key, record.line), ...messages].join('\n');
    return item;
  }
}

/** Checks the shard that is open in an editor. */
export function start({ shard }: Session): Promise<void> {
  return shard.checking.start({ mayKeep: vscode.workspace.isTrusted });
}

function setContext(name: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', name, value);
}

function isGroup(node: Node): node is CheckGroup {
  return 'units' in node;
}

function groupItem({ check, severity, units }: CheckGroup, isOpen: boolean): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(titleOf(check), isOpen ? Expanded : Collapsed);
  // VS Code keeps an item as open as it first was.
  item.id = `${severity} ${check} ${isOpen}`;
  item.description = String(units);
  item.tooltip = check;
  item.iconPath = ICONS[severity];
  const label = `${t(`severity.${severity}`)} ${titleOf(check)}`;
  item.accessibilityInformation = { label: t('views.count', label, units) };
  return item;
}

/** What the team calls a check; one that is not known by its id. */
function titleOf(check: string): string {
  const id = `check.${check}`;
  return id in MESSAGES ? t(id as MessageId) : check;
}

function listed({ row, line, unit: { key }, source }: Loaded): Listed {
  const first = (source[0]?.text ?? '').slice(0, FIRST_UNITS).replace(/\s+/g, ' ');
  // A slice keeps all of the text that it is a part of in memory; what is joined is a text of its own.
  return { row, key, line, text: Array.from(first).join('') };
}

function recordItem({ group, record: { row, key, line, text } }: RecordNode): vscode.TreeItem {
  const item = new vscode.TreeItem(key);
  item.id = `${group.severity} ${group.check} ${row}`;
  item.description = text;
  item.accessibilityInformation = { label: `${t('findings.record', key, line)}. ${text}` };
  item.command = { command: 'crossalpaca.goTo', title: t('findings.show'), arguments: [row, group.check] };
  return item;
}
