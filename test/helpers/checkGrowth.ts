/** Whether the time of each check is linear in the length of a text, whatever the text is. */
import type { Check, CheckInput } from '../../src/core/check';
import { CHECKS, runChecks } from '../../src/core/checks';
import type { Measured } from './benchReport';
import { randomOf } from './twoLanguages';

const SHORT = 100_000;
const LONG = 1_000_000;
const GOAL = 12;
/** A long text that takes less is no burden, and its time is mostly the clock's and the collector's. */
const NOTHING_MS = 25;
/** More time for the short one means that the long one would hold the bench up. */
const HOPELESS_MS = 3000;
const ATTEMPTS = 8;

const repeated = (piece: string) => (length: number) =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** UTF-16 units of any plane, lone surrogates among them. */
const anyUnicode = (length: number) => {
  const random = randomOf(7);
  const units = Array.from({ length }, () => Math.floor(random() * 0x10000));
  let text = '';
  for (let at = 0; at < length; at += 10_000) text += String.fromCharCode(...units.slice(at, at + 10_000));
  return text;
};
const someHan = (length: number) => {
  const random = randomOf(8);
  return Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 0x5000))).join('');
};

const NASTY: Readonly<Record<string, (length: number) => string>> = {
  ...Object.fromEntries(
    [
      ' ', 'a', '(', ')(', '<', '<a ', '<a>', '7', '7 ', '1,', '1.', '\n', '- \n', '1. a\n', '"', '„', "'a", '{', '{{', '[', '_', '__ ', '=', '- ',
      '`', '```\n', '$a', 'a@', 'a/', 'http://', 'a b ', 'the ', 'Of The ', 'ab. ', 'ä', 'é\u0301', '中', '，', '。中', 'ア', 'ا ', '٣', 'ก', '\u200b',
      '\u202e', '\ufffd', 'Ã¤', '\ud800', '😀', '\\', '&amp;', '%20', '|a', '!?', 'aaab', 'x = 1;\n', '### ',
    ].map(piece => [JSON.stringify(piece), repeated(piece)]),
  ), // prettier-ignore
  'any Unicode': anyUnicode,
  Han: someHan,
};

/** @returns for each check the text on which it grows most */
export function measureGrowth(): Measured[] {
  const texts = Object.entries(NASTY).map(([name, make]) => ({ name, short: make(SHORT), long: make(LONG) }));
  return CHECKS.map(check => {
    let worst = { ratio: 0, name: 'any text', short: 0, long: 0 };
    for (const { name, short, long } of texts) {
      for (const isCopy of [true, false]) {
        const grown = growth(check, unitOf(short, isCopy), unitOf(long, isCopy));
        if (grown.ratio > worst.ratio) worst = { ...grown, name: isCopy ? `${name}, copied` : name };
      }
    }
    return {
      what: `${check.id}: 1 MB of ${worst.name}`,
      value: worst.long,
      unit: 'ms',
      reference: { name: '100 KB of it', value: worst.short },
      ratio: worst.ratio,
      goal: { most: GOAL },
    };
  });
}

/** In each field that any check looks at; with all that a check may need. */
function unitOf(text: string, isCopy: boolean): CheckInput {
  const fields = (output: string) => [
    { name: 'instruction', text: 'Say what it is.' },
    { name: 'input', text: '' },
    { name: 'output', text: output },
  ];
  return {
    sourceLang: 'en',
    targetLang: 'zh',
    source: fields(text),
    target: fields(isCopy ? text : `${text.slice(0, -2)}.b`),
    settings: {
      terms: [
        { source: 'a', target: 'b', rule: 'must' },
        { source: 'the', target: 'aab', rule: 'forbidden' },
      ],
      register: 'formal',
      variant: 'Hans',
    },
    facts: { lengthRatios: new Map([['zh output', 1]]) },
  };
}

/** Measured again while it looks too much, since a busy machine makes any single run slow. */
function growth(check: Check, short: CheckInput, long: CheckInput) {
  const time = (unit: CheckInput) => {
    const start = performance.now();
    runChecks(unit, [check]);
    return performance.now() - start;
  };
  let best = { ratio: Infinity, short: time(short), long: Infinity };
  if (best.short > HOPELESS_MS) return { ...best, long: NaN };
  for (let attempt = 0; attempt < ATTEMPTS && best.ratio > GOAL; attempt++) {
    const times = { short: Math.min(best.short, time(short)), long: Math.min(best.long, time(long)) };
    best = { ...times, ratio: times.long < NOTHING_MS ? 0 : times.long / times.short };
  }
  return best;
}
