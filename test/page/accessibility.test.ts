/** The page for everybody: with a screen reader, without a mouse, at twice the size, from right to left. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { saysInEach } from '../helpers/modelAnswers';
import { reply, startScriptedServer, type ScriptedServer } from '../helpers/scriptedServer';
import { cutOff } from './room';
import {
  ask,
  counts,
  focusList,
  goTo,
  pressFor,
  setTheme,
  shows,
  THEME_KINDS,
  until,
  violations,
} from './steps';
import { openWorkbench, type Workbench } from './workbench';

const SOURCE = 'Dear {{name}}, your parcel has left our house and will be with you on Friday.';
const WRONG = 'Gentile {{nome}}, il suo pacco ha lasciato la nostra casa e sarà da lei venerdì.';
/** What is in a long record: more than a window at twice the size holds, in lines that stand beside each other. */
const LONG = Array.from(
  { length: 12 },
  (_, at) => `Frase numero\u00a0${at + 1} del testo lungo, che non finisce prima della sua ultima parola.`,
).join('\n');

function line(id: string, source: string, target: string): string {
  const side = (instruction: string, output: string) => ({ instruction, input: '', output });
  return JSON.stringify({
    id,
    source: side('Write a short letter.', source),
    target: side('Scrivi una breve lettera.', target),
    source_lang: 'en',
    target_lang: 'it',
  });
}

const LINES = [
  line('a1', SOURCE, WRONG),
  line('a2', SOURCE, WRONG.replace('nome', 'name')),
  line('a3', LONG.replaceAll('Frase numero', 'Sentence number'), LONG),
  '{"broken": ',
  line('a5', SOURCE, WRONG),
];

/** An element that has the focus, as a screen reader names it. */
interface Focused {
  readonly id: string;
  readonly role: string;
  readonly name: string;
}

/** In the page: what has the focus; null where the page has it no more. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (!document.hasFocus() || !element || element === document.body) return null;
  const said = element.getAttribute('aria-label') ??
    element.labels?.[0]?.textContent ??
    element.getAttribute('title') ?? element.textContent;
  const seen = (window.crossalpacaSeen ??= new Map());
  if (!seen.has(element)) seen.set(element, String(seen.size));
  const roles = { button: 'button', 'vscode-button': 'button', textarea: 'textbox', input: 'textbox', select: 'combobox' };
  const tag = element.tagName.toLowerCase();
  return { id: seen.get(element), role: element.getAttribute('role') ?? roles[tag] ?? tag, name: said.trim().replace(/\\s+/g, ' ') };
})()`;

/** In each frame: the page gets its strings in letters of Hebrew, and the name of a language that is written so. */
const RIGHT_TO_LEFT = `(() => {
  const letter = each => String.fromCharCode(0x5d0 + (each.toLowerCase().charCodeAt(0) - 97) % 22);
  const turned = text => text.split(/(\\{\\d+\\})/).map(part => part.startsWith('{') ? part : part.replace(/[a-z]/gi, letter)).join('');
  const parse = JSON.parse;
  JSON.parse = (...given) => {
    const value = parse(...given);
    if (!value?.['page.loading']) return value;
    Object.assign(document.documentElement, { lang: 'he', dir: 'rtl' });
    return Object.fromEntries(Object.entries(value).map(([id, text]) => [id, turned(text)]));
  };
})()`;

