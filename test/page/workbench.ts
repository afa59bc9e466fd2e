/** VS Code with CrossAlpaca in it, driven as a person would: by keys, clicks and what is to be seen. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import type * as setup from '../../scripts/setup.mjs';
import type * as vscodeServer from '../../scripts/vscodeServer.mjs';

const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  hcLight: 'Default High Contrast Light',
  hcDark: 'Default High Contrast',
};

export interface WorkbenchOptions {
  /** Or a `.code-workspace` file, which names several. */
  folder: string;
  /** A file in it, opened under review. */
  file?: string;
  theme?: keyof typeof themes;
  /** False for Restricted Mode. */
  trust?: boolean;
  /** Of code-server, when it shall not be the one that `npm test -- --vscode=VERSION` names, or the current one. */
  version?: string;
  /** Whether the extension is in `dataDir` already, else the built project is put there. */
  installed?: boolean;
  settings?: Record<string, unknown>;
  /** Of the interface, as VS Code names it; English unless told. Only extensions have it: the window itself has no language pack. */
  language?: string;
  /** Folders of further extensions, to measure against. */
  beside?: string[];
  /** The folder of an earlier workbench, to start where that one ended. */
  dataDir?: string;
}

export interface Workbench {
  page: Page;
  /** The content of the webview that is to be seen. */
  frame: FrameLocator;
  /** What the webviews' content security policies refused so far. */
  cspReports: string[];
  press(key: string): Promise<void>;
  /** By its title in the command palette, with the category: `CrossAlpaca: Review Shard`. */
  runCommand(title: string): Promise<void>;
  /** Into `out/screenshots/`, as PNG. */
  screenshot(name: string): Promise<void>;
  /** Closes the window and opens it again. What VS Code keeps in the browser stays only so. */
  reopen(): Promise<void>;
  /** Where VS Code keeps what it remembers on disk. */
  dataDir: string;
  /** Removes `dataDir` too, unless it is to be kept for another start. */
  close(options?: { keep?: boolean }): Promise<void>;
}

/** Starts a VS Code server and a browser of its own; `close` stops both. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { folder, file, theme = 'dark', trust = true, settings, language } = options;
  const version = options.version ?? process.env['CROSSALPACA_VSCODE'];
  const { installExtension, openedForReview, startVsCode, workbenchUrl } = await serverScript();

  const dataDir = options.dataDir ?? (await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-page-'))));
  const closing: (() => Promise<void>)[] = [];
  const close: Workbench['close'] = async ({ keep = false } = {}) => {
    for (const step of closing.splice(0).reverse()) await step();
    if (!keep) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    if (!options.installed) await installExtension(dataDir, options.beside);
    const server = await startVsCode({
      dataDir,
      trust,
      ...(version === undefined ? {} : { version }),
      settings: {
        'workbench.colorTheme': themes[theme],
        ...openedForReview(file === undefined ? [] : [basename(file)]),
        ...settings,
      },
    });
    closing.push(() => server.stop());
    const browser = await launchBrowser();
    closing.push(() => browser.close());

    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' });
    if (language !== undefined)
      // What the messages of a language pack set; the window sends it to the extension host, as for any language.
      await page.addInitScript(tag => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: tag }), language);
    const cspReports = collectCspReports(page);
    const openWindow = async () => {
      await page.goto(workbenchUrl(server, { folder, ...(file === undefined ? {} : { file }) }));
      await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor();
    };
    await openWindow();
    return {
      page,
      frame: visibleWebview(page),
      cspReports,
      dataDir,
      reopen: async () => {
        await page.goto('about:blank');
        await openWindow();
      },
      press: key => page.keyboard.press(key),
      runCommand: title => runCommand(page, title),
      screenshot: async name => {
        await page.screenshot({ path: join('out', 'screenshots', `${name}.png`) });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function launchBrowser(): Promise<Browser> {
  return (await setupScript()).launchChromium();
}

/** The webview of a custom editor is two frames down; those of hidden editors stay in the page, invisible. */
export function visibleWebview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview:visible').frameLocator('iframe#active-frame');
}

async function runCommand(page: Page, title: string): Promise<void> {
  const palette = page.locator('.quick-input-widget:visible');
  const typed = async () => {
    await page.keyboard.press('F1');
    await palette.locator('input[type="text"]').fill(`>${title}`, { timeout: 5_000 });
  };
  // A page or a message that takes the focus just then closes the palette.
  await typed().catch(typed);
  const command = palette.locator('.monaco-list-row', { has: page.getByText(title, { exact: true }) });
  await command.first().waitFor({ timeout: 10_000 });
  await command.first().click();
}

function collectCspReports(page: Page): string[] {
  const reports: string[] = [];
  page.on('console', message => {
    if (message.text().includes('Content Security Policy')) reports.push(message.text());
  });
  return reports;
}

/** Not bundled, because the scripts find the project by where they are. Tests run in its root. */
const scripts = pathToFileURL(join(process.cwd(), 'scripts', '/')).href;
const setupScript = async () => (await import(`${scripts}setup.mjs`)) as typeof setup;
const serverScript = async () => (await import(`${scripts}vscodeServer.mjs`)) as typeof vscodeServer;
