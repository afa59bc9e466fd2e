/** A model's proposals as a reviewer lives with them: asked for by a key, seen as they come, taken, edited, refused. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { letter, RIGHT, SOURCE, WRONG } from '../helpers/letters';
import {
  chunk,
  reply,
  SSE,
  sse,
  startScriptedServer,
  type RecordedRequest,
  type ScriptedServer,
  type Step,
} from '../helpers/scriptedServer';
import { focusList, goTo, pressFor, shows, until, violations } from './steps';
import { openWorkbench, type Workbench } from './workbench';

/** As the model sees it and has to write it. */
const WRITTEN = RIGHT.replace('{{name}}', '⟦P0⟧');
const ARABIC = 'عزيزي الزبون، غادر طلبك مستودعنا اليوم وسيصل إليك يوم الجمعة القادم إن شاء الله.';
const ARABIC_SOURCE = SOURCE.replace('Dear {{name}}', 'Dear customer');
/** Markup, and a letter that turns around what is written after it. */
const HOSTILE = `<img src=x onerror=alert(1)> ${WRITTEN} \u202edrawkcab`;

const line = (id: string, target: string, source = SOURCE, lang?: string) => letter(id, source, target, lang);

const LINES = [
  ...['keys', 'next', 'stream', 'lost', 'edit', 'whole', 'finding', 'long', 'many', 'hostile', 'answer'].map(
    id => line(id, WRONG),
  ),
  ...['fields', 'mark', 'broken', 'key', 'view', 'worse', 'twins', 'mend', 'asked'].map(id =>
    line(id, WRONG),
  ),
  line('arabic', ARABIC, ARABIC_SOURCE, 'ar'),
];

type Texts = Readonly<Record<string, string>>;

/** What the model is to say: one JSON object where a schema is asked for, otherwise a text. */
function contentFor({ body }: RecordedRequest, texts: Texts): string {
  const { response_format: format } = JSON.parse(body) as {
    response_format?: { json_schema: { schema: { properties: object } } };
  };
  if (!format) return texts['output'] ?? '';
  const names = Object.keys(format.json_schema.schema.properties);
  return JSON.stringify(Object.fromEntries(names.map(name => [name, texts[name] ?? ''])));
}

/** The first half of it, and then nothing more until the client closes. */
function half(request: RecordedRequest, texts: Texts): Step[] {
  const content = contentFor(request, texts);
  return [SSE, { write: chunk({ content: content.slice(0, content.length / 2) }) }, 'hang'];
}

function whole(request: RecordedRequest, texts: Texts): Step[] {
  const body = [chunk({ content: contentFor(request, texts) }), chunk({}, 'stop'), sse('[DONE]')];
  return [SSE, { write: body.join('') }];
}

/** Holds an answer back until it is opened. */
function gate(): { readonly open: () => void; readonly before: (steps: Step[]) => Step[] } {
  let open: () => void = () => undefined;
  const wait = new Promise<void>(resolve => (open = resolve));
  return { open, before: steps => [{ wait }, ...steps] };
}

const TOO_LONG = {
  message: 'the request exceeds the available context size',
  type: 'exceed_context_size_error',
};

