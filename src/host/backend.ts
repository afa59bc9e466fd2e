/**
 * The inference backend: which server and model, by the settings; its key, which is only in the secret storage; and the
 * user's word for a server that is not on this machine.
 */
import * as vscode from 'vscode';
import type { Profile } from '../asking';
import { UserError, type MessageId } from '../core/messages';
import { PROMPT_STYLES, type PromptStyle } from '../core/prompt';
import { takesAdvice } from '../core/promptStyles';
import type { BackendView } from '../core/protocol';
import { discover, inspect, PATIENT_LIMIT_MS, USUAL_URLS, type FoundServer } from '../io/discovery';
import { backendHost, BackendError, normaliseUrl, type Api, type Backend } from '../io/inference';
import { t } from './l10n';

/** Servers, by scheme, machine and port, that the user agreed to send text to. */
const CONFIRMED = 'confirmedOrigins';

/** What the numbers among the settings may be, and what they are where they are none; package.json says the same. */
export const NUMBERS = {
  'backend.temperature': { minimum: 0, maximum: 2, default: 0 },
  'backend.topP': { minimum: 0.01, maximum: 1, default: 1 },
  /** 0: what the server can take. */
  'backend.concurrency': { minimum: 0, maximum: 256, default: 0 },
  /** 0: what the server says, or sets itself. */
  'backend.contextTokens': { minimum: 0, maximum: 10_000_000, default: 0 },
  'backend.firstSilenceSeconds': { minimum: 1, maximum: 86_400, default: 600 },
  'backend.silenceSeconds': { minimum: 1, maximum: 86_400, default: 120 },
  lookAhead: { minimum: 0, maximum: 10, default: 0 },
} as const;

/** Requests at a time for a server that tells nothing of itself. */
const USUAL_CONCURRENCY = 2;
/** Flagged records that get a candidate ahead where the user turns it on. */
const AHEAD = 3;
/** Failures after which another server may be at the address, or the same one with other models. */
const OUTDATED: readonly MessageId[] = ['backend.down', 'backend.not-found', 'backend.not-sse'];

/** Problems of a server that will tell more of itself later. */
const PASSING = ['discovery.needsKey', 'discovery.loading'];

export interface Choice {
  readonly url: string;
  readonly model: string;
  readonly style: PromptStyle;
}

/** All that is set, at one moment. */
interface Settings {
  readonly url: string;
  readonly model: string;
  readonly style: PromptStyle;
  /** Undefined: as the server is found to be. */
  readonly api: Api | undefined;
  readonly temperature: number;
  readonly topP: number;
  readonly concurrency: number;
  readonly contextTokens: number;
  readonly firstSilenceSeconds: number;
  readonly silenceSeconds: number;
}

export class Backends {
  readonly #context: vscode.ExtensionContext;
  /** What answered at the address that is set, as long as VS Code runs. */
  #known: { readonly url: string; readonly server: FoundServer } | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  /** The address of the server; empty where none is set. */
  get url(): string {
    return text('backend.url');
  }

  get model(): string {
    return text('backend.model');
  }

  get style(): PromptStyle {
    const set = text('backend.promptStyle');
    return PROMPT_STYLES.find(style => style === set) ?? 'record';
  }

  /** Flagged records ahead that get a candidate while the user reads. */
  get lookAhead(): number {
    return Math.floor(number('lookAhead'));
  }

  /** Turns the look-ahead on or off. @returns how many records it is for now */
  async toggleLookAhead(): Promise<number> {
    const ahead = this.lookAhead === 0 ? AHEAD : 0;
    await set('lookAhead', ahead);
    return ahead;
  }

  /** The backend as the page names it; a mistyped address is named as it stands. */
  view(running: number): BackendView | null {
    const { url, model } = this;
    return url === '' ? null : { host: hostOf(url), model, running, takesAdvice: takesAdvice(this.style) };
  }

