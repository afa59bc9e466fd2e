/** package.json against the sources, both ways: what is declared is used, and what is used is declared. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import packageJson from '../../package.json';
import packageStrings from '../../package.nls.json';
import { ACTIONS } from '../../src/core/protocol';

interface Clause {
  readonly command?: string;
  readonly when?: string;
  readonly enablement?: string;
}
interface Step {
  readonly description: string;
  readonly media: Record<string, string>;
  readonly completionEvents?: readonly string[];
}
interface Contributed {
  readonly commands: readonly (Clause & { readonly command: string })[];
  readonly keybindings: readonly (Clause & { readonly key: string; readonly mac?: string })[];
  readonly menus: Record<string, readonly Clause[]>;
  readonly views: Record<string, readonly { readonly id: string }[]>;
  readonly viewsContainers: Record<string, readonly { readonly id: string; readonly icon: string }[]>;
  readonly viewsWelcome: readonly (Clause & { readonly view: string })[];
  readonly customEditors: readonly { readonly viewType: string }[];
  readonly configuration: { readonly properties: Record<string, unknown> };
  readonly jsonValidation: readonly { readonly url: string }[];
  readonly walkthroughs?: readonly { readonly id: string; readonly steps: readonly Step[] }[];
}

/** Context keys of VS Code itself that our conditions may name. */
const OF_VSCODE = [
  'activeCustomEditorId',
  'auxiliaryBarFocus',
  'explorerResourceIsFolder',
  'inputFocus',
  'isLinux',
  'isMac',
  'isWindows',
  'isWorkspaceTrusted',
  'panelFocus',
  'resourceExtname',
  'resourceScheme',
  'sideBarFocus',
  'view',
  'viewItem',
  'workspaceFolderCount',
];

const contributed = packageJson.contributes as unknown as Contributed;
const manifestText = readFileSync('package.json', 'utf8');
const stringsText = JSON.stringify(packageStrings);
const sources = sourcesBelow('src') + sourcesBelow('webview');
const hostSources = sourcesBelow(join('src', 'host'));

const commands = contributed.commands.map(({ command }) => command);
const views = Object.values(contributed.views).flatMap(each => each.map(({ id }) => id));
const containers = Object.values(contributed.viewsContainers).flat();
const editors = contributed.customEditors.map(({ viewType }) => viewType);
const settings = Object.keys(contributed.configuration.properties);
const walkthroughs = contributed.walkthroughs ?? [];
const clauses: readonly Clause[] = [
  ...contributed.commands,
  ...contributed.keybindings,
  ...Object.values(contributed.menus).flat(),
  ...contributed.viewsWelcome,
];
/** What completes steps of walkthroughs. */
const events = walkthroughs.flatMap(({ steps }) => steps.flatMap(each => each.completionEvents ?? []));
const ON_CONTEXT = 'onContext:';
const conditions = [
  ...clauses.flatMap(({ when, enablement }) => [when, enablement]).flatMap(each => each ?? []),
  ...events.filter(event => event.startsWith(ON_CONTEXT)).map(event => event.slice(ON_CONTEXT.length)),
];
/** Names in conditions, without what they are compared with. */
const contextKeys = new Set(
  conditions.flatMap(
    condition =>
      condition
        .replace(/'[^']*'|(?<=[=~] ?)\/.*?\/(?= |$)|(?<=[=!]= )[\w.]+/g, '')
        .match(/[a-zA-Z][\w.:]*/g) ?? [],
  ),
);
const ownKeys = [...contextKeys].filter(key => key.startsWith('crossalpaca.'));