describe('accessibility', () => {
  let folder: string;
  let server: ScriptedServer;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    await writeFile(join(folder, 'shard.jsonl'), LINES.map(each => `${each}\n`).join(''));
    await writeFile(join(folder, 'none.jsonl'), '{"a": 1}\n');
    server = await startScriptedServer(request =>
      request.path.endsWith('/chat/completions')
        ? saysInEach(request, () => WRONG.replace('{{nome}}', '⟦P0⟧'))
        : reply(404, { error: { message: 'There is no such page.' } }),
    );
    bench = await openWorkbench({
      folder,
      file: join(folder, 'shard.jsonl'),
      settings: {
        'crossalpaca.reviewer': 'anna',
        'crossalpaca.backend.url': server.url,
        'crossalpaca.backend.model': 'scripted',
      },
    });
    await shows(bench, 'a1@it', 'To review');
    await focusList(bench);
  });

  after(async () => {
    await bench.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe('of every state, in each kind of theme', () => {
    const dialog = () => bench.frame.locator('dialog[open]');
    const tab = (name: string) => bench.frame.getByRole('tab', { name }).click();

    it('a record with warnings', () => isClean('record'));

    it('a proposal of the model', async () => {
      await pressFor(bench, 'r', bench.frame.locator('.candidate[data-candidate-id]'));
      await isClean('candidates');
    });

    it('history and comments', async () => {
      await pressFor(bench, 's', bench.frame.getByRole('heading', { name: 'a2@it' }));
      await pressFor(bench, 'k', bench.frame.getByRole('heading', { name: 'a1@it' }));
      await tab('History');
      await isClean('history');
      await tab('Comments');
      await bench.frame.locator('#comment').fill('Is this the right word?');
      await bench.press('Control+Enter');
      await bench.frame.locator('.thread').getByText('Is this the right word?').waitFor();
      await isClean('comments');
      await tab('Warnings');
    });

    for (const [name, key] of [
      ['reasons', 'w'],
      ['replace', 'm'],
      ['cheat sheet', 'h'],
    ] as const) {
      it(name, async () => {
        await pressFor(bench, key, dialog());
        await isClean(name.replace(' ', '-'));
        await bench.press('Escape');
        await dialog().waitFor({ state: 'detached' });
      });
    }

    it('lines beside their partners, what is found in them, and hidden characters', async () => {
      const hidden = bench.frame.locator('.hidden-character').first();
      await goTo(bench, 'a3@it');
      await shows(bench, 'a3@it');
      await bench.frame.locator('.pair.aligned').waitFor();
      await pressFor(bench, 'Shift+W', hidden);
      await pressFor(bench, 'Control+f', bench.frame.locator('#find:focus'));
      await bench.page.keyboard.type('frase');
      await bench.frame.locator('.find').getByText('1 of 12', { exact: true }).waitFor();
      await isClean('find');
      await bench.press('Escape');
      await bench.frame.locator('#find').waitFor({ state: 'detached' });
      await bench.frame.locator('textarea[data-field="output"]').focus();
      await bench.frame.locator('.pair.editing').waitFor();
      await isClean('editing');
      await bench.press('Escape');
      await bench.frame.getByRole('button', { name: 'Break long lines' }).click();
      await isClean('unbroken');
      await bench.frame.getByRole('button', { name: 'Break long lines' }).click();
      await focusList(bench);
      await bench.press('Shift+W');
      await hidden.waitFor({ state: 'detached' });
      await bench.press('Home');
      await shows(bench, 'a1@it');
    });

    it('why a warning is ignored', async () => {
      await pressFor(bench, 'F8', bench.frame.locator('.finding.current').first());
      await pressFor(bench, 'i', dialog());
      await isClean('ignoring');
      await bench.press('Escape');
      await dialog().waitFor({ state: 'detached' });
    });

    it('the preview of a change of many records', async () => {
      await pressFor(bench, 'm', dialog());
      await dialog().locator('input[type=text]').first().fill('pacco');
      await dialog().locator('input[type=text]').last().fill('plico');
      await bench.press('Enter');
      await dialog().locator('.changed li').first().waitFor();
      await isClean('bulk');
      await bench.press('Escape');
      await dialog().waitFor({ state: 'detached' });
    });

    it('a filter that is none, one without hits, and a line that is no record', async () => {
      await ask(bench, 'state:nothing');
      await bench.frame.locator('#filter[aria-invalid=true]').waitFor();
      await isClean('filter-mistake');
      await ask(bench, 'quince');
      await bench.frame.locator('#filter-state').getByText('No record').waitFor();
      await isClean('filter-empty');
      await ask(bench, 'state:bad');
      await counts(bench, 1);
      await bench.frame.locator('.raw').waitFor();
      await isClean('bad');
      await bench.frame.getByRole('button', { name: 'Show all' }).click();
      await counts(bench, LINES.length);
      await focusList(bench);
      await bench.press('Home');
      await shows(bench, 'a1@it');
    });

    it('a file that is no shard', async () => {
      await bench.page.getByRole('treeitem', { name: 'none.jsonl' }).last().click();
      await bench.runCommand('CrossAlpaca: Review Shard');
      await bench.frame.getByRole('alert').waitFor();
      await isClean('error');
      // The text, and the page in its place.
      for (const tab of await bench.page.locator('.tab', { hasText: 'none.jsonl' }).all()) {
        assert.ok(tab);
        await bench.runCommand('View: Close Editor');
      }
      await shows(bench, 'a1@it');
    });
  });

  it('says by itself what it shows, what was done, and what the checks find', async () => {
    await focusList(bench);
    await bench.press('Home');
    await spoken(/1 of 5.*Warnings: 1/);
    await pressFor(bench, 'j', bench.frame.getByRole('heading', { name: 'a2@it' }));
    await spoken(/2 of 5.*To review/);
    await bench.press('a');
    await spoken(/Approved\..*3 of 5/);
    await bench.press('u');
    await spoken(/2 of 5/);
  });

  it('is all reached by Tab, each under a name, and lets go at its end', async () => {
    await bench.press('Home');
    await shows(bench, 'a1@it');
    await bench.frame.locator('header button').first().focus();
    const walked: Focused[] = [];
    let previous = '';
    for (let step = 0; step < 150; step++) {
      const focused = await focusedNow();
      if (!focused) break;
      assert.notEqual(focused.id, previous, `Tab does not lead on from ${focused.role} “${focused.name}”.`);
      assert.ok(!walked.some(each => each.id === focused.id), `Tab leads round at “${focused.name}”.`);
      walked.push(focused);
      previous = focused.id;
      await bench.press('Tab');
    }
    assert.equal(await focusedNow(), null);
    for (const { role, name } of walked) {
      assert.ok(name !== '', `a ${role} has no name: ${JSON.stringify(walked)}`);
      assert.match(role, /^(button|textbox|listbox|combobox|tab|tabpanel|checkbox|separator)$/);
    }
    const names = walked.map(({ name }) => name);
    for (const name of [/^Filter/, /^Approve/, /^Needs Work/, /^Reject/, /^Skip/, /^Warnings/, /^Keys/])
      assert.ok(
        names.some(each => name.test(each)),
        `${name} is not reached: ${names.join(', ')}`,
      );
    assert.ok(walked.some(({ role }) => role === 'listbox'));
    await focusList(bench);
  });

  it('gives the focus back that the cheat sheet took, also from its button', async () => {
    const sheet = bench.frame.getByRole('dialog', { name: 'Keys' });
    await pressFor(bench, 'h', sheet);
    await bench.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await bench.frame.locator('#queue:focus').waitFor();
    const button = bench.frame.locator('header vscode-button', { hasText: 'Keys' });
    await button.focus();
    await bench.press('Enter');
    await sheet.waitFor();
    await bench.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    assert.match((await focusedNow())?.name ?? '', /^Keys/);
    await focusList(bench);
  });

  it('shows all of it at twice the size: nothing is cut, nothing scrolls sideways', async () => {
    // Of a window of 1440 × 860.
    await bench.page.setViewportSize({ width: 720, height: 430 });
    await bench.runCommand('View: Toggle Primary Side Bar Visibility');
    await bench.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
    await isWhole('record');
    await goTo(bench, 'a3@it');
    await shows(bench, 'a3@it');
    await pressFor(bench, 'Control+f', bench.frame.locator('#find:focus'));
    await bench.page.keyboard.type('frase');
    await isWhole('long');
    await bench.press('Escape');
    await focusList(bench);
    await bench.press('Home');
    await shows(bench, 'a1@it');
    for (const key of ['h', 'w', 'm']) {
      await pressFor(bench, key, bench.frame.locator('dialog[open]'));
      await isWhole(`key-${key}`);
      await bench.press('Escape');
      await bench.frame.locator('dialog[open]').waitFor({ state: 'detached' });
    }
    await bench.page.setViewportSize({ width: 1400, height: 900 });
  });

  it('moves nothing by itself for who asked for that', async () => {
    assert.deepEqual(
      await bench.frame.locator('body').evaluate(
        // A string, since the document is the browser's.
        `document.getAnimations().filter(each => each.playState === 'running').map(each => each.effect?.target?.className)`,
      ),
      [],
    );
  });

  it('goes from right to left where its language does, and texts their own way', async () => {
    await bench.page.addInitScript(RIGHT_TO_LEFT);
    await bench.runCommand('View: Close Editor');
    await bench.page.locator('iframe.webview:visible').waitFor({ state: 'detached' });
    await bench.runCommand('View: Reopen Closed Editor');
    await bench.frame.locator('html[dir=rtl][lang=he]').waitFor();
    await shows(bench, 'a1@it');
    const x = async (selector: string) => (await bench.frame.locator(selector).first().boundingBox())!.x;
    assert.ok((await x('nav')) > (await x('main')));
    assert.ok((await x('main')) > (await x('aside')));
    const box = bench.frame.locator('textarea[data-field="output"]');
    assert.equal(
      await box.evaluate('document.querySelector("textarea[data-field=output]").matches(":dir(ltr)")'),
      true,
    );
    await isWhole('rtl');
    await focusList(bench);
    await isClean('rtl');
    await pressFor(bench, 'h', bench.frame.locator('dialog[open]'));
    await bench.screenshot('accessibility-rtl-keys');
    await bench.press('Escape');
  });

  it('did all that under its content security policy', () => assert.deepEqual(bench.cspReports, []));

  /** In a theme of each kind; the last one is kept for what comes next. */
  async function isClean(state: string): Promise<void> {
    for (const kind of THEME_KINDS) {
      await setTheme(bench, kind);
      const shown = ['vscode-dark', 'vscode-high-contrast'].includes(kind) || state === 'record';
      if (shown) await bench.screenshot(`accessibility-${state}-${kind}`);
      assert.deepEqual(await violations(bench), [], `${state}, ${kind}`);
    }
  }

  async function isWhole(state: string): Promise<void> {
    await bench.screenshot(`accessibility-zoom-${state}`);
    assert.deepEqual(await cutOff(bench), [], state);
  }

  async function focusedNow(): Promise<Focused | null> {
    // A string, since the document is the browser's.
    const focused: unknown = await bench.frame.locator('body').evaluate(FOCUSED);
    return focused as Focused | null;
  }

  /** The announcement for screen readers, once it is so. */
  async function spoken(text: RegExp): Promise<void> {
    let said = '';
    const status = bench.frame.locator('.spoken[role=status]');
    await until(async () => text.test((said = await status.innerText()))).catch(() =>
      assert.match(said, text),
    );
  }
});
