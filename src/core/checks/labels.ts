/** Labels of a classification: the answer is one of those that the task offers. */
import type { Check, CheckedUnit, Hit } from '../check';
import { say } from '../messages';

/** UTF-16 units and words of an answer that may be a label. */
const MAX_LABEL = 30;
const MAX_WORDS = 3;
/** Nothing that means something in a regular expression. */
const LABEL = /^[\p{L}\p{M}\p{N} -]+$/u;
/** In a longer target a label would be looked for in a sentence. */
const MAX_ANSWER = 60;
/** Tasks are short; a longer text is what is classified. */
const MAX_TASK = 5000;

/** Of the whole unit, since labels stand in the instruction or in the input, and answers in the output. */
function labelHits(unit: CheckedUnit): Hit[] {
  const output = unit.pairs.find(({ name }) => name === 'output');
  const tasks = unit.pairs.filter(({ name }) => name === 'instruction' || name === 'input');
  if (!output || tasks.length === 0 || output.target.length > MAX_ANSWER) return [];
  if (output.source.length > MAX_ANSWER) return [];
  const label = bare(output.source);
  if (label.length < 3 || label.length > MAX_LABEL || label.split(' ').length > MAX_WORDS) return [];
  const task = (side: 'source' | 'target') => tasks.map(pair => pair[side].slice(0, MAX_TASK)).join('\n');
  if (!LABEL.test(label) || !isOffered(label, task('source'))) return [];
  const target = bare(output.target);
  if (target === '' || target === label || isAmong(target, fold(task('target')))) return [];
  const start = output.target.length - output.target.trimStart().length;
  const end = Math.max(start, output.target.trimEnd().length);
  return [{ field: 'output', start, end, message: say('tasks.label', output.target.trim()) }];
}

export const LABELS: Check = {
  id: 'labels',
  title: 'check.labels',
  severity: 'warning',
  needs: ['source'],
  run: labelHits,
};

/** Without what stands around a label: quotation marks, a full stop. */
const bare = (text: string) =>
  fold(text)
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, '')
    .replace(/\s+/g, ' ');

/** In lower case and without marks on letters: `ä` may become `a` when a label is inflected. */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();
}

/** What stands between two labels of a list, with an article, and quotation marks around both. */
const CLOSING = '["”’\')]?';
const OPENING = '["“‘\'(]?(?:an? |the )?';
/** What a label stands beside where it is one of several to choose from. */
const BETWEEN = '(?:,? or |\\s?/\\s?|\\s?\\|\\s?)';

/** Whether an English task lists a label among others: “positive, negative or neutral”, “true/false”. */
function isOffered(label: string, task: string): boolean {
  const text = task.toLowerCase();
  if (!text.includes(label)) return false;
  const others = `(?:, ?["“‘']?[^,.?!\\n]{1,25}){0,6}`;
  return new RegExp(
    `(?<![\\p{L}-])${label}${CLOSING}${others}${BETWEEN}|${BETWEEN}${OPENING}${label}(?![\\p{L}-])`,
    'u',
  ).test(text);
}

/** Letters of a word that change least: its beginning. */
const [MIN_STEM, MAX_STEM] = [4, 5];
const ENDING = 3;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** Whether a task has any word of an answer, whatever its ending. */
function isAmong(answer: string, task: string): boolean {
  if (UNSPACED.test(answer)) {
    const letters = Array.from(answer);
    // One character in common is enough of a label of two: 真 and 真的.
    const size = letters.length <= 3 ? 1 : 2;
    return letters.some((_, index) => {
      const part = letters.slice(index, index + size);
      return part.length === size && task.includes(part.join(''));
    });
  }
  return answer.split(/[^\p{L}\p{M}\p{N}]+/u).some(word => {
    const root = word.replace(/^(?:ال|un(?=.{5})|in(?=.{5}))/u, '');
    if (root.length < 2) return false;
    const stem = Math.max(MIN_STEM, Math.min(MAX_STEM, root.length - ENDING));
    return task.includes(root.slice(0, stem));
  });
}