describe('what the sources name', () => {
  it('is declared: commands, views, editors, settings, context keys', () => {
    const known = [
      ...commands,
      ...ownKeys,
      ...editors,
      ...settings,
      ...views,
      ...views.map(view => `${view}.focus`),
      ...walkthroughs.map(({ id }) => `crossalpaca.${id}`),
    ];
    assert.deepEqual(
      literals(/['"`](crossalpaca\.[\w.]+)['"`]/g).filter(name => !known.includes(name)),
      [],
    );
  });

  it('is declared: settings that are read or written', () => {
    const asked =
      /\b(?:get|has|inspect|update|text|number|flag|set|affectsConfiguration)\(\s*'([a-z]\w*(?:\.\w+)*)'/g;
    const names = [...sourcesOfSettings().matchAll(asked)].map(([, name = '']) => name);
    assert.ok(names.length > 5, 'the settings are read in another way: look for them there');
    for (const name of names.filter(each => each !== 'crossalpaca'))
      assert.ok(settings.includes(`crossalpaca.${name}`), name);
  });

  it('is declared: commands in links, also in what VS Code shows of the manifest', () => {
    const links = [...(stringsText + sources).matchAll(/command:(crossalpaca\.[\w.]+)/g)];
    for (const [, command = ''] of links) assert.ok(commands.includes(command), command);
  });
});

describe('what is declared', () => {
  it('is run by a row of the table of commands', () => {
    const table = readFileSync(join('src', 'host', 'commands.ts'), 'utf8');
    const rows = [...table.matchAll(/^ {4}(\w+)(?=[,:])/gm)].map(([, name = '']) => name);
    const run = new Set([...rows, ...ACTIONS].map(name => `crossalpaca.${name}`));
    assert.deepEqual(
      commands.filter(command => !run.has(command)),
      [],
    );
  });

  it('is in the sources: views, editors, settings, context keys', () => {
    for (const name of [...views, ...editors, ...ownKeys]) assert.ok(sources.includes(`'${name}'`), name);
    for (const name of settings) {
      const own = name.slice('crossalpaca.'.length);
      // Some are read by a prefix and a name.
      const parts = [`'${name}'`, `'${own}'`, ...(own.includes('.') ? [`'${own.split('.').at(-1)}'`] : [])];
      const isRead = parts.some(part => hostSources.includes(part)) || isMember(own);
      assert.ok(isRead, `${name} is not read`);
    }
  });

  it('names commands and views that there are', () => {
    for (const { command } of clauses)
      assert.ok(command === undefined || commands.includes(command), command);
    for (const { view } of contributed.viewsWelcome) assert.ok(views.includes(view), view);
    for (const condition of conditions) {
      for (const [, view = ''] of condition.matchAll(/\bview == (\S+)/g))
        assert.ok(views.includes(view), view);
      for (const [, editor = ''] of condition.matchAll(/activeCustomEditorId [!=]= '([^']+)'/g))
        assert.ok(editors.includes(editor), editor);
      for (const [, item = ''] of condition.matchAll(/\bviewItem =[=~] '?([\w]+)/g))
        assert.ok(sources.includes(`'${item}'`), item);
    }
    for (const place of Object.keys(contributed.views))
      assert.ok(
        containers.some(({ id }) => id === place),
        place,
      );
  });

  it('depends on context keys of VS Code, or on our own', () => {
    assert.deepEqual(
      [...contextKeys].filter(key => !ownKeys.includes(key) && !OF_VSCODE.includes(key)),
      [],
    );
  });

  it('has every string in package.nls.json, and that holds no other', () => {
    const used = new Set([...manifestText.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
    assert.deepEqual([...used].sort(), Object.keys(packageStrings).sort());
  });

  it('names files that there are', () => {
    const steps = walkthroughs.flatMap(each => each.steps);
    const files = [
      ...contributed.jsonValidation.map(({ url }) => url),
      ...containers.map(({ icon }) => icon),
      ...steps.flatMap(({ media }) => [media['image'], media['svg'], media['markdown']]),
    ];
    for (const file of files) assert.ok(file === undefined || existsSync(file), file);
  });

  it('completes steps of a walkthrough by commands, views and settings that there are', () => {
    const known = [
      ...commands.map(command => `onCommand:${command}`),
      ...views.map(view => `onView:${view}`),
      ...settings.map(setting => `onSettingChanged:${setting}`),
    ];
    for (const event of walkthroughs.flatMap(({ steps }) =>
      steps.flatMap(each => each.completionEvents ?? []),
    ))
      assert.ok(
        known.includes(event) || /^on(Link|Context|StepSelected|ExtensionInstalled)\b/.test(event),
        event,
      );
  });

  it('wakes the extension only when it is used', () => {
    assert.deepEqual(packageJson.activationEvents, []);
  });

  it('is for the VS Code whose API is compiled against, and whose oldest release is tested', () => {
    const [, minor = ''] = /^\^1\.(\d+)\.0$/.exec(packageJson.engines.vscode) ?? [];
    assert.match(packageJson.devDependencies['@types/vscode'], new RegExp(`^1\\.${minor}\\.`));
    const setup = readFileSync(join('scripts', 'setup.mjs'), 'utf8');
    assert.match(setup, new RegExp(`minimumVsCode = '4\\.${minor}\\.`));
  });
});

/** Whether a name is that of a member, as in the tables of limits. */
function isMember(name: string): boolean {
  const last = name.split('.').at(-1) ?? '';
  return new RegExp(`^\\s*['"]?(${name.replace('.', '\\.')}|${last})['"]?:`, 'm').test(hostSources);
}

function literals(pattern: RegExp): string[] {
  return [...new Set([...sources.matchAll(pattern)].map(([, name = '']) => name))];
}

/** The files of the host that read settings of ours. */
function sourcesOfSettings(): string {
  return filesBelow(join('src', 'host'))
    .map(path => readFileSync(path, 'utf8'))
    .filter(text => text.includes("getConfiguration('crossalpaca')"))
    .join('\n');
}

function sourcesBelow(folder: string): string {
  return filesBelow(folder)
    .map(path => readFileSync(path, 'utf8'))
    .join('\n');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name));
}
