/**
 * Evaluation sets are told by their shape, which is that of no shard: SQuAD's (XQuAD, MLQA) in JSON and as a table, BBH's
 * examples, MMLU's table without a header.
 */
import { isObject, type JsonObject } from './jsonValue';

export const EVALUATION_SETS = ['XQuAD or MLQA', 'BBH', 'MMLU'] as const;
export type EvaluationSet = (typeof EVALUATION_SETS)[number];

export interface Evaluation {
  readonly set: EvaluationSet;
  /** As they are asked, without the text that they are about. */
  readonly questions: readonly string[];
}

const [SQUAD, BBH, MMLU] = EVALUATION_SETS;

/** The columns of the tables of XQuAD and MLQA; one release has their names translated into Italian. */
const SQUAD_COLUMNS: readonly (readonly [context: string, question: string, answers: string])[] = [
  ['context', 'question', 'answers'],
  ['contesto', 'domanda', 'risposte'],
];
const BBH_COLUMNS = ['input', 'target'];
/** Question, four choices, the letter of the right one. */
const MMLU_CELLS = 6;
const MMLU_ANSWER = /^[A-D]$/;
/** UTF-16 units of a question of MMLU that says enough by itself: “Which is true?” does not, without its choices. */
const TELLING_LENGTH = 60;

/**
 * @param value a parsed file, or what the first lines of JSON Lines hold, as a list
 * @returns undefined for what is none
 */
export function evaluationOfJson(value: unknown): Evaluation | undefined {
  if (Array.isArray(value)) return ofRows(value);
  if (!isObject(value)) return undefined;
  if (Array.isArray(value['examples'])) {
    const examples = value['examples'].filter(isObject);
    const isBbh =
      examples.length > 0 && examples.every(({ input, target }) => isText(input) && isText(target));
    return isBbh ? { set: BBH, questions: texts(examples, 'input') } : undefined;
  }
  const paragraphs = members([value], 'data').flatMap(each => members([each], 'paragraphs'));
  const asked = members(paragraphs, 'qas').filter(({ question }) => isText(question));
  const isSquad = asked.length > 0 && paragraphs.some(({ context }) => isText(context));
  return isSquad ? { set: SQUAD, questions: texts(asked, 'question') } : undefined;
}

/** Rows of `datasets`: `id, context, question, answers`. */
function ofRows(values: readonly unknown[]): Evaluation | undefined {
  const rows = values.filter(isObject);
  const isSquad = ({ context, question, answers }: JsonObject) =>
    isText(context) && isText(question) && isObject(answers);
  if (rows.length === 0 || !rows.every(isSquad)) return undefined;
  return { set: SQUAD, questions: texts(rows, 'question') };
}

/**
 * @param rows of a table, its first line too
 * @returns undefined for what is none
 */
export function evaluationOfTable(rows: readonly (readonly string[])[]): Evaluation | undefined {
  const [header = [], ...body] = rows;
  const names = header.map(name => name.trim().toLowerCase());
  if (names.length === BBH_COLUMNS.length && BBH_COLUMNS.every((name, at) => names[at] === name))
    return { set: BBH, questions: body.map(([input = '']) => input) };
  const columns = SQUAD_COLUMNS.find(each => each.every(name => names.includes(name)));
  if (columns) {
    const at = names.indexOf(columns[1]);
    return { set: SQUAD, questions: body.map(row => row[at] ?? '') };
  }
  const isMmlu = (row: readonly string[]) =>
    row.length === MMLU_CELLS && MMLU_ANSWER.test(row.at(-1)?.trim() ?? '');
  if (rows.length === 0 || !rows.every(isMmlu)) return undefined;
  return {
    set: MMLU,
    questions: rows.map(([question = '', ...rest]) =>
      question.length < TELLING_LENGTH ? [question, ...rest.slice(0, -1)].join(' ') : question,
    ),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** The objects in lists of one name. */
function members(objects: readonly JsonObject[], name: string): JsonObject[] {
  return objects.flatMap(each => {
    const list = each[name];
    return Array.isArray(list) ? list.filter(isObject) : [];
  });
}

function texts(objects: readonly JsonObject[], name: string): string[] {
  return objects.map(each => each[name]).filter(isText);
}
