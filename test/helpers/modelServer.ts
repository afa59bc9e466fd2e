/** A server whose model translates any record of {@link numbered} well, and the shard of such records. */
import { setTimeout } from 'node:timers/promises';
import {
  answer,
  reply,
  SSE,
  startScriptedServer,
  type RecordedRequest,
  type ScriptedServer,
  type Steps,
} from './scriptedServer';

/** A record whose source names its number, so that a server knows what it is asked about. */
export function numbered(number: number, output = 'Falsch.'): string {
  const side = (instruction: string, text: string) => ({ instruction, input: '', output: text });
  return JSON.stringify({
    id: `n${number}`,
    source: side(`Name the fruit with number ${number}.`, `An apple has number ${number}.`),
    target: side(`Nenne die Frucht mit der Nummer ${number}.`, output),
    source_lang: 'en',
    target_lang: 'de',
  });
}

/** The number of the record that a request is about. */
export function numberIn({ body }: Pick<RecordedRequest, 'body'>): number {
  return Number(/number (\d+)/.exec(body)?.[1] ?? -1);
}

/** What the model says to a request: JSON by its schema, or the text alone. */
export function translationFor(body: string): string {
  const number = numberIn({ body });
  const texts: Record<string, string> = {
    instruction: `Nenne die Frucht mit der Nummer ${number}.`,
    input: '',
    output: `Ein Apfel hat die Nummer ${number}.`,
  };
  const { response_format: format } = JSON.parse(body) as {
    response_format?: { json_schema: { schema: { properties: Record<string, unknown> } } };
  };
  if (!format) return texts['output'] ?? '';
  const names = Object.keys(format.json_schema.schema.properties);
  return JSON.stringify(Object.fromEntries(names.map(name => [name, texts[name] ?? ''])));
}

export interface ModelServer extends ScriptedServer {
  /** Generations that were asked for, by the number of the record. */
  readonly asked: ReadonlyMap<number, number>;
  /** Those that were answered wholly, as well. */
  readonly answered: ReadonlyMap<number, number>;
}

/**
 * @param instead what happens to a request in place of the answer; undefined: it is answered
 * @param delay milliseconds before an answer; or what is waited for, by the number of the record
 */
export async function startModelServer(
  instead: (request: RecordedRequest, index: number) => Steps | undefined = () => undefined,
  delay: number | ((number: number) => Promise<unknown>) = 0,
  port = 0,
): Promise<ModelServer> {
  const [asked, answered] = [new Map<number, number>(), new Map<number, number>()];
  const count = (map: Map<number, number>, number: number) => map.set(number, (map.get(number) ?? 0) + 1);
  let index = 0;
  const server = await startScriptedServer(async function* (request) {
    if (request.path !== '/v1/chat/completions') {
      yield* reply(404, { error: { message: 'no such path' } });
      return;
    }
    const number = numberIn(request);
    count(asked, number);
    if (typeof delay === 'function') await delay(number);
    else if (delay > 0) await setTimeout(delay);
    const other = instead(request, index++);
    if (other) {
      yield* other as Iterable<never>;
      return;
    }
    yield SSE;
    // As many tokens read as any of these requests has, else they would count as cut.
    yield {
      write: answer([translationFor(request.body)]).replace('"prompt_tokens":12', '"prompt_tokens":9000'),
    };
    count(answered, number);
  }, port);
  return Object.assign(Object.create(server) as ScriptedServer, {
    asked,
    answered,
    url: server.url,
    requests: server.requests,
    request: (at: number) => server.request(at),
    close: () => server.close(),
  });
}

/** A stream of the answer to a batch, as a server would give it at once. */
export function wholeAnswer(content: string, finish: string | null = 'stop'): object {
  return {
    id: 'chat-1',
    object: 'chat.completion',
    model: 'served-model',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
  };
}
