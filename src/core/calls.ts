/** Calls as they arrive: the page shows hostile text, so what it sends is looked at before anything is done. */
import type { Decision } from './events';
import { isObject } from './jsonValue';
import { isLook } from './look';
import { PAGE_COMMANDS, type Call, type Direction, type Method } from './protocol';
import type { Side } from './record';
import { MAX_ADVICE, MAX_COUNT, MODES, SPLITS } from './regeneration';

type Guard = (value: unknown) => boolean;
const integer: Guard = value => Number.isSafeInteger(value) && (value as number) >= 0;
const text: Guard = value => typeof value === 'string';
const oneOf =
  (values: readonly string[]): Guard =>
  value =>
    values.includes(value as string);
const target: Guard = value =>
  isObject(value) && integer(value['row']) && text(value['key']) && text(value['fingerprint']);
const side = oneOf(['source', 'target'] satisfies Side[]);
const visited: Guard = value =>
  isObject(value) && integer(value['row']) && (value['key'] === null || text(value['key']));
const place: Guard = value => isObject(value) && (integer(value['position']) || visited(value));

const verdict: Guard = value => isObject(value) && isTextList(value['reasons']) && text(value['note']);
const isTextList: Guard = value => Array.isArray(value) && value.every(text);
const orNull =
  (guard: Guard): Guard =>
  value =>
    value === null || guard(value);
const change: Guard = value => {
  if (!isObject(value)) return false;
  if (value['kind'] === 'assign') return text(value['to']);
  if (value['kind'] === 'decide')
    return (
      ['approve', 'reject', 'needs-work'].includes(value['decision'] as string) && verdict(value['verdict'])
    );
  return (
    value['kind'] === 'replace' &&
    text(value['find']) &&
    text(value['replacement']) &&
    typeof value['matchCase'] === 'boolean'
  );
};
const ignoredPlace: Guard = value =>
  isObject(value) && text(value['check']) && side(value['side']) && text(value['field']);

const wish: Guard = value =>
  isObject(value) &&
  oneOf(MODES)(value['mode']) &&
  oneOf(SPLITS)(value['split']) &&
  isTextList(value['fields']) &&
  text(value['advice']) &&
  (value['advice'] as string).length <= MAX_ADVICE &&
  orNull(ignoredPlace)(value['finding']) &&
  integer(value['count']) &&
  (value['count'] as number) >= 1 &&
  (value['count'] as number) <= MAX_COUNT;
const isFieldTexts: Guard = value =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(text));

const PARAMS: Readonly<Record<Method, readonly Guard[]>> = {
  start: [],
  rows: [integer, integer],
  unit: [place],
  nextPending: [integer],
  ask: [text],
  askAgain: [],
  cancelSearch: [],
  draft: [target, side, text, orNull(text)],
  check: [target],
  nextFinding: [integer, oneOf(['next', 'previous'] satisfies Direction[])],
  commit: [target],
  decide: [target, oneOf(['approve', 'needs-work', 'reject', 'skip'] satisfies Decision[]), verdict],
  keep: [target, text],
  comment: [target, text, orNull(text)],
  resolve: [target, text],
  assign: [target, text],
  withdraw: [target],
  ignore: [target, ignoredPlace, text],
  stopIgnoring: [target, text],
  restore: [target, orNull(text)],
  settle: [target, text, oneOf(['take', 'dismiss'])],
  bulkPrepare: [change],
  bulkRows: [integer, integer],
  bulkTick: [orNull(integer), value => typeof value === 'boolean'],
  bulkCommit: [],
  bulkCancel: [],
  undo: [],
  redo: [],
  regenerate: [target, wish, integer],
  cancel: [value => integer(value) || text(value)],
  showRequest: [target, wish],
  accept: [target, text, orNull(isFieldTexts)],
  discard: [target, text],
  signals: [target, text],
  showLanguage: [text],
  run: [oneOf(PAGE_COMMANDS)],
  visit: [visited],
  keepLook: [isLook],
};

/** Whether what arrived from the page is a call of `HostApi` with parameters of the right kind. */
export function isCall(message: unknown): message is Call {
  if (!isObject(message) || !integer(message['id'])) return false;
  const { method, params } = message;
  if (typeof method !== 'string' || !Object.hasOwn(PARAMS, method) || !Array.isArray(params)) return false;
  const guards = PARAMS[method as Method];
  return params.length === guards.length && guards.every((guard, index) => guard(params[index]));
}
