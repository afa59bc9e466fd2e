import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Fingerprint, UnitKey } from '../../src/core/record';
import { batchId, readBatchId, readResult, type BatchId } from '../../src/io/batchFile';
import { numberIn, numbered, startModelServer, translationFor, wholeAnswer } from '../helpers/modelServer';
import { answer, reply, SSE, startScriptedServer } from '../helpers/scriptedServer';
import { tempFolder, writeShard } from '../helpers/shardFixture';

const CLI = join(process.cwd(), 'dist', 'cli.cjs');
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const shardOf = (folder: string, count: number) =>
  writeShard(
    folder,
    numbers(count).map(each => numbered(each)),
  );

/** Without a wait for it, since a server in this process is to answer meanwhile. */
function start(cwd: string, command: string, args: readonly string[], env: object = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const done = new Promise<{ code: number | null; out: string; err: string }>(resolve =>
    child.once('close', code => resolve({ code, out, err })),
  );
  return { child, done };
}
const cli = (cwd: string, ...args: string[]) =>
  start(cwd, process.execPath, [CLI, 'regenerate', ...args]).done;

async function served(t: TestContext, ...args: Parameters<typeof startModelServer>) {
  const server = await startModelServer(...args);
  t.after(() => server.close());
  return server;
}

/** The source once more in place of a translation, about which a check warns. */
const untranslated = (number: number) => {
  const output = `An apple has number ${number}.`;
  const content = JSON.stringify({ instruction: `Name the fruit with number ${number}.`, output });
  return [SSE, { write: answer([content]).replace('"prompt_tokens":12', '"prompt_tokens":9000') }];
};

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').filter(Boolean);
const candidatesOf = (folder: string) =>
  linesOf(join(folder, '.crossalpaca', 'shard.jsonl', 'candidates', 'local.jsonl'));

