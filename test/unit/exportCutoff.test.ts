import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { runExport } from '../../src/cliExport';
import { bytesOf, estimateCut, SAMPLE, trainedText } from '../../src/core/cutoff';
import type { Demonstration } from '../../src/core/demonstration';
import { FORMAT_IDS, formatOf } from '../../src/core/formats';
import { simpleRecipe } from '../../src/exporting';
import { countCut } from '../../src/exportingCutoff';
import { startScriptedServer, type RecordedRequest, type Step } from '../helpers/scriptedServer';
import { tempFolder, writeShard } from '../helpers/shardFixture';

/** A record whose answer has so many words, in both languages. */
const line = (id: number, words: number, lang = 'de') =>
  JSON.stringify({
    id: `r${id}`,
    source: { instruction: 'Count.', input: '', output: 'one '.repeat(words).trim() },
    target: { instruction: 'Zähle.', input: '', output: 'eins '.repeat(words).trim() },
    source_lang: 'en',
    target_lang: lang,
  });
const json = (status: number, value: unknown): Step[] => [
  { head: { 'content-type': 'application/json' }, status },
  { write: JSON.stringify(value) },
];
const words = (text: string) => text.split(/\s+/).filter(word => word !== '').length;
interface Body { content?: string; prompt?: string; messages?: { role: string; content: string }[]; model?: string; add_special?: boolean; add_special_tokens?: boolean; add_generation_prompt?: boolean } // prettier-ignore
const bodyOf = ({ body }: RecordedRequest) => JSON.parse(body) as Body;

/** As llama.cpp answers: a list of tokens, one a word; conversations by way of its template. */
const llamaCpp = (request: RecordedRequest): Step[] => {
  const { content, messages } = bodyOf(request);
  if (request.path === '/apply-template')
    return json(200, { prompt: messages?.map(each => `<${each.role}> ${each.content}`).join(' ') });
  assert.equal(request.path, '/tokenize');
  return json(200, { tokens: Array.from({ length: words(content ?? '') }, (_, at) => at) });
};
/** As vLLM answers: a count, also of conversations. */
const vllm = (request: RecordedRequest): Step[] => {
  if (request.path !== '/tokenize') return json(404, { detail: 'Not Found' });
  const { prompt, messages, add_generation_prompt: isOpen } = bodyOf(request);
  assert.ok(messages === undefined || isOpen === false);
  const text = prompt ?? messages?.map(each => `<${each.role}> ${each.content}`).join(' ') ?? '';
  const tokens = Array.from({ length: words(text) }, (_, at) => at);
  return json(200, { count: tokens.length, max_model_len: 4096, tokens });
};

const count = (shard: string, format: 'alpaca' | 'messages', cutoff: number, url: string, model = '', signal?: AbortSignal) =>
  countCut(simpleRecipe([shard], { format, side: 'target', status: 'all', text: 'current' }), {
    ...{ base: '/', cutoff, profile: { backend: { url, model, api: 'openai' }, concurrency: 2 } },
    ...(signal && { signal }),
  }); // prettier-ignore

