/** What the user has set: the reviewer's name, which is asked for where it is missing, and the inference backend. */
import * as vscode from 'vscode';
import { cloneId, isReviewerName, proposedReviewer } from '../io/clone';
import type { Writer } from '../io/ledger';
import type { Backends } from './backend';
import { t } from './l10n';

/** The setting declared in package.json. */
const REVIEWER = 'reviewer';

export class Settings {
  readonly #context: vscode.ExtensionContext;
  #backends: Promise<Backends> | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  /** Loaded when it is first used: all that speaks to servers is behind it. */
  backends(): Promise<Backends> {
    const load = async () => new (await import('./backend')).Backends(this.#context);
    return (this.#backends ??= load());
  }

  get reviewer(): string {
    const name = vscode.workspace.getConfiguration('crossalpaca').get<unknown>(REVIEWER);
    return typeof name === 'string' && isReviewerName(name) ? name : '';
  }

  /** Who writes in a folder; undefined until the reviewer has a name, and in a folder that is not trusted. */
  async writer(folder: string): Promise<Writer | undefined> {
    if (!vscode.workspace.isTrusted || this.reviewer === '') return undefined;
    return { reviewer: this.reviewer, clone: await cloneId(folder) };
  }

  /** Asks for the reviewer's name. @returns false if the user did not give one */
  async askReviewer(folder?: string): Promise<boolean> {
    // git reads the configuration of the folder that it runs in.
    const mayAskGit = folder !== undefined && vscode.workspace.isTrusted;
    const proposed = this.reviewer || (mayAskGit ? await proposedReviewer(folder) : undefined);
    const name = await vscode.window.showInputBox({
      title: t('reviewer.title'),
      prompt: t('reviewer.prompt'),
      ignoreFocusOut: true,
      ...(proposed === undefined ? {} : { value: proposed }),
      validateInput: value => (isReviewerName(value) ? undefined : t('reviewer.invalid')),
    });
    if (name === undefined) return false;
    await vscode.workspace
      .getConfiguration('crossalpaca')
      .update(REVIEWER, name, vscode.ConfigurationTarget.Global);
    return true;
  }
}