describe('crossalpaca regenerate', () => {
  it('refuses bad use with status 2, and sends nothing', async t => {
    const folder = tempFolder(t);
    shardOf(folder, 1);
    const asked = ['shard.jsonl', '--where', 'all', '--model', 'm'];
    const uses: [args: string[], reason: RegExp][] = [
      [['shard.jsonl', '--model', 'm', '--url', 'http://127.0.0.1:9'], /--where is missing/],
      [['shard.jsonl', '--where', 'all'], /--model is missing/],
      [asked, /--url is missing/],
      [
        [...asked, '--url', 'http://gpu.example:8000'],
        /gpu\.example:8000 is not this machine.*--allow-remote/,
      ],
      [[...asked, '--url', 'http://127.0.0.1:9', '--style', 'x'], /--style is record/],
      [[...asked, '--url', 'http://127.0.0.1:9', '--count', '9'], /--count is a number from 1 to 8/],
      [[...asked, '--batch-out', 'f', '--batch-in', 'g'], /not both/],
      [[...asked, '--batch-out', 'f', '--url', 'http://127.0.0.1:9'], /--url says nothing with --batch-out/],
      [[...asked, '--batch-out', 'f', '--style', 'alma'], /alma.*batch/],
      [['shard.jsonl', '--where', 'is:bad', '--model', 'm', '--batch-out', 'f'], /is:/],
      [[...asked, '--url', 'http://127.0.0.1:9'], /127\.0\.0\.1:9/],
    ];
    for (const [args, reason] of uses) {
      const { code, out, err } = await cli(folder, ...args);
      assert.deepEqual([code, out], [2, ''], err);
      assert.match(err, reason);
    }
    const other = await start(folder, process.execPath, [CLI, 'index', 'shard.jsonl', '--where', 'all']).done;
    assert.match(other.err, /--where is for regenerate/);
  });

  it('goes on after it was killed, and asks for nothing that was done', { timeout: 60_000 }, async t => {
    const folder = tempFolder(t);
    shardOf(folder, 1000);
    const server = await served(t, undefined, 20);
    const args = [
      'shard.jsonl',
      '--where',
      'all',
      '--url',
      server.url,
      '--api',
      'openai',
      '--model',
      'm',
      '--concurrency',
      '8',
      '--json',
    ];
    const first = start(folder, process.execPath, [CLI, 'regenerate', ...args]);
    while (server.answered.size < 300 && first.child.exitCode === null) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    first.child.kill('SIGKILL');
    const killed = await first.done;
    assert.equal(killed.code, null, `ended before it could be killed: ${killed.err}`);
    const { code, out, err } = await cli(folder, ...args);
    assert.equal(code, 0, err);
    assert.match(err, /going on where it was/);
    const report = JSON.parse(out) as {
      finished: boolean;
      done: number;
      skipped: number;
      outcomes: { good: number };
    };
    assert.deepEqual([report.finished, report.done], [true, 1000]);
    // Some may have got their proposal a moment before it was noted that they are done.
    assert.equal(report.outcomes.good + report.skipped, 1000);
    assert.ok(report.skipped <= 8, `${report.skipped} were passed over`);
    const twice = [...server.asked.values()].filter(times => times > 1).length;
    // Those that were being written, and those whose answer was there and not kept yet.
    assert.ok(twice <= 16, `${twice} were asked for twice`);
    assert.equal(server.asked.size, 1000);
  });

  it('asks for nothing twice after a run that is done, unless it is told to', async t => {
    const folder = tempFolder(t);
    shardOf(folder, 3);
    // The second one comes back in the language of its source.
    const server = await served(t, request => (numberIn(request) === 2 ? untranslated(2) : undefined));
    const args = ['shard.jsonl', '--where', 'all', '--url', server.url, '--model', 'm'];
    const first = await cli(folder, ...args);
    assert.equal(first.code, 1, first.err);
    assert.match(first.out, /Good proposals: 2\.\n {2}Proposals with a warning: 1\.\n$/);
    assert.equal(server.asked.size, 3);
    const second = await cli(folder, ...args);
    assert.equal(second.code, 0, second.err);
    assert.match(second.out, /3 of 3 records\n {2}Passed over, since they have a proposal already: 3\.\n$/);
    assert.deepEqual([...server.asked.values()], [1, 1, 1]);
    assert.equal((await cli(folder, ...args, '--again')).code, 1);
    assert.deepEqual([...server.asked.values()], [2, 2, 2]);
  });

  it('leaves a run that is not finished to the command that began it, unless it is told to forget it', async t => {
    const folder = tempFolder(t);
    shardOf(folder, 3);
    // The first is refused with its key, which stops the run.
    let isOpen = false;
    const refused = () => reply(401, { error: { message: 'no' } });
    const server = await served(t, () => (isOpen ? undefined : refused()));
    const command = (query: string, ...more: string[]) =>
      cli(folder, 'shard.jsonl', '--where', query, '--url', server.url, '--model', 'm', ...more);
    const stopped = await command('line:1-2');
    assert.equal(stopped.code, 2);
    assert.match(stopped.err, /the same command goes on with what is left/);
    isOpen = true;
    const before = server.requests.length;
    const other = await command('line:3');
    assert.deepEqual([other.code, other.out], [2, '']);
    assert.match(
      other.err,
      /another run of this shard is not finished: --where 'line:1-2' --model 'm'.*--forget/,
    );
    const asked = server.requests.slice(before).filter(({ method }) => method === 'POST');
    assert.deepEqual(asked, [], 'nothing is asked for');
    const anew = await command('line:3', '--forget');
    assert.equal(anew.code, 0, anew.err);
    assert.equal(candidatesOf(folder).length, 1);
  });

  it('warns of a model that the server does not list', async t => {
    const folder = tempFolder(t);
    shardOf(folder, 1);
    const models = { object: 'list', data: [{ id: 'gemma3:latest', object: 'model' }] };
    const server = await startScriptedServer(({ path, body }) =>
      path === '/v1/models'
        ? reply(200, models)
        : path === '/v1/chat/completions'
          ? [
              SSE,
              { write: answer([translationFor(body)]).replace('"prompt_tokens":12', '"prompt_tokens":9000') },
            ]
          : reply(404, {}),
    );
    t.after(() => server.close());
    const command = (model: string) =>
      cli(folder, 'shard.jsonl', '--where', 'all', '--url', server.url, '--model', model, '--again');
    const wrong = await command('gema');
    assert.equal(wrong.code, 0, wrong.err);
    assert.match(wrong.err, /does not list the model “gema”; it lists gemma3:latest/);
    assert.doesNotMatch((await command('gemma3')).err, /does not list/);
  });
});

