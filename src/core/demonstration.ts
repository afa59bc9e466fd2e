/** From approved units to what a trainer reads. */
import type { Field, UnitKey } from './record';

/** One row of Alpaca JSON Lines. `input` is always a string: some trainers drop or refuse rows where it is missing. */
export interface AlpacaRow {
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
  readonly id: string;
}

/**
 * @param fields the current text of one side
 * @returns undefined for a side that is no instruction, such as a row of a parallel corpus
 */
export function alpacaRow(key: UnitKey, fields: readonly Field[]): AlpacaRow | undefined {
  const text = (name: string) => fields.find(field => field.name === name)?.text;
  const [instruction, input, output] = [text('instruction'), text('input'), text('output')];
  if (instruction === undefined || output === undefined) return undefined;
  return {
    instruction: wellFormed(instruction),
    input: wellFormed(input ?? ''),
    output: wellFormed(output),
    id: wellFormed(key),
  };
}

/** No tokenizer reads half of a surrogate pair: it becomes U+FFFD. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
