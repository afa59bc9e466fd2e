/** The frame of a page: what it consists of, and what keeps everything else from being loaded. Nothing of a dataset is ever in it. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { directionOf } from '../core/direction';
import { pageStrings } from './l10n';

type Name = 'webview' | 'dashboard';

/** Pages that were shown before, by their names. */
const parts = new Map<
  Name,
  { readonly script: string; readonly styles: string; readonly sentences: string }
>();

function partsOf(name: Name, extension: vscode.Uri) {
  const known = parts.get(name);
  if (known) return known;
  const read = (kind: 'css' | 'js') =>
    readFileSync(vscode.Uri.joinPath(extension, 'dist', `${name}.${kind}`).fsPath, 'utf8');
  // In a script element only “<” can mean anything: esbuild writes `</script` so that it does not, and without `<script`
  // `<!--` means nothing either.
  const sentences = JSON.stringify(pageStrings()).replaceAll('<', '\\u003c');
  const made = { script: read('js'), styles: read('css'), sentences };
  parts.set(name, made);
  return made;
}

/**
 * Shows a page of ours in a webview. All of it is in its document: what a webview asks for goes through the window and its
 * service worker, and took longer than everything that the page does until its first record is there.
 * @param name of its bundle in `dist/`, script and styles; the element `#page` is its own
 */
export function showPage(webview: vscode.Webview, extension: vscode.Uri, name: Name): void {
  const { script, styles, sentences } = partsOf(name, extension);
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`;
  webview.options = { enableScripts: true, localResourceRoots: [] };
  webview.html = `<!DOCTYPE html>
<html lang="${vscode.env.language}" dir="${directionOf(vscode.env.language)}">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta property="csp-nonce" content="${nonce}" nonce="${nonce}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>CrossAlpaca</title>
  <style nonce="${nonce}">${styles}</style>
</head>
<body>
  <div id="page"></div>
  <script type="application/json" id="sentences">${sentences}</script>
  <script nonce="${nonce}">${script}</script>
</body>
</html>`;
}
