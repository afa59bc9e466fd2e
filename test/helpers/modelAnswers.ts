/** What a scripted server answers in place of a model. */
import { chunk, sse, SSE, type RecordedRequest, type Step } from './scriptedServer';

/** An answer that is this text. @param every UTF-16 units of a piece */
export function says(text: string, every = Math.max(1, text.length)): Step[] {
  const pieces = Array.from({ length: Math.ceil(text.length / every) }, (_, index) =>
    text.slice(index * every, (index + 1) * every),
  );
  const chunks = pieces.map(content => chunk({ content }));
  return [SSE, { write: [...chunks, chunk({}, 'stop'), sse('[DONE]')].join('') }];
}

/** The body of a request, and the fields that its schema asks for; none where plain text is asked for. */
export function asked({ body }: RecordedRequest) {
  const value = JSON.parse(body) as {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly seed: number;
    readonly temperature: number;
    readonly logprobs?: boolean;
    readonly response_format?: {
      readonly json_schema: { readonly schema: { readonly properties: Readonly<Record<string, unknown>> } };
    };
  };
  return { ...value, fields: Object.keys(value.response_format?.json_schema.schema.properties ?? {}) };
}

/** Answers each request with a text for each field. @param text of a field; its name is empty where there is no schema */
export function saysInEach(request: RecordedRequest, text: (name: string) => string): Step[] {
  const { fields } = asked(request);
  if (fields.length === 0) return says(text(''));
  return says(JSON.stringify(Object.fromEntries(fields.map(name => [name, text(name)]))));
}
