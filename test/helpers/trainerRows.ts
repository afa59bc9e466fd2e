/** Demonstrations for tests of training files. */
import fc from 'fast-check';
import { instructionOf, type Demonstration, type UnitTexts } from '../../src/core/demonstration';
import type { Field, UnitKey } from '../../src/core/record';
import { alpaca, KEY } from './builders';

export function unitTexts(more: Partial<UnitTexts> = {}): UnitTexts {
  return {
    key: KEY,
    sourceLang: 'en',
    targetLang: 'de',
    source: alpaca('Name a colour.', '', 'Red'),
    target: alpaca('Nenne eine Farbe.', '', 'Rot'),
    original: alpaca('Nenne eine Farbe.', '', 'Rott'),
    ...more,
  };
}

/** A demonstration of these texts, with the answer `Rott` rejected. */
export function demonstration(more: Partial<Demonstration> = {}): Demonstration {
  return { ...instructionOf(unitTexts(), 'target')!, ...more };
}

/** What trips readers of texts: halves of surrogate pairs, ends of lines, directions, controls, BOM, quotes, nothing. */
const NASTY = [
  '',
  ' ',
  '\n',
  '\r\n',
  '\u0085',
  '\u2028',
  '\u2029',
  '\0',
  '\u200f',
  '\u202e',
  '\ufeff',
  '\ufffd',
  '"',
  '\\',
  '{}',
  'مرحبا',
  '😀',
  '\ud83d',
  '\ude00',
];

/** Any text, well-formed or not. */
export const anyText = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 6 })
  .map(parts => parts.join(''));

const anySide: fc.Arbitrary<Field[]> = fc
  .tuple(anyText, fc.option(anyText, { nil: undefined }), anyText)
  .map(([instruction, input, output]) =>
    alpaca(instruction, input ?? '', output).filter(({ name }) => name !== 'input' || input !== undefined),
  );

/** A unit of any texts, with an input or without. */
export const anyUnit: fc.Arbitrary<UnitTexts> = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
    source: anySide,
    target: anySide,
    original: anySide,
  })
  .map(({ id, ...texts }) => unitTexts({ key: `${id}@de` as UnitKey, ...texts }));
