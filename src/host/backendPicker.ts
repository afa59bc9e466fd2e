/** CrossAlpaca: Select Inference Backend. What answers, a key where one is needed, which model, and how it wants to be asked. */
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { PROMPT_STYLES, type PromptStyle } from '../core/prompt';
import { proposedStyle } from '../core/proposedStyle';
import { inspect, type FoundModel, type FoundServer } from '../io/discovery';
import { BackendError, normaliseUrl } from '../io/inference';
import { hostOf, isSameServer, type Backends } from './backend';
import { explain, localize, t } from './l10n';
import { withProgress } from './progress';

/** Characters of what a server calls its models, in a list. */
const MAX_NAME = 80;
/** Models that are named in the line of a server. */
const NAMED_MODELS = 2;

/**
 * Asks for everything, and sets it only when all of it is known.
 * @returns whether there is another backend now
 */
export async function selectBackend(backends: Backends, log: vscode.LogOutputChannel): Promise<boolean> {
  if (!vscode.workspace.isTrusted) throw new UserError('setting.backend.restricted');
  const wanted = await chooseServer(backends, log);
  if (!wanted) return false;
  if (wanted === 'remove') {
    await backends.remove();
    void vscode.window.showInformationMessage(t('setting.backend.removed'));
    return true;
  }
  const url = wanted === 'other' ? await askUrl(backends.url) : wanted.url;
  if (url === undefined) return false;
  await backends.confirm(url);
  const opened = await openServer(backends, url, log);
  if (!opened) return false;
  const model = await chooseModel(opened.server, backends.model);
  if (model === undefined) return false;
  const style = await chooseStyle(model);
  if (style === undefined) return false;
  if (opened.newKey !== undefined) await backends.setKey(url, opened.newKey);
  await backends.choose({ url: normaliseUrl(url), model, style });
  return true;
}

type Wanted = { readonly url: string } | 'other' | 'remove';
interface ServerItem extends vscode.QuickPickItem {
  /** `again`: looks once more. */
  readonly wanted: Wanted | 'again';
}

