/** Before an export: how many of its rows a trainer would cut, counted by the inference backend. */
import * as vscode from 'vscode';
import { MAX_CUTOFF, readCutoff, type CutRows } from '../core/cutoff';
import type { Recipe } from '../core/recipe';
import type { ReadOptions } from '../exporting';
import { countCut } from '../exportingCutoff';
import { hostOf, type Backends } from './backend';
import { explain, languageName, t } from './l10n';
import { withProgress } from './progress';

/** Where trainers cut unless they are told otherwise: LLaMA-Factory and Axolotl. */
const USUAL_CUTOFF = '2048';

/**
 * Asks for the cutoff, and the user's word for a server on another machine, and counts.
 * @returns lines for the preview: why nothing was counted where that is so, since an export does not need it; none where the
 *   user gave up
 */
export async function countTokens(
  backends: Backends,
  recipe: Recipe,
  options: ReadOptions,
  log: vscode.LogOutputChannel,
): Promise<readonly string[]> {
  try {
    return await count(backends, recipe, options);
  } catch (error) {
    if (error instanceof vscode.CancellationError) return [];
    return [t('export.notCounted', explain(error, log))];
  }
}

async function count(backends: Backends, recipe: Recipe, options: ReadOptions): Promise<readonly string[]> {
  const profile = await backends.profile();
  const { url, model } = profile.backend;
  const given = await vscode.window.showInputBox({
    title: t('export.cutoff'),
    prompt: t('export.cutoffPrompt', hostOf(url), model),
    value: USUAL_CUTOFF,
    ignoreFocusOut: true,
    validateInput: each => (readCutoff(each.trim()) ? undefined : t('export.cutoffInvalid', MAX_CUTOFF)),
  });
  const cutoff = readCutoff((given ?? '').trim());
  if (cutoff === undefined) return [];
  const groups = await withProgress(t('export.countingTokens'), (signal, onProgress) =>
    countCut(recipe, { ...options, cutoff, profile, signal, onProgress }),
  );
  return [t('export.cut', cutoff), ...groups.map(inWords)];
}

function inWords({ language, split, rows, long, counted, cut, from, to }: CutRows): string {
  const name = t(`export.split.${split}`);
  const tongue = `${languageName(language)} (${language})`;
  return counted < long
    ? t('export.cut.about', tongue, name, cut, rows, from, to, counted)
    : t('export.cut.exact', tongue, name, cut, rows);
}