  /**
   * The backend that is set, after the user agreed to it where it is another machine.
   * @throws UserError when none is set, the folder is not trusted, or the user does not agree; BackendError where what it is
   * has to be asked of it and it does not answer
   */
  async profile(signal = new AbortController().signal): Promise<Profile> {
    // Read once: what is agreed to, whose key it is and where text is sent must be one server, whatever is set meanwhile.
    const set = this.#set();
    if (!vscode.workspace.isTrusted) throw new UserError('setting.backend.restricted');
    if (set.url === '') throw new UserError('setting.backend.none');
    await this.confirm(set.url);
    const apiKey = await this.key(set.url);
    const isTold = set.api !== undefined && set.concurrency > 0;
    return profileOf(set, apiKey, isTold ? undefined : await this.#look(set, apiKey, signal));
  }

  /** The same for showing a request: nobody is asked, and nothing is called. @throws UserError when none is set */
  profileToShow(): Profile {
    const set = this.#set();
    if (set.url === '') throw new UserError('setting.backend.none');
    return profileOf(set, undefined, this.#knownAt(set.url));
  }

  #set(): Settings {
    const api = text('backend.api');
    return {
      url: this.url,
      model: this.model,
      style: this.style,
      api: api === 'openai' || api === 'ollama' ? api : undefined,
      temperature: number('backend.temperature'),
      topP: number('backend.topP'),
      concurrency: Math.floor(number('backend.concurrency')),
      contextTokens: Math.floor(number('backend.contextTokens')),
      firstSilenceSeconds: number('backend.firstSilenceSeconds'),
      silenceSeconds: number('backend.silenceSeconds'),
    };
  }

  #knownAt(url: string): FoundServer | undefined {
    return this.#known?.url === url ? this.#known.server : undefined;
  }

  /**
   * What answers at an address, looked at until it is known.
   * @returns undefined where it tells nothing of itself, or need not since the API is set
   */
  async #look(
    { url, api }: Settings,
    apiKey: string | undefined,
    signal: AbortSignal,
  ): Promise<FoundServer | undefined> {
    const known = this.#knownAt(url);
    if (known) return known;
    try {
      const server = await inspect(url, apiKey, signal, PATIENT_LIMIT_MS);
      if (!PASSING.includes(server.problem?.id ?? '')) this.#known = { url, server };
      return server;
    } catch (error) {
      const isTold = api !== undefined || (error instanceof BackendError && error.kind === 'not-sse');
      if (signal.aborted || !isTold) throw error;
      return undefined;
    }
  }

  /** Has the server be looked at anew, if it failed in a way that says it may be another one by now. */
  failed(error: unknown): void {
    if (error instanceof UserError && OUTDATED.includes(error.said.id)) this.#known = undefined;
  }

  /** The servers that answer: the one that is set, unless the user has not agreed to it yet, and those on the usual ports. */
  async discover(signal: AbortSignal): Promise<FoundServer[]> {
    const { url } = this;
    const own = url !== '' && this.isConfirmed(url);
    const others = USUAL_URLS.filter(each => url === '' || !isSameServer(each, url));
    const [mine, rest] = await Promise.all([
      own
        ? inspect(url, await this.key(url), signal).then(
            server => [server],
            () => [],
          )
        : [],
      discover(others, signal),
    ]);
    return [...mine, ...rest];
  }

  /** Whether a server may be called: one on this machine, or one that the user agreed to. */
  isConfirmed(url: string): boolean {
    try {
      return backendHost(url).isLoopback || this.#confirmed.includes(originOf(url));
    } catch {
      return false;
    }
  }

  get #confirmed(): readonly string[] {
    return this.#context.globalState.get<string[]>(CONFIRMED, []);
  }

  /** Asks before the first use of a server on another machine. @throws UserError if the user does not agree */
  async confirm(url: string): Promise<void> {
    const origin = originOf(url);
    if (this.isConfirmed(url)) return;
    const send = t('setting.backend.confirmButton');
    const answer = await vscode.window.showWarningMessage(
      t('setting.backend.confirm', origin),
      { modal: true, detail: t('setting.backend.confirmDetail') },
      send,
    );
    if (answer !== send) throw new UserError('setting.backend.refused', origin);
    await this.#context.globalState.update(CONFIRMED, [...this.#confirmed, origin]);
  }

  /** A key belongs to the server it was given for, and goes to no other. */
  async key(url: string): Promise<string | undefined> {
    return this.#context.secrets.get(secretOf(url));
  }

  /** @param key empty: there is none any more */
  async setKey(url: string, key: string): Promise<void> {
    this.#known = undefined;
    if (key === '') await this.#context.secrets.delete(secretOf(url));
    else await this.#context.secrets.store(secretOf(url), key);
  }

  /** Sets server, model and style, and lets the API be found out anew. */
  async choose({ url, model, style }: Choice): Promise<void> {
    this.#known = undefined;
    await set('backend.url', url);
    await set('backend.model', model);
    await set('backend.promptStyle', style);
    await set('backend.api', undefined);
  }

  /** How the model is asked from now on. */
  async setStyle(style: PromptStyle): Promise<void> {
    await set('backend.promptStyle', style);
  }

  /** Forgets the server, its key, and that the user agreed to it. */
  async remove(): Promise<void> {
    const { url } = this;
    await set('backend.url', undefined);
    await set('backend.model', undefined);
    if (!URL.canParse(url)) return;
    await this.setKey(url, '');
    const origin = originOf(url);
    await this.#context.globalState.update(
      CONFIRMED,
      this.#confirmed.filter(each => each !== origin),
    );
  }
}