describe('a batch', () => {
  it('comes back in any order, torn, with errors, and in both shapes', { timeout: 60_000 }, async t => {
    const folder = tempFolder(t);
    shardOf(folder, 40);
    const written = await cli(
      folder,
      'shard.jsonl',
      '--where',
      'all',
      '--model',
      'm',
      '--batch-out',
      'out.jsonl',
      '--json',
    );
    assert.equal(written.code, 0, written.err);
    const requests = linesOf(join(folder, 'out.jsonl')).map(
      line =>
        JSON.parse(line) as { custom_id: string; method: string; url: string; body: Record<string, unknown> },
    );
    assert.equal(new Set(requests.map(each => each.custom_id)).size, 40);
    for (const { method, url, body } of requests) {
      assert.deepEqual(
        [method, url, body['model'], 'stream' in body],
        ['POST', '/v1/chat/completions', 'm', false],
      );
      assert.ok('response_format' in body && 'temperature' in body && 'seed' in body && 'max_tokens' in body);
    }
    const results = requests.map(({ custom_id, body }, at) => {
      const answer = wholeAnswer(translationFor(JSON.stringify(body)), at === 1 ? 'length' : 'stop');
      if (at === 0) return { custom_id, response: null, error: { message: 'no' } };
      if (at === 2) return { custom_id, response: { status_code: 500, body: {} }, error: null };
      return {
        id: 'x',
        custom_id,
        response: at % 2 ? answer : { status_code: 200, body: answer },
        error: null,
      };
    });
    const lines = results.map(each => JSON.stringify(each)).reverse();
    const foreign = JSON.stringify({ custom_id: 'request-1', response: wholeAnswer('x') });
    writeFileSync(
      join(folder, 'in.jsonl'),
      `${[...lines, foreign, '{"custom', lines[3]].join('\n')}\n${lines[0]!.slice(0, 50)}`,
    );
    const joined = await cli(folder, 'shard.jsonl', '--batch-in', 'in.jsonl', '--json');
    assert.equal(joined.code, 1, joined.err);
    const report = JSON.parse(joined.out) as Record<string, unknown>;
    assert.deepEqual(report['outcomes'], {
      good: 37,
      suspect: 0,
      nothing: 0,
      'too-long': 0,
      unusable: 1,
      failed: 2,
      changed: 0,
    });
    assert.deepEqual(
      [report['unknown'], report['malformed'], report['repeated'], report['malformedLines']],
      [1, 2, 1, [42, 44]],
    );
    assert.equal(candidatesOf(folder).length, 37);
    const again = await cli(folder, 'shard.jsonl', '--batch-in', 'in.jsonl', '--json');
    assert.equal((JSON.parse(again.out) as { repeated: number }).repeated, 38);
    assert.equal(candidatesOf(folder).length, 37);
  });

  it('has ids that say the same back, whatever a key holds, and take nothing else for one', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(
        text,
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat(),
        (key, fields, ask, row) => {
          const id: BatchId = {
            key: key as UnitKey,
            fingerprint: '0123456789abcdef'.repeat(2) as Fingerprint,
            prompt: '0123456789abcdef',
            ...{
              mode: 'translate',
              style: 'record',
              split: 'field',
              fields,
              ...{ advice: key, finding: 'numbers' },
              ask,
              seed: 0,
              temperature: 0.7,
              topP: 1,
              row,
            },
          };
          const written = batchId(id);
          assert.deepEqual(readBatchId(JSON.parse(JSON.stringify(written)) as string), id);
          assert.equal(readBatchId(written.slice(0, -1)), undefined);
        },
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), hostile => {
        assert.equal(readBatchId(hostile), undefined);
        readResult(hostile);
      }),
    );
  });
});

describe('docs/regenerate.md', () => {
  it('names commands that run as they stand there', { timeout: 60_000 }, async t => {
    const text = readFileSync(join(process.cwd(), 'docs', 'regenerate.md'), 'utf8');
    const blocks = [...text.matchAll(/^```(\w[^\n]*)\n(.*?)^```$/gms)].map(([, kind, body]) => ({
      kind,
      body: body!.trim(),
    }));
    assert.deepEqual(
      blocks.map(({ kind }) => kind),
      ['sh', 'sh', 'sh needs-vllm', 'sh', 'python needs-ray', 'sh needs-ray'],
      'a block that no test runs and that is not marked',
    );
    const [online, out, , joined] = blocks.map(({ body }) => body);
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'data'));
    writeShard(join(folder, 'data'), [numbered(1, 'An apple has number 1.'), numbered(2)], 'pairs.jsonl');
    symlinkSync(join(process.cwd(), 'dist'), join(folder, 'dist'), 'dir');
    const server = await served(t);
    const run = (command: string) =>
      start(folder, 'bash', ['-ec', command], { URL: server.url, MODEL: 'm' }).done;
    const first = await run(online!);
    assert.equal(first.code, 0, first.err);
    assert.deepEqual([...server.asked.keys()], [1]);
    assert.equal((await run(out!)).code, 0);
    const results = linesOf(join(folder, 'requests.jsonl')).map(line => {
      const { custom_id, body } = JSON.parse(line) as { custom_id: string; body: object };
      return JSON.stringify({
        custom_id,
        response: { body: wholeAnswer(translationFor(JSON.stringify(body))) },
      });
    });
    writeFileSync(join(folder, 'results.jsonl'), results.join('\n'));
    const last = await run(joined!);
    assert.deepEqual([last.code, last.err], [0, '']);
    assert.match(last.out, /Good proposals: 2\./);
  });
});
