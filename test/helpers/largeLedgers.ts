/** Ledgers as a long review leaves them: three reviewers, five files, edits, decisions and comments on 60,000 units. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodeEvent, type Decision, type NewEvent, type ReviewEvent } from '../../src/core/events';
import type { UnitKey } from '../../src/core/record';
import { print, sha256 } from './builders';
import { ledgerOf } from './shardFixture';

const WRITERS = [
  { reviewer: 'anna', clone: 'aaaaaa' },
  { reviewer: 'anna', clone: 'aaaaab' },
  { reviewer: 'bela', clone: 'bbbbbb' },
  { reviewer: 'bela', clone: 'bbbbbc' },
  { reviewer: 'carla', clone: 'cccccc' },
] as const;
const UNITS = 60_000;
/** Latin letters, an alphabet of its own, and one without spaces: what texts are made of decides how fast they are read. */
const TEXTS = [
  'Drei Tipps für ein gesundes Leben: ausgewogen essen, regelmäßig bewegen und genug schlafen. ',
  'تناول نظامًا غذائيًا متوازنًا ومارس الرياضة بانتظام واحصل على قسط كافٍ من النوم. ',
  '保持健康的三个建议：均衡饮食，经常锻炼身体，保证充足的睡眠，并且少喝酒。',
];

/**
 * Writes the ledgers of a shard. The same count gives the same bytes.
 * @returns their paths
 */
export function writeLargeLedgers(shard: string, count: number): string[] {
  const lines = new Map<string, string[]>();
  for (let made = 0; made < count; made++) {
    const writer = WRITERS[(made * 7) % WRITERS.length]!;
    const file = ledgerOf(shard, writer);
    const line = encodeEvent(largeEvent(made, writer.reviewer));
    const known = lines.get(file);
    if (known) known.push(line);
    else lines.set(file, [line]);
  }
  for (const [file, all] of lines) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${all.join('\n')}\n`);
  }
  return [...lines.keys()];
}

function largeEvent(made: number, by: string): ReviewEvent {
  const id = `01JZ${String(made).padStart(22, '0')}`;
  const at = new Date(Date.UTC(2025, 0, 1) + made * 1000).toISOString();
  const unit = (made * 7919) % UNITS;
  const key = `alpaca-${unit}@${['de', 'ar', 'zh'][unit % 3]!}` as UnitKey;
  return { v: 1, id, seq: made + 1, at, by, key, line: unit + 1, ...content(made, unit) } as ReviewEvent;
}

function content(made: number, unit: number): Partial<NewEvent> {
  const text = `${made} ${TEXTS[unit % 3]!.repeat(1 + (made % 3))}`;
  const [base, result] = [print(String(unit)), print(String(made))];
  switch (made % 10) {
    case 0:
      return { type: 'comment', text: text.slice(0, 80) };
    case 1:
    case 2:
    case 3:
    case 4:
      return {
        type: 'edit',
        fields: [
          { side: 'target', name: 'instruction', text: text.slice(0, 60) },
          { side: 'target', name: 'output', text },
        ],
        parents: [],
        base,
        result,
        ...(made % 20 === 1 ? { candidate: candidate(made) } : {}),
      };
    default: {
      const decision: Decision = made % 10 === 5 ? 'needs-work' : 'approve';
      const target = [
        ['instruction', text.slice(0, 60)],
        ['input', ''],
        ['output', text],
      ] as const;
      return {
        type: 'decide',
        decision,
        fingerprint: result,
        head: [],
        reasons: [],
        ...(decision === 'approve' ? { target } : { note: text.slice(0, 40) }),
      };
    }
  }
}

const candidate = (made: number) => ({
  model: 'qwen2.5-7b-instruct',
  parameters: { temperature: 0.7, top_p: 0.9, maxTokens: 512 },
  prompt: sha256(String(made)).slice(0, 16),
});