/** The machine and port of an address; a mistyped one as it stands. */
export function hostOf(url: string): string {
  try {
    return backendHost(url).host;
  } catch {
    return url;
  }
}

/** Whether two addresses mean the same server, for all that can be told from them. */
export function isSameServer(one: string, other: string): boolean {
  try {
    const [a, b] = [one, other].map(url => normaliseUrl(url).replace('//localhost', '//127.0.0.1'));
    return a === b;
  } catch {
    return false;
  }
}

/** @throws BackendError `bad-url` */
const originOf = (url: string) => new URL(normaliseUrl(url)).origin;

function profileOf(set: Settings, apiKey: string | undefined, server: FoundServer | undefined): Profile {
  const { url, model, style, temperature, topP, firstSilenceSeconds, silenceSeconds } = set;
  const api = set.api ?? server?.api ?? 'openai';
  // Ollama makes as much room as it is asked for; the others have what they have.
  const told = api === 'openai' ? contextOf(server, model) : undefined;
  const contextTokens = set.contextTokens > 0 ? set.contextTokens : told;
  const backend: Backend = {
    ...{ url, model, api, firstSilenceSeconds, silenceSeconds },
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
  const concurrency = set.concurrency > 0 ? set.concurrency : (server?.concurrency ?? USUAL_CONCURRENCY);
  return { backend, style, temperature, topP, concurrency };
}

function contextOf(server: FoundServer | undefined, model: string): number | undefined {
  const models = server?.models ?? [];
  const meant = models.find(({ id }) => id === model) ?? (models.length === 1 ? models[0] : undefined);
  return meant?.contextTokens;
}

const secretOf = (url: string) => `backend.key ${normaliseUrl(url)}`;

const settings = () => vscode.workspace.getConfiguration('crossalpaca');

/** What stands in settings.json may be of any kind. */
function text(name: string): string {
  const value: unknown = settings().get(name);
  return typeof value === 'string' ? value.trim() : '';
}

function number(name: keyof typeof NUMBERS): number {
  const value: unknown = settings().get(name);
  const { minimum, maximum, default: usual } = NUMBERS[name];
  return typeof value === 'number' && value >= minimum && value <= maximum ? value : usual;
}

async function set(name: string, value: string | number | undefined): Promise<void> {
  await settings().update(name, value, vscode.ConfigurationTarget.Global);
}
