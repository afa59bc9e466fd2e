/** The frame of a page: what loads it, and what keeps everything else from being loaded. Nothing of a dataset is ever in it. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { directionOf } from '../core/direction';

/**
 * Shows a page of ours in a webview.
 * @param name of its bundle in `dist/`, script and styles; the element `#page` is its own
 */
export function showPage(
  webview: vscode.Webview,
  extension: vscode.Uri,
  name: 'webview' | 'dashboard',
): void {
  const dist = vscode.Uri.joinPath(extension, 'dist');
  const nonce = randomBytes(16).toString('base64');
  const file = (kind: 'css' | 'js') =>
    webview.asWebviewUri(vscode.Uri.joinPath(dist, `${name}.${kind}`)).toString();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}' ${webview.cspSource}`;
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  webview.html = `<!DOCTYPE html>
<html lang="${vscode.env.language}" dir="${directionOf(vscode.env.language)}">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta property="csp-nonce" content="${nonce}" nonce="${nonce}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>CrossAlpaca</title>
  <link rel="stylesheet" nonce="${nonce}" href="${file('css')}">
</head>
<body>
  <div id="page"></div>
  <script nonce="${nonce}" src="${file('js')}"></script>
</body>
</html>`;
}
