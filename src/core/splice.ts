/**
 * Writes texts into the JSON text of a record and leaves every other character as it stands: order and repetition of
 * members, white space, spellings of numbers, escapes.
 */
import { memberSpans, type MemberSpan } from './json';
import {
  readRecord,
  readSides,
  type Field,
  type Sha256,
  type Side,
  type SidePlan,
  type Sides,
  type Unit,
} from './record';

/** A field of one unit of a record and the text that it is to have. */
export interface TextEdit {
  /** Place of the unit among those of its record, from 0: each has a target of its own, the source is shared. */
  readonly unit: number;
  readonly side: Side;
  readonly name: string;
  readonly text: string;
}

/** The new text of the record and its units, or the field that cannot be written without changing more than itself. */
export type Spliced =
  | { readonly ok: true; readonly line: string; readonly units: readonly Unit[] }
  | { readonly ok: false; readonly side: Side; readonly name: string };

/** Positions are UTF-16 code units in the record's text, the end exclusive. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Replaces the values of the edited fields, and reads the result again to see that nothing but these changed: key,
 * languages, other texts and other members of every unit are those of before.
 *
 * A new value is spelled as `JSON.stringify` does, so that no line end gets into a row; where the value that it replaces
 * (or, if that has none but ASCII characters, the row) spells others as `\uXXXX`, so does the new one. That a row spells
 * `/` as `\/` is not imitated. A missing `input` is put behind `instruction`, spaced as its neighbour. Where a member is
 * repeated, the last one counts, as it does for `JSON.parse`.
 * @param line the record's JSON text
 * @param edits at least one; several of one source text must be the same
 */
export function spliceTexts(line: string, edits: readonly TextEdit[], sha256: Sha256): Spliced {
  const [first] = edits;
  const refused = ({ side, name }: Pick<TextEdit, 'side' | 'name'>): Spliced => ({ ok: false, side, name });
  const before = readRecord(line, sha256);
  if (!first) return { ok: true, line, units: before.ok ? before.units : [] };
  if (!before.ok) return refused(first);
  const sides = readSides(JSON.parse(line)) as Sides;

  // By place: units of one record may each bring the same edit of the source that they share.
  const replacements = new Map<number, Replacement>();
  for (const edit of edits) {
    const plan = edit.side === 'source' ? sides.source.plan : sides.targets[edit.unit]?.plan;
    const found = plan && replacement(line, plan, edit);
    if (!found) return refused(edit);
    replacements.set(found.start, found);
  }
  const spliced = replaceAll(line, [...replacements.values()]);
  const after = readRecord(spliced, sha256);
  const wrong = after.ok ? firstWrong(before.units, after.units, edits) : first;
  if (!after.ok || wrong) return refused(wrong ?? first);
  return { ok: true, line: spliced, units: after.units };
}

function replaceAll(line: string, replacements: readonly Replacement[]): string {
  let at = 0;
  let text = '';
  for (const each of replacements.toSorted((a, b) => a.start - b.start)) {
    text += line.slice(at, each.start) + each.text;
    at = each.end;
  }
  return text + line.slice(at);
}

/** @returns undefined where the record has no place for the field */
function replacement(line: string, plan: SidePlan, { name, text }: TextEdit): Replacement | undefined {
  const members = membersOf(line, plan.holder);
  const at = plan.fields.findIndex(field => field.name === name);
  const field = plan.fields[at];
  if (!members || !field) return undefined;
  const last = (member: string) => members.findLast(each => each.name === member);
  if (field.there) {
    const span = last(field.member);
    return span && { ...span, text: spell(text, line.slice(span.start, span.end), line) };
  }
  const neighbour = last(plan.fields[at - 1]?.member ?? '');
  return neighbour && insertion(line, members, neighbour, field.member, spell(text, '', line));
}

/** The members of the record itself, or of the one of its members that holds a side. */
function membersOf(line: string, holder: SidePlan['holder']): MemberSpan[] | undefined {
  const outer = memberSpans(line);
  if (holder === undefined) return outer;
  const span = outer.findLast(member => member.name === holder);
  return span && memberSpans(line, span.start);
}

/** A new member behind `neighbour`, with the white space that stands around the name beside it. */
function insertion(
  line: string,
  members: readonly MemberSpan[],
  neighbour: MemberSpan,
  name: string,
  value: string,
): Replacement | undefined {
  const index = members.indexOf(neighbour);
  const [left, right] = [members[index - 1], neighbour, members[index + 1]].filter(each => !!each).slice(-2);
  if (!left || !right) return undefined;
  const between = line.slice(left.end, right.start);
  const comma = between.slice(0, between.indexOf('"'));
  const colon = between.slice(between.lastIndexOf('"') + 1);
  const at = neighbour.end;
  return { start: at, end: at, text: `${comma}${JSON.stringify(name)}${colon}${value}` };
}

/** @param own the value as the row spells it now */
function spell(text: string, own: string, line: string): string {
  const json = JSON.stringify(text);
  const digits = escapeDigits(own) ?? escapeDigits(line) ?? 'none';
  if (digits === 'none') return json;
  return json.replace(/[\u007f-\uffff]/g, character => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${digits === 'upper' ? code.toUpperCase() : code}`;
  });
}

/** How a JSON text spells what is not ASCII: with which hexadecimal digits, or as itself; undefined if it has nothing such. */
function escapeDigits(json: string): 'upper' | 'lower' | 'none' | undefined {
  if (/[\u0080-\uffff]/.test(json)) return 'none';
  let found: 'lower' | undefined;
  // Both kinds of escapes are met, so that the backslash of `\\u00e9` begins none.
  for (const [, digits] of json.matchAll(/\\(?:u([0-9A-Fa-f]{4})|[^u])/g)) {
    if (digits === undefined || parseInt(digits, 16) < 0x80) continue;
    if (/[A-F]/.test(digits)) return 'upper';
    if (/[a-f]/.test(digits)) return 'lower';
    found = 'lower';
  }
  return found;
}

/** The first edit that the units do not show, or one of the edits where something else is not what it was. */
function firstWrong(
  before: readonly Unit[],
  after: readonly Unit[],
  edits: readonly TextEdit[],
): TextEdit | undefined {
  const wrong = edits.find(edit => textOf(after[edit.unit], edit) !== edit.text);
  if (wrong) return wrong;
  const same =
    before.length === after.length &&
    before.every((unit, index) => {
      const mine = edits.filter(edit => edit.side === 'source' || edit.unit === index);
      return JSON.stringify(content(unit, mine)) === JSON.stringify(content(after[index], mine));
    });
  // Usually a source, since that is shared and may be the record's name.
  return same ? undefined : (edits.find(edit => edit.side === 'source') ?? edits[0]);
}

function textOf(unit: Unit | undefined, { side, name }: TextEdit): string | undefined {
  return unit?.[side].find(field => field.name === name)?.text;
}

/** All that makes a unit but the texts of the edited fields. */
function content(unit: Unit | undefined, edits: readonly TextEdit[]): unknown {
  const rest = (side: Side, fields: readonly Field[] = []) =>
    fields.filter(({ name }) => !edits.some(edit => edit.side === side && edit.name === name));
  return {
    names: unit && [unit.source, unit.target].map(fields => fields.map(field => field.name)),
    source: rest('source', unit?.source),
    target: rest('target', unit?.target),
    about: [unit?.key, unit?.sourceLang, unit?.targetLang, unit?.others],
  };
}
