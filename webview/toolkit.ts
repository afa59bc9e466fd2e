/** The one place that knows the toolkit, which is archived upstream: to replace it, replace this file. */
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeProgressRing } from '@vscode/webview-ui-toolkit';

/** Its badge is left out: it sets a style attribute, which the page's content security policy reports. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing());
}
