/** Settings, the reviewer's name and the inference backend: read here, and asked for where they are missing. */
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { cloneId, isReviewerName, proposedReviewer } from '../io/clone';
import { backendHost, normaliseUrl, type Backend } from '../io/inference';
import type { Writer } from '../io/ledger';
import { t } from './l10n';

/** Names of the settings declared in package.json, where their defaults are. */
const REVIEWER = 'reviewer';
const BACKEND_URL = 'backend.url';
const BACKEND_MODEL = 'backend.model';
/** Hosts that the user agreed to send text to. */
const CONFIRMED_HOSTS = 'confirmedHosts';

export class Settings {
  readonly #context: vscode.ExtensionContext;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  get reviewer(): string {
    const name = this.#get(REVIEWER);
    return isReviewerName(name) ? name : '';
  }

  get backendUrl(): string {
    return this.#get(BACKEND_URL).trim();
  }

  /** Who writes in a folder; undefined until the reviewer has a name, and in a folder that is not trusted. */
  async writer(folder: string): Promise<Writer | undefined> {
    if (!vscode.workspace.isTrusted || this.reviewer === '') return undefined;
    return { reviewer: this.reviewer, clone: await cloneId(folder) };
  }

  /** Asks for the reviewer's name. @returns false if the user did not give one */
  async askReviewer(folder?: string): Promise<boolean> {
    const proposed = this.reviewer || (folder === undefined ? undefined : await proposedReviewer(folder));
    const name = await vscode.window.showInputBox({
      title: t('reviewer.title'),
      prompt: t('reviewer.prompt'),
      ignoreFocusOut: true,
      ...(proposed === undefined ? {} : { value: proposed }),
      validateInput: value => (isReviewerName(value) ? undefined : t('reviewer.invalid')),
    });
    if (name === undefined) return false;
    await this.#set(REVIEWER, name);
    return true;
  }

  /** Asks for the server, the model and a key. @returns false if the user left it */
  async askBackend(): Promise<boolean> {
    const url = await vscode.window.showInputBox({
      title: t('setting.backend.askUrl'),
      prompt: t('setting.backend.askUrlPrompt'),
      placeHolder: 'http://127.0.0.1:8080',
      value: this.backendUrl,
      ignoreFocusOut: true,
      validateInput: value => {
        if (value.trim() === '') return undefined;
        try {
          normaliseUrl(value);
          return undefined;
        } catch (error) {
          return error instanceof UserError ? t(error.said.id, ...error.said.args) : String(error);
        }
      },
    });
    if (url === undefined) return false;
    await this.#set(BACKEND_URL, url.trim());
    if (url.trim() === '') return true;
    const model = await vscode.window.showInputBox({
      title: t('setting.backend.askModel'),
      prompt: t('setting.backend.askModelPrompt'),
      value: this.#get(BACKEND_MODEL),
      ignoreFocusOut: true,
    });
    if (model === undefined) return false;
    await this.#set(BACKEND_MODEL, model.trim());
    const stored = await this.#context.secrets.get(this.#secret(url));
    if (stored !== undefined) {
      const [keep, change] = [t('setting.backend.keepKey'), t('setting.backend.changeKey')];
      const choice = await vscode.window.showQuickPick([keep, change], {
        title: t('setting.backend.askKey'),
      });
      if (choice !== change) return choice === keep;
    }
    const key = await vscode.window.showInputBox({
      title: t('setting.backend.askKey'),
      prompt: t('setting.backend.askKeyPrompt'),
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) return false;
    if (key === '') await this.#context.secrets.delete(this.#secret(url));
    else await this.#context.secrets.store(this.#secret(url), key);
    return true;
  }

  /**
   * The configured backend, after the user agreed to it where it is another machine.
   * @throws UserError when none is configured, or the user does not agree
   */
  async backend(): Promise<Backend> {
    const url = this.backendUrl;
    if (url === '') throw new UserError('setting.backend.none');
    const { host, isLoopback } = backendHost(url);
    if (!isLoopback) await this.#confirm(host);
    const apiKey = await this.#context.secrets.get(this.#secret(url));
    return { url, model: this.#get(BACKEND_MODEL), ...(apiKey === undefined ? {} : { apiKey }) };
  }

  async #confirm(host: string): Promise<void> {
    const confirmed = this.#context.globalState.get<string[]>(CONFIRMED_HOSTS, []);
    if (confirmed.includes(host)) return;
    const send = t('setting.backend.confirmButton');
    const detail = t('setting.backend.confirmDetail');
    const answer = await vscode.window.showWarningMessage(
      t('setting.backend.confirm', host),
      { modal: true, detail },
      send,
    );
    if (answer !== send) throw new UserError('setting.backend.refused', host);
    await this.#context.globalState.update(CONFIRMED_HOSTS, [...confirmed, host]);
  }

  /** A key belongs to the server it was given for, and goes to no other. */
  #secret(url: string): string {
    return `backend.key ${normaliseUrl(url)}`;
  }

  #get(name: string): string {
    return vscode.workspace.getConfiguration('crossalpaca').get<string>(name) ?? '';
  }

  async #set(name: string, value: string): Promise<void> {
    await vscode.workspace
      .getConfiguration('crossalpaca')
      .update(name, value, vscode.ConfigurationTarget.Global);
  }
}