describe('proposals of a model in the page', () => {
  let folder: string;
  let server: ScriptedServer;
  let bench: Workbench;
  /** What the model was asked, without what the server was asked about itself. */
  const asked: RecordedRequest[] = [];
  /** What the model does with a request. */
  let model: (request: RecordedRequest) => Step[];
  let pressed = 0;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    await writeFile(join(folder, 'shard.jsonl'), LINES.map(each => `${each}\n`).join(''));
    server = await startScriptedServer(request => {
      if (!request.path.endsWith('/chat/completions'))
        return reply(404, { error: { message: 'There is no such page.' } });
      asked.push(request);
      return model(request);
    });
    bench = await open({ 'crossalpaca.backend.url': server.url, 'crossalpaca.backend.model': 'scripted' });
  });

  after(async () => {
    await bench.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (settings: Record<string, unknown>, more: { trust?: boolean } = {}) =>
    openWorkbench({
      folder,
      file: join(folder, 'shard.jsonl'),
      settings: { 'crossalpaca.reviewer': 'anna', ...settings },
      ...more,
    });

  it('are asked for, taken and approved with three keys', async () => {
    model = request => whole(request, { output: WRITTEN });
    await shows(bench, 'keys@it', 'To review');
    await keysArrive(bench);
    await press('r');
    await candidate().getByText('Would be mended: Placeholder changed').waitFor();
    assert.deepEqual(await candidate().locator('del, ins').allInnerTexts(), ['name']);
    await spoken('The proposal is ready.');
    const row = bench.frame.locator('#queue [role=option]').first();
    assert.match(await row.innerText(), /1 · To review · Proposal/);
    assert.equal(await bench.frame.locator('#queue').getByText('Proposal').count(), 1);
    await bench.screenshot('regenerate-ready');
    await press('v');
    await shows(bench, 'keys@it', 'Edited');
    await row.getByText('1 · Edited · it', { exact: true }).waitFor();
    await press('a');
    await shows(bench, 'next@it');
    assert.equal(pressed, 3);
    await goTo(bench, 'keys@it');
    await shows(bench, 'keys@it', 'Approved');
    assert.equal(await output().inputValue(), RIGHT);
  });

  it('are seen as they are written; Escape closes the connection, and the record is as it was', async () => {
    model = request => half(request, { output: WRITTEN });
    await visit('stream@it');
    const before = await backend().boundingBox();
    const index = asked.length;
    await bench.press('r');
    await stream().getByText('Gentile {{name}}, il suo', { exact: false }).waitFor();
    await bench.frame.locator('header').getByText('Being written: 1').waitFor();
    assert.deepEqual(await backend().boundingBox(), before);
    // The same again, and taking what is not there yet.
    await bench.press('r');
    await bench.press('v');
    await bench.frame.getByText('There is nothing to use yet: the model is still writing.').first().waitFor();
    assert.equal(await stream().count(), 1);
    await bench.screenshot('regenerate-streaming');
    assert.deepEqual(await violations(bench), []);
    await focusList(bench);
    await bench.press('Escape');
    assert.equal(await asked[index]?.closedEarly, true);
    await stream().waitFor({ state: 'detached' });
    await spoken('Cancelled.');
    assert.equal(asked.length, index + 1);
    assert.equal(await output().inputValue(), WRONG);
    await shows(bench, 'stream@it', 'To review');
  });

  it('are marked where they lost a placeholder, and no key takes such a one', async () => {
    model = request => whole(request, { output: WRITTEN.replace('⟦P0⟧', 'amico') });
    await visit('lost@it');
    await bench.press('r');
    const problem = candidate().locator('.finding.error').first();
    assert.match(await problem.innerText(), /Error:.*\{\{name\}\}/s);
    await bench.press('v');
    await refused();
    assert.equal(await output().inputValue(), WRONG);
    await bench.screenshot('regenerate-lost');
    await candidate().getByRole('button', { name: 'Discard' }).click();
    await candidate().waitFor({ state: 'detached' });
  });

  it('are edited beside the text, left with Escape, and taken with Ctrl+Enter', async () => {
    model = request => whole(request, { output: WRITTEN });
    await visit('edit@it');
    await bench.press('r');
    await candidate().getByRole('button', { name: 'Edit, Then Use' }).click();
    const box = bench.frame.getByRole('textbox', { name: 'Proposal, output' });
    await until(async () => (await box.inputValue()) === RIGHT);
    assert.deepEqual([await box.getAttribute('lang'), await box.getAttribute('dir')], ['it', 'auto']);
    await bench.press('Control+End');
    await bench.page.keyboard.type(' Arrivederci!');
    await bench.screenshot('regenerate-edit');
    await bench.press('Escape');
    await box.waitFor({ state: 'detached' });
    assert.equal(await output().inputValue(), WRONG);
    // What was typed is there again.
    await candidate().getByRole('button', { name: 'Edit, Then Use' }).click();
    await until(async () => (await box.inputValue()) === `${RIGHT} Arrivederci!`);
    await bench.press('Control+Enter');
    await shows(bench, 'edit@it', 'Edited');
    await until(async () => (await output().inputValue()) === `${RIGHT} Arrivederci!`);
  });

  it('of the whole record are taken field by field', async () => {
    model = request => whole(request, { instruction: 'Scrivi una lettera breve.', output: WRITTEN });
    await visit('whole@it');
    await bench.press('Shift+R');
    await candidate().getByRole('button', { name: 'Use This Field Only: output' }).click();
    await shows(bench, 'whole@it', 'Edited');
    assert.equal(await output().inputValue(), RIGHT);
    assert.equal(await field('instruction').inputValue(), 'Scrivi una breve lettera.');
    await bench.screenshot('regenerate-parts');
  });

  it('mend a warning with one key, and say that it would go', async () => {
    model = request => whole(request, { output: WRITTEN });
    await bench.page.setViewportSize({ width: 1400, height: 440 });
    await visit('finding@it');
    await bench.press('F8');
    await isInView(
      bench.frame.locator('.field .finding.current').getByRole('button', { name: 'Mend with the Model' }),
    );
    await bench.page.setViewportSize({ width: 1400, height: 900 });
    const index = asked.length;
    await bench.press('z');
    await candidate().getByText('Would be mended: Placeholder changed').waitFor();
    assert.match(asked[index]?.body ?? '', /A check of the current translation/);
    await bench.frame.locator('.field').getByRole('button', { name: 'Mend with the Model' }).waitFor();
  });

  it('too long for the model are asked for in smaller parts', async () => {
    model = () => reply(400, { error: TOO_LONG });
    await visit('long@it');
    await bench.press('Shift+R');
    const alert = bench.frame.locator('[role=tabpanel] [role=alert]');
    await alert.getByText('too long for the model', { exact: false }).waitFor();
    await bench.screenshot('regenerate-overflow');
    model = request => whole(request, { output: WRITTEN });
    const index = asked.length;
    await bench.frame.getByRole('button', { name: 'Field by Field' }).click();
    await candidate().waitFor();
    assert.ok(asked.length >= index + 2, 'a request for each field');
    await alert.waitFor({ state: 'detached' });
  });

  it('are asked about no longer than the reviewer wants', async () => {
    model = request => whole(request, { output: WRITTEN });
    await visit('asked@it');
    await bench.press('r');
    const opinion = candidate().getByRole('button', { name: 'What the Model Says' });
    await opinion.waitFor();
    const index = asked.length;
    model = request => half(request, { output: WRITTEN });
    await opinion.click();
    await candidate().getByText('The model is being asked…').waitFor();
    await until(() => Promise.resolve(asked.length > index));
    await bench.screenshot('regenerate-asked');
    assert.deepEqual(await violations(bench), []);
    await candidate().getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await asked[index]?.closedEarly, true);
    await opinion.waitFor();
    await spoken('Cancelled.');
    assert.equal(await candidate().getByRole('alert').count(), 0);
    model = request => whole(request, { output: request.body.includes('into English') ? SOURCE : WRITTEN });
    await opinion.click();
    await candidate().getByText('translated back', { exact: false }).waitFor();
  });

  it('come several at once, with the advice that was given', async () => {
    model = request => {
      const { seed } = JSON.parse(request.body) as { seed: number };
      return whole(request, { output: `${WRITTEN} ${'Ciao! '.repeat(seed)}` });
    };
    await visit('many@it');
    const index = asked.length;
    await bench.press('F7');
    await bench.frame.locator('#advice:focus').waitFor();
    await bench.page.keyboard.type('more formal, rvaz');
    await bench.frame.getByRole('combobox', { name: 'How many proposals' }).selectOption('3');
    await bench.frame.locator('#advice').press('Enter');
    await until(async () => (await candidate().count()) === 3);
    await spoken('Proposals ready: 3.');
    await bench.frame.getByText('Advice: more formal, rvaz').first().waitFor();
    await bench.frame.getByText('seed 2').waitFor();
    const bodies = asked.slice(index).map(({ body }) => body);
    assert.ok(bodies.every(body => body.includes('more formal, rvaz')));
    await unfold();
    await bench.frame.getByRole('combobox', { name: 'How many proposals' }).selectOption('1');
    assert.deepEqual(await violations(bench), []);
  });

  it('are shown as what they are, whatever the model wrote', async () => {
    model = request => whole(request, { output: HOSTILE });
    await visit('hostile@it');
    await bench.press('r');
    await candidate().getByText('<img src=x onerror=alert(1)>', { exact: false }).first().waitFor();
    assert.equal(await bench.frame.locator('[role=tabpanel] img').count(), 0);
    // What turns letters around does so in its own text only.
    const above = await candidate().locator('.facts').innerText();
    assert.match(above, /^Translate again\s*·?\s*scripted/);
    await bench.screenshot('regenerate-hostile');
    // It mends one warning, and brings two.
    assert.deepEqual(await candidate().locator('.badge').allInnerTexts(), ['new', 'new']);
    await bench.press('v');
    await refused();
  });

  it('answer an instruction anew', async () => {
    model = request => whole(request, { output: RIGHT });
    await visit('answer@it');
    await bench.press('F6');
    await candidate().getByText('Answer anew').waitFor();
    await bench.press('v');
    await shows(bench, 'answer@it', 'Edited');
  });

  it('are laid out from right to left', async () => {
    model = request => whole(request, { output: `${ARABIC} شكرا لكم.` });
    await visit('arabic@ar');
    await bench.press('r');
    const text = candidate().locator('.difference');
    await text.waitFor();
    assert.deepEqual([await text.getAttribute('lang'), await text.getAttribute('dir')], ['ar', 'auto']);
    // Its first line begins at the right edge.
    const first = await text.evaluate(firstLine);
    assert.ok(first.right < 3 && first.left > 3, JSON.stringify(first));
    await bench.screenshot('regenerate-arabic');
  });

  it('of two fields are written side by side', async () => {
    model = request =>
      request.body.includes('"instruction":{')
        ? whole(request, { instruction: 'Scrivi una lettera breve.' })
        : half(request, { output: WRITTEN });
    await visit('fields@it');
    await bench.press('r');
    const draft = stream().getByText('Gentile {{name}}, il suo', { exact: false });
    await draft.waitFor();
    await field('instruction').click();
    await bench.press('Escape');
    await keysArrive(bench);
    await bench.press('r');
    await candidate().waitFor();
    await until(async () => (await stream().count()) === 1);
    assert.equal(await draft.count(), 1, 'what is ready hides no other field');
    await focusList(bench);
    await bench.press('Escape');
    await stream().waitFor({ state: 'detached' });
  });

  it('leave the mark of the key where it is when another one as good comes', async () => {
    const second = gate();
    model = request => {
      const { seed } = JSON.parse(request.body) as { seed: number };
      const other = WRITTEN.replace('casa', 'sede');
      return seed === 0
        ? whole(request, { output: WRITTEN })
        : second.before(whole(request, { output: other }));
    };
    await visit('mark@it');
    await bench.frame.getByRole('tab', { name: 'Proposals' }).click();
    await bench.frame.getByRole('combobox', { name: 'How many proposals' }).selectOption('2');
    await focusList(bench);
    await bench.press('r');
    await marked().waitFor();
    second.open();
    await until(async () => (await candidate().count()) === 2);
    await spoken('Proposals ready: 2.');
    assert.doesNotMatch(await marked().innerText(), /sede/);
    await focusList(bench);
    await bench.press('v');
    await shows(bench, 'mark@it', 'Edited');
    assert.equal(await output().inputValue(), RIGHT);
    await unfold();
    await bench.frame.getByRole('combobox', { name: 'How many proposals' }).selectOption('1');
  });

  it('come into view with the new text first, and the focus stays in the list', async () => {
    model = request => whole(request, { output: WRITTEN.replace(' nostra', '') });
    await bench.page.setViewportSize({ width: 900, height: 700 });
    await visit('view@it');
    await bench.press('r');
    const text = candidate().locator('.difference');
    await isInView(text);
    assert.equal(await text.innerText(), RIGHT.replace(' nostra', ''));
    assert.equal(await bench.frame.locator('#queue:focus').count(), 1);
    await bench.screenshot('regenerate-narrow');
    await candidate().getByRole('button', { name: 'Show Removed Words' }).click();
    await until(async () => (await text.locator('del').allInnerTexts()).join(' ').includes('nostra'));
    const box = bench.frame.getByRole('textbox', { name: 'Proposal, output' });
    // The panel may still be scrolling to the words that came back, and a click then meets nothing.
    await until(async () => {
      await candidate().getByRole('button', { name: 'Edit, Then Use' }).click();
      return box.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
    });
    await bench.page.keyboard.type('Ciao! ');
    await isInView(box);
    await bench.press('Escape');
    await candidate().getByRole('button', { name: 'Hide Removed Words' }).click();
    await bench.page.setViewportSize({ width: 1400, height: 900 });
  });

  it('that make a warning worse bring a new one', async () => {
    model = request => whole(request, { output: WRITTEN.replace('⟦P0⟧', '{{nomen}}') });
    await visit('worse@it');
    await bench.press('r');
    await candidate().waitFor();
    const badges = await candidate().locator('.badge').allInnerTexts();
    assert.ok(badges.length > 0 && badges.every(each => each === 'new'), badges.join());
    await bench.press('v');
    await refused();
  });

  it('with the same text are shown once, and go together', async () => {
    model = request => whole(request, { output: WRITTEN });
    await visit('twins@it');
    await bench.press('r');
    await candidate().waitFor();
    await bench.press('r');
    await candidate().getByText('seed 1').waitFor();
    assert.equal(await candidate().count(), 1);
    await candidate().getByRole('button', { name: 'Discard' }).click();
    await candidate().waitFor({ state: 'detached' });
    await bench.frame.getByText('No proposals yet.', { exact: false }).waitFor();
  });

  it('for a warning hide none of those that were asked for without it', async () => {
    model = request =>
      request.body.includes('A check of the current translation')
        ? whole(request, { output: WRITTEN })
        : half(request, { output: WRITTEN });
    await visit('mend@it');
    await bench.press('r');
    const draft = stream().getByText('Gentile {{name}}, il suo', { exact: false });
    await draft.waitFor();
    await bench.press('z');
    await candidate().waitFor();
    await until(async () => (await stream().count()) === 1);
    assert.equal(await draft.count(), 1);
    await focusList(bench);
    await bench.press('Escape');
    await stream().waitFor({ state: 'detached' });
  });

  it('that broke off stay to be read, and can be asked for in smaller parts', async () => {
    model = request => {
      const content = contentFor(request, { output: WRITTEN });
      return [SSE, { write: chunk({ content: content.slice(0, 40) }) + chunk({}, 'length') + sse('[DONE]') }];
    };
    await visit('broken@it');
    await bench.press('r');
    const tab = bench.frame.getByRole('tabpanel', { name: 'Proposals' });
    const draft = tab.locator('.draft', { hasText: 'This broke off, and is not used:' });
    await draft.getByText('Gentile {{name}},', { exact: false }).waitFor();
    await bench.screenshot('regenerate-broken');
    assert.equal(await candidate().count(), 0);
    assert.deepEqual(await violations(bench), []);
    model = request => whole(request, { output: WRITTEN });
    await tab.getByRole('button', { name: 'Paragraph by Paragraph' }).click();
    await candidate().waitFor();
    assert.equal(await draft.count(), 0);
  });

  it('refused for their key lead to the key, and not to smaller parts', async () => {
    model = () => reply(401, { error: { message: 'Invalid API key' } });
    await visit('key@it');
    await bench.press('r');
    const tab = bench.frame.getByRole('tabpanel', { name: 'Proposals' });
    await tab.getByRole('button', { name: 'Set API Key…' }).waitFor();
    const buttons = await tab.locator('.notice.error vscode-button').allInnerTexts();
    assert.deepEqual(
      buttons.map(each => each.trim()),
      ['Try Again', 'Set API Key…'],
    );
    await tab.getByRole('button', { name: 'Set API Key…' }).click();
    const box = bench.page.locator('.quick-input-widget:visible');
    await box.getByText(/^API key for 127\.0\.0\.1/).waitFor();
    await bench.press('Escape');
  });

  it('are refused by no policy of the page', () => assert.deepEqual(bench.cspReports, []));

  it('need a backend, which the page leads to', async () => {
    const other = await open({}, {});
    try {
      await shows(other, 'keys@it');
      await keysArrive(other);
      await other.press('r');
      const tab = other.frame.getByRole('tabpanel', { name: 'Proposals' });
      await tab.getByText('No inference backend is set.', { exact: false }).waitFor();
      await tab.getByRole('button', { name: 'Set backend…' }).click();
      await other.page.locator('.quick-input-widget:visible').waitFor();
      assert.deepEqual(await violations(other), []);
    } finally {
      await other.close();
    }
  });

  it('cannot be asked for in Restricted Mode', async () => {
    const settings = { 'crossalpaca.backend.url': server.url, 'crossalpaca.backend.promptStyle': 'tower' };
    const other = await open(settings, { trust: false });
    try {
      await shows(other, 'keys@it');
      await other.frame.getByRole('tab', { name: 'Proposals' }).click();
      const tab = other.frame.getByRole('tabpanel', { name: 'Proposals' });
      const ask = tab.locator('vscode-button', { hasText: 'Regenerate' });
      assert.equal(await ask.getAttribute('disabled'), '');
      await tab.getByText('This folder is not trusted', { exact: false }).waitFor();
      await tab.getByText('its prompt has no place for advice', { exact: false }).waitFor();
      assert.equal(await tab.locator('#advice').isEditable(), false);
    } finally {
      await other.close();
    }
  });

  const candidate = () => bench.frame.locator('.candidate[data-candidate-id]');
  const marked = () => candidate().filter({ has: bench.frame.locator('kbd', { hasText: 'V' }) });
  const stream = () => bench.frame.locator('.streams .candidate');
  const backend = () => bench.frame.locator('header .backend');
  const field = (name: string) => bench.frame.locator(`textarea[data-field="${name}"]`);
  const output = () => field('output');

  async function press(key: string): Promise<void> {
    pressed++;
    await bench.press(key);
  }

  async function visit(key: string): Promise<void> {
    await goTo(bench, key);
    await shows(bench, key);
    await keysArrive(bench);
  }

  /** The whole form, where proposals have taken its room. */
  async function unfold(): Promise<void> {
    await bench.frame.getByRole('button', { name: 'Advice and Choices…' }).click();
  }

  /** The tab says why the key takes nothing, and no message at the top moves the record. */
  async function refused(): Promise<void> {
    await spoken(
      'No proposal here is without a mistake. Look at them, then choose “Use” at the one you want.',
    );
    await isInView(bench.frame.locator('#none-good'));
    assert.equal(await bench.frame.locator('.notices [role=alert]').count(), 0);
  }

  async function isInView(locator: Locator): Promise<void> {
    await until(async () => {
      const box = await locator.boundingBox();
      const { height } = bench.page.viewportSize() ?? { height: 0 };
      // Below it is the status bar.
      return box !== null && box.y > 0 && box.y + box.height < height - 22;
    });
  }

  async function spoken(text: string): Promise<void> {
    await bench.frame.locator('.spoken').getByText(text, { exact: true }).waitFor();
  }
});

/** Waits until VS Code knows that the page has the focus, by a key that changes nothing. */
async function keysArrive(bench: Workbench): Promise<void> {
  await pressFor(bench, 'f', bench.frame.locator('#filter:focus'));
  await bench.press('Escape');
  await bench.frame.locator('#queue:focus').waitFor();
}

/** In the page: how far the first line of a text is from either edge of its element, in pixels. */
function firstLine(element: unknown): { left: number; right: number } {
  interface Box {
    readonly left: number;
    readonly right: number;
    readonly top: number;
  }
  const { document } = globalThis as unknown as {
    document: { createRange(): { selectNodeContents(node: unknown): void; getClientRects(): Iterable<Box> } };
  };
  const range = document.createRange();
  range.selectNodeContents(element);
  const rects = [...range.getClientRects()];
  const top = Math.min(...rects.map(rect => rect.top));
  const line = rects.filter(rect => rect.top < top + 5);
  const box = (element as { getBoundingClientRect(): Box }).getBoundingClientRect();
  return {
    left: Math.min(...line.map(rect => rect.left)) - box.left,
    right: box.right - Math.max(...line.map(rect => rect.right)),
  };
}
