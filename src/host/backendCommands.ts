/** What commands do with the backend that is set: test it, and look ahead with it. */
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { test } from '../io/discovery';
import { BackendError } from '../io/inference';
import { trialRequest } from '../trial';
import { hostOf, type Backends } from './backend';
import { changeKey, selectBackend } from './backendPicker';
import { explain, t } from './l10n';
import { withProgress } from './progress';

/** Sets another backend, and offers to try it. */
export async function chooseBackend(backends: Backends, log: vscode.LogOutputChannel): Promise<void> {
  if (!(await selectBackend(backends, log)) || backends.url === '') return;
  const { url, model } = backends;
  const chosen =
    model === ''
      ? t('setting.backend.chosenNoModel', hostOf(url))
      : t('setting.backend.chosen', model, hostOf(url));
  const tryIt = t('setting.backend.test');
  if ((await vscode.window.showInformationMessage(chosen, tryIt)) === tryIt) await testBackend(backends, log);
}

/** @throws UserError when no backend is set */
export async function setBackendKey(backends: Backends): Promise<void> {
  if (backends.url === '') throw new UserError('setting.backend.none');
  await changeKey(backends, backends.url);
}

/** Has the model write a few words, of no record, and says how fast it was. */
export async function testBackend(backends: Backends, log: vscode.LogOutputChannel): Promise<void> {
  const select = t('setting.backend.select');
  let said: string;
  let isGood = false;
  try {
    const profile = await backends.profile();
    const { backend } = profile;
    const host = hostOf(backend.url);
    const { model, firstTokenMs, tokensPerSecond } = await withProgress(
      t('setting.backend.testing', host),
      signal => test(backend, trialRequest(profile), signal),
    );
    const ms = Math.round(firstTokenMs);
    said =
      tokensPerSecond === undefined
        ? t('setting.backend.tested', model, host, ms)
        : t('setting.backend.testedSpeed', model, host, ms, Math.round(tokensPerSecond * 10) / 10);
    isGood = true;
  } catch (error) {
    if (error instanceof BackendError && error.kind === 'aborted') return;
    backends.failed(error);
    said = explain(error, log);
  }
  if (isGood) void vscode.window.showInformationMessage(said);
  else if ((await vscode.window.showErrorMessage(said, select)) === select)
    await chooseBackend(backends, log);
}

export async function lookAhead(backends: Backends): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('setting.backend.restricted');
  if (backends.url === '') throw new UserError('setting.backend.none');
  const count = await backends.toggleLookAhead();
  const said = count === 0 ? t('host.lookAhead.off') : t('host.lookAhead.on', count);
  void vscode.window.showInformationMessage(said);
}