/** The list of what answers, filled as the answers come; it can be filled anew. */
function chooseServer(backends: Backends, log: vscode.LogOutputChannel): Promise<Wanted | undefined> {
  const pick = vscode.window.createQuickPick<ServerItem>();
  pick.title = t('setting.backend.pick');
  pick.placeholder = whereServersAre();
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.buttons = [{ iconPath: new vscode.ThemeIcon('refresh'), tooltip: t('setting.backend.refresh') }];
  const other: ServerItem = { label: t('setting.backend.other'), wanted: 'other', alwaysShow: true };
  const remove: ServerItem = { label: t('setting.backend.remove'), wanted: 'remove', alwaysShow: true };
  const last = backends.url === '' ? [] : [remove];
  let looking = new AbortController();
  const look = async () => {
    looking.abort();
    looking = new AbortController();
    const { signal } = looking;
    pick.busy = true;
    // First and from the beginning: what comes later must not move under the hand that chooses it.
    pick.items = [other];
    const found = await backends.discover(signal).catch((error: unknown) => {
      if (!signal.aborted) log.error(error instanceof Error ? error : String(error));
      return [];
    });
    if (signal.aborted) return;
    pick.busy = false;
    const servers = serverItems(backends, found);
    pick.items = [other, ...servers, ...last];
    pick.activeItems = servers.slice(0, 1);
  };
  return new Promise(resolve => {
    pick.onDidTriggerButton(() => void look());
    pick.onDidTriggerItemButton(({ item: { wanted } }) => {
      if (typeof wanted === 'string') return;
      resolve(undefined);
      pick.hide();
      void changeKey(backends, wanted.url).catch(
        (error: unknown) => void vscode.window.showErrorMessage(explain(error, log)),
      );
    });
    pick.onDidAccept(() => {
      const wanted = pick.selectedItems[0]?.wanted;
      if (wanted === undefined) return;
      if (wanted === 'again') {
        void look();
        return;
      }
      resolve(wanted);
      pick.hide();
    });
    pick.onDidHide(() => {
      looking.abort();
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
    void look();
  });
}

/** With Remote-SSH and in containers `localhost` is not where the user sits. */
function whereServersAre(): string {
  const { remoteName } = vscode.env;
  return remoteName === undefined ? t('setting.backend.here') : t('setting.backend.there', remoteName);
}

function serverItems(backends: Backends, found: readonly FoundServer[]): ServerItem[] {
  const { url } = backends;
  const items = found.map(server => serverItem(server, isSameServer(server.url, url)));
  const isThere = found.some(server => isSameServer(server.url, url));
  if (url !== '' && !isThere) {
    const why = backends.isConfirmed(url) ? 'setting.backend.noAnswer' : 'setting.backend.notAsked';
    const description = `${t('setting.backend.current')} · ${t(why)}`;
    items.unshift({ label: hostOf(url), description, wanted: { url }, buttons: [keyButton()] });
  }
  if (found.length > 0) return items;
  const label = t('setting.backend.nothing');
  return [...items, { label, detail: t('setting.backend.howToStart'), wanted: 'again', alwaysShow: true }];
}

function serverItem(server: FoundServer, isCurrent: boolean): ServerItem {
  const { url, kind, models, running, waiting, problem } = server;
  const main = models.find(({ loaded }) => loaded === true) ?? models[0];
  const details = [
    ...namesOf(models),
    ...(main ? factsOf(main) : []),
    ...(running === undefined ? [] : [t('setting.backend.load', running, waiting ?? 0)]),
    ...(problem ? [localize(problem)] : []),
  ];
  const name = kind === 'openai' ? t('setting.backend.kind.openai') : PROPER_NAMES[kind];
  return {
    label: hostOf(url),
    description: [name, ...(isCurrent ? [t('setting.backend.current')] : [])].join(' · '),
    detail: details.join(' · '),
    wanted: { url },
    buttons: [keyButton()],
  };
}

/** Names of programs are the same in every language. */
const PROPER_NAMES = {
  'llama.cpp': 'llama.cpp',
  ollama: 'Ollama',
  vllm: 'vLLM',
  sglang: 'SGLang',
  lmstudio: 'LM Studio',
} as const satisfies Record<Exclude<FoundServer['kind'], 'openai'>, string>;

const keyButton = (): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon('key'),
  tooltip: t('setting.backend.setKey'),
});

function namesOf(models: readonly FoundModel[]): string[] {
  if (models.length === 0) return [];
  const names = models
    .slice(0, NAMED_MODELS)
    .map(({ id }) => shown(id))
    .join(', ');
  const more = models.length - NAMED_MODELS;
  return [more > 0 ? t('setting.backend.models', names, more) : names];
}

/** What a server tells of a model: its context, whether it is in memory, and in which. */
function factsOf({ contextTokens, loaded, onGpu }: FoundModel): string[] {
  return [
    ...(contextTokens === undefined ? [] : [t('setting.backend.context', contextTokens)]),
    ...(loaded === true ? [t('setting.backend.loaded')] : []),
    ...(onGpu === undefined ? [] : [gpuShare(onGpu)]),
  ];
}

function gpuShare(onGpu: number): string {
  return onGpu === 0 ? t('setting.backend.onCpu') : t('setting.backend.onGpu', Math.round(onGpu * 100));
}

/** A server may call its models anything; in a list `$(…)` would become an icon. */
function shown(id: string): string {
  const plain = id.replace(/\p{C}/gu, '').replaceAll('$(', '$\u200b(');
  return plain.length > MAX_NAME ? `${plain.slice(0, MAX_NAME)}…` : plain;
}