describe('the rows that a cutoff would cut', () => {
  for (const [name, answers, format] of [
    ['llama.cpp', llamaCpp, 'alpaca'],
    ['llama.cpp', llamaCpp, 'messages'],
    ['vLLM', vllm, 'alpaca'],
    ['vLLM', vllm, 'messages'],
  ] as const) {
    it(`are counted by language, by the tokenizer of ${name}, as ${format} is trained`, async t => {
      const server = await startScriptedServer(answers);
      t.after(() => server.close());
      const rows = [line(1, 5), line(2, 100), line(3, 400), line(4, 401, 'it'), line(5, 2, 'it')];
      const shard = writeShard(tempFolder(t), rows, 'a.jsonl');
      const groups = await count(shard, format, 300, server.url, 'm');
      assert.deepEqual(
        groups.map(({ language, split, rows, cut, from, to }) => [language, split, rows, cut, from, to]),
        [['de', 'train', 3, 1, 1, 1], ['it', 'train', 2, 1, 1, 1]],
      ); // prettier-ignore
      const asked = server.requests.filter(({ path }) => path === '/tokenize').map(bodyOf);
      assert.ok(asked.every(({ model }) => model === 'm'));
      // What is too short for it is not asked about.
      assert.equal(asked.length, 4);
      const texts = asked.map(({ content, messages }) => content ?? JSON.stringify(messages));
      if (format === 'alpaca') assert.ok(texts.every(text => text.startsWith('Below is an instruction')));
      else assert.ok(texts.every(text => !text.includes('Below is an instruction')));
      // With the mark of the beginning, as the trainer adds it.
      assert.ok(asked.every(body => body.messages !== undefined || (body.add_special && body.add_special_tokens)));
    }); // prettier-ignore
  }

  it('counts exactly: one token more is cut, and the end of the answer is one', async t => {
    const server = await startScriptedServer(llamaCpp);
    t.after(() => server.close());
    const shard = writeShard(tempFolder(t), [line(1, 400)], 'a.jsonl');
    const row = { instruction: 'Zähle.', input: '', output: 'eins '.repeat(400).trim(), id: '' };
    const text = trainedText('alpaca', row, false) as string;
    const tokens = words(text) + 1;
    assert.equal((await count(shard, 'alpaca', tokens, server.url))[0]?.cut, 0);
    assert.equal((await count(shard, 'alpaca', tokens - 1, server.url))[0]?.cut, 1);
  });

  it('are estimated from a sample where many could be too long, the same each time', async t => {
    const server = await startScriptedServer(llamaCpp);
    t.after(() => server.close());
    const lines = Array.from({ length: 1000 }, (_, at) => line(at, at % 4 === 0 ? 300 : 100));
    const shard = writeShard(tempFolder(t), lines, 'a.jsonl');
    const [group] = await count(shard, 'alpaca', 200, server.url);
    assert.ok(group);
    assert.deepEqual([group.rows, group.long, group.counted], [1000, 1000, SAMPLE]);
    assert.equal(server.requests.length, SAMPLE + 1);
    assert.ok(group.from <= 250 && 250 <= group.to, JSON.stringify(group));
    assert.deepEqual(await count(shard, 'alpaca', 200, server.url), [group]);
  });

  it('have bounds that hold what was seen, and are wider the fewer were counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(100_000), fc.nat(300), (counted, more, seen) => {
        const found = Math.min(seen, counted);
        const long = counted + more;
        const group = { language: 'de', split: 'train', rows: long, long, counted } as const;
        const { cut, from, to } = estimateCut(group, found);
        assert.ok(from <= cut && cut <= to && to <= long && from >= found && to <= long - (counted - found));
        if (more === 0) assert.deepEqual([cut, from, to], [found, found, found]);
      }),
    );
    // Wilson's interval of 30 of 300: 7.1 % to 13.9 %.
    const tenth = estimateCut({ language: '', split: 'train', rows: 9, long: 100_000, counted: 300 }, 30);
    assert.deepEqual(
      [tenth.cut, Math.round(tenth.from / 100), Math.round(tenth.to / 100)],
      [10_000, 71, 139],
    );
  });

  it('are counted of what each format holds, the longer of two answers', () => {
    const made: Demonstration = {
      ...{ id: 'x', kind: 'instruction', instruction: 'Sag es.', input: 'Bär', output: 'kurz', repaired: 0 },
      ...{ rejected: 'viel länger', langs: ['de', 'de'] },
    };
    for (const format of FORMAT_IDS) {
      const row = formatOf(format).row(made, { trailingNewline: false });
      const text = JSON.stringify(trainedText(format, row ?? {}, false));
      const answer = format.startsWith('preference') ? 'viel länger' : 'kurz';
      for (const part of ['Sag es.', 'Bär', answer]) assert.ok(text.includes(part), `${format}: ${text}`);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const formed = text.toWellFormed();
        assert.equal(bytesOf(formed), Buffer.byteLength(formed));
        assert.equal(bytesOf([{ role: 'user', content: formed }]), Buffer.byteLength(formed));
      }),
    );
  });

  it('are not counted by a server that counts no tokens, which says so', async t => {
    const shard = writeShard(tempFolder(t), [line(1, 400)], 'a.jsonl');
    for (const [answer, message] of [
      [json(404, { error: 'page not found' }), /does not count tokens/],
      // LM Studio answers 200 to whatever it does not know.
      [json(200, { error: 'Unexpected endpoint' }), /does not count tokens/],
      [json(401, { error: { message: 'no key' } }), /did not accept the request/],
      [json(503, { error: { message: 'Loading model' } }), /still loading its model/],
      [json(302, {}), /Redirects are not followed/],
      [json(422, { error: { message: 'no such model' } }), /status 422.*no such model/],
    ] as const) {
      const server = await startScriptedServer(answer);
      t.after(() => server.close());
      for (const format of ['alpaca', 'messages'] as const)
        await assert.rejects(count(shard, format, 10, server.url), message);
    }
  });

  it('are no longer counted once it is cancelled, and nothing is asked any more', async t => {
    const server = await startScriptedServer((request, index) => (index < 3 ? llamaCpp(request) : ['hang']));
    t.after(() => server.close());
    const lines = Array.from({ length: 50 }, (_, at) => line(at, 400));
    const shard = writeShard(tempFolder(t), lines, 'a.jsonl');
    const stop = new AbortController();
    const counting = count(shard, 'alpaca', 200, server.url, '', stop.signal);
    const waiting = await server.request(4);
    stop.abort(new Error('enough'));
    await assert.rejects(counting, /enough/);
    assert.equal(await waiting.closedEarly, true);
    assert.equal(server.requests.length, 5);
  });

  it('are printed by the command line, which asks no other machine unless it may', async t => {
    const server = await startScriptedServer(vllm);
    t.after(() => server.close());
    const folder = tempFolder(t);
    const shard = writeShard(folder, [line(1, 400), line(2, 3)], 'a.jsonl');
    const out = join(folder, 'out.jsonl');
    const warnings: string[] = [];
    const run = (options: object) =>
      runExport([shard], { 'trailing-newline': false, status: 'all', ...options }, out, said => void warnings.push(said)); // prettier-ignore
    await assert.rejects(run({ cutoff: '200' }), /--cutoff needs --url/);
    await assert.rejects(run({ cutoff: '2k', url: server.url }), /number of tokens/);
    await assert.rejects(run({ url: server.url }), /go with --cutoff/);
    await assert.rejects(run({ cutoff: '200', url: 'http://example.invalid' }), /add --allow-remote/);
    assert.deepEqual([warnings, existsSync(out)], [[], false]);
    const { text, json: document } = await run({ cutoff: '200', url: server.url });
    assert.match(text.join('\n'), /rows with more than 200 tokens:\n {4}de, train: 1 of 2\n/);
    const { cutoff } = document as { cutoff: { language: string; cut: number }[] };
    assert.deepEqual(cutoff.map(({ language, cut }) => [language, cut]), [['de', 1]]); // prettier-ignore
    assert.ok(existsSync(out));
  });
});
