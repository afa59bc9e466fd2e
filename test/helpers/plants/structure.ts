/** Mistakes in the shape of a text. */
import { FieldPair, type CheckInput } from '../../../src/core/check';
import { lengthRatioName } from '../../../src/core/checks/structure';
import type { Plant } from '../plant';

/**
 * Changes one target field, chosen at random among those that can be changed.
 * @param change what the field becomes; undefined where there is no place for the mistake
 */
export function inOneField(
  unit: CheckInput,
  random: () => number,
  change: (pair: FieldPair) => string | undefined,
): CheckInput | undefined {
  const changes = unit.target.flatMap(({ name, text }, index) => {
    const pair = new FieldPair(name, unit.source[index]?.text ?? '', text);
    const changed = pair.isCode ? undefined : change(pair);
    const code = changed !== undefined && new FieldPair(name, '', changed).isCode;
    return changed === undefined || changed === text || code ? [] : [{ name, text: changed }];
  });
  const chosen = changes[Math.floor(random() * changes.length)];
  if (!chosen) return undefined;
  return { ...unit, target: unit.target.map(field => (field.name === chosen.name ? chosen : field)) };
}

const filled = (text: string) => /[\p{L}\p{N}]/u.test(text);
const filledLines = (text: string) => text.split('\n').filter(line => line.trim() !== '');
const NUMBERED = /^\d{1,2}[.)] /;

const structure = (
  check: string,
  kind: string,
  change: (pair: FieldPair, unit: CheckInput, random: () => number) => string | undefined,
): Plant => ({
  check,
  kind,
  plant: (unit, random) => inOneField(unit, random, pair => change(pair, unit, random)),
});

/** The median of a field, if it is long enough for it to tell. */
function telling({ name, source }: FieldPair, { facts, targetLang }: CheckInput): number | undefined {
  return source.length < 40 ? undefined : facts?.lengthRatios.get(lengthRatioName(targetLang, name));
}

export const PLANTS: readonly Plant[] = [
  structure('emptied', 'empty', ({ source, target }) => (filled(source) && filled(target) ? '' : undefined)),
  structure('emptied', 'blank', ({ source, target }) =>
    filled(source) && filled(target) ? ' \u200b\n' : undefined,
  ),
  structure('too-long', 'long', ({ target }) =>
    target.trim() === '' ? undefined : `${target}\n`.repeat(Math.ceil(140_000 / (target.length + 1))),
  ),
  structure('filled', 'text', ({ source }, unit) =>
    source.trim() === '' ? unit.target.find(({ text }) => filled(text))?.text : undefined,
  ),
  structure('lines', 'lost', ({ source, target }) => {
    const lines = filledLines(target);
    if (lines.length < 3 || filledLines(source).length < lines.length) return undefined;
    return lines.slice(0, -2).join('\n');
  }),
  structure('lines', 'joined', ({ source, target }) => {
    const lines = filledLines(target);
    return lines.length < 3 || filledLines(source).length < lines.length ? undefined : lines.join(' ');
  }),
  structure('list', 'lost', ({ source, target }, _, random) => {
    const lines = target.split('\n');
    const items = lines.filter(line => NUMBERED.test(line));
    if (items.length < 2 || filledLines(source).filter(line => NUMBERED.test(line)).length < items.length)
      return undefined;
    const lost = items[Math.floor(random() * items.length)];
    // The rest numbered anew, as a translator would write it.
    let number = 1;
    return lines
      .filter(line => line !== lost)
      .map(line => (NUMBERED.test(line) ? line.replace(/^\d+/, String(number++)) : line))
      .join('\n');
  }),
  structure('list', 'renumbered', ({ source, target }) => {
    const found = source.match(/^\d{1,2}[.)] /gm) ?? [];
    return found.length < 2 ? undefined : target.replace(/^(\d{1,2})(?=[.)] )/gm, '1');
  }),
  structure('length', 'short', (pair, unit) => {
    const median = telling(pair, unit);
    return median === undefined
      ? undefined
      : pair.target.slice(0, Math.floor(0.25 * pair.source.length * median));
  }),
  structure('length', 'long', (pair, unit) => {
    const median = telling(pair, unit);
    const wanted = 4 * pair.source.length * (median ?? 0);
    if (median === undefined || pair.target === '') return undefined;
    return pair.target.repeat(Math.ceil(wanted / pair.target.length));
  }),
  structure('last-character', 'mark lost', ({ source, target }, unit) =>
    ['ja', 'th'].includes(unit.targetLang) || !/[?:]$/.test(source)
      ? undefined
      : target.replace(/[?？؟:：]$/, ''),
  ),
  structure('brackets', 'not closed', ({ source, target }) => {
    const at = target.search(/[)）]/);
    const balanced = (text: string, open: RegExp, close: RegExp) =>
      text.match(open)?.length === text.match(close)?.length;
    const paired = [source, target].every(text => balanced(text, /[(（]/g, /[)）]/g));
    // A label such as “a)” or a smile is no bracket, and one line of each is enough here.
    if (at < 0 || !paired || /[:;]-?[()]/.test(source + target)) return undefined;
    return target.slice(0, at) + target.slice(at + 1);
  }),
  structure('brackets', 'quotation mark lost', ({ source, target }) => {
    const marks = /["“”„]/g;
    const even = (text: string) => (text.match(marks)?.length ?? 0) % 2 === 0;
    if (
      !even(source) ||
      !even(target) ||
      /(?:^|[\s(])['‘]|['’](?:$|[\s.,;:!?)])|\d ?["”]/.test(source + target)
    )
      return undefined;
    const last = target.search(/["“”][^"“”]*$/);
    return last < 0 ? undefined : target.slice(0, last) + target.slice(last + 1);
  }),
];