function askUrl(value: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t('setting.backend.askUrl'),
    prompt: t('setting.backend.askUrlPrompt'),
    placeHolder: 'http://127.0.0.1:8080',
    value,
    ignoreFocusOut: true,
    validateInput: typed => {
      try {
        normaliseUrl(typed.trim());
        return undefined;
      } catch (error) {
        return error instanceof UserError ? localize(error.said) : String(error);
      }
    },
  });
}

interface Opened {
  /** Undefined where it does not answer, and is to be used all the same. */
  readonly server: FoundServer | undefined;
  /** One that was asked for; undefined: the one that is kept stays. */
  readonly newKey?: string;
}

/** Looks at the server that was chosen, with a key if it asks for one. @returns undefined if the user left it */
async function openServer(
  backends: Backends,
  url: string,
  log: vscode.LogOutputChannel,
): Promise<Opened | undefined> {
  let newKey: string | undefined;
  for (;;) {
    const key = newKey ?? (await backends.key(url));
    let server: FoundServer;
    try {
      server = await withProgress(t('setting.backend.looking', hostOf(url)), signal =>
        inspect(url.trim(), key === '' ? undefined : key, signal),
      );
    } catch (error) {
      if (error instanceof BackendError && error.kind === 'aborted') return undefined;
      const use = t('setting.backend.useAnyway');
      const answer = await vscode.window.showWarningMessage(explain(error, log), use);
      return answer === use ? { server: undefined, ...(newKey === undefined ? {} : { newKey }) } : undefined;
    }
    if (!needsKey(server) || newKey === '') return { server, ...(newKey === undefined ? {} : { newKey }) };
    newKey = await askKey(hostOf(url), key === undefined ? undefined : server);
    if (newKey === undefined) return undefined;
  }
}

const needsKey = ({ problem }: FoundServer) => problem?.id === 'discovery.needsKey';

/**
 * @param refused the server that did not take the key it was given before
 * @returns without the blanks that come along when a key is copied
 */
async function askKey(host: string, refused?: FoundServer): Promise<string | undefined> {
  const why = refused?.problem ? `${localize(refused.problem)} ` : '';
  const typed = await vscode.window.showInputBox({
    title: t('setting.backend.askKey', host),
    prompt: why + t('setting.backend.askKeyPrompt'),
    password: true,
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** Sets or removes the key of a server. */
export async function changeKey(backends: Backends, url: string): Promise<void> {
  const host = hostOf(url);
  const key = await askKey(host);
  if (key === undefined) return;
  await backends.setKey(url, key);
  const done = key === '' ? 'setting.backend.keyRemoved' : 'setting.backend.keySet';
  void vscode.window.showInformationMessage(t(done, host));
}

/** @returns the only model without asking; empty where the server is to choose */
async function chooseModel(server: FoundServer | undefined, current: string): Promise<string | undefined> {
  const models = server?.models ?? [];
  const [first, second] = models;
  if (first && !second) return first.id;
  const title = t('setting.backend.askModel');
  if (first) {
    const items = models.map(model => ({
      label: shown(model.id),
      description: model.id === current ? t('setting.backend.current') : '',
      detail: factsOf(model).join(' · '),
      id: model.id,
    }));
    const sorted = items.sort((a, b) => Number(b.id === current) - Number(a.id === current));
    const other = { label: t('setting.backend.otherModel'), id: undefined, alwaysShow: true };
    const picked = await vscode.window.showQuickPick([...sorted, other], { title, ignoreFocusOut: true });
    if (!picked || picked.id !== undefined) return picked?.id;
  }
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t('setting.backend.askModelPrompt'),
    value: current,
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

async function chooseStyle(model: string): Promise<PromptStyle | undefined> {
  const proposed = proposedStyle(model);
  const items = [proposed, ...PROMPT_STYLES.filter(style => style !== proposed)].map(style => ({
    label: t(`style.${style}`),
    description: style === proposed ? t('setting.backend.proposed') : '',
    detail: t(`style.${style}.detail`),
    style,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t('setting.backend.askStyle'),
    ignoreFocusOut: true,
  });
  return picked?.style;
}
