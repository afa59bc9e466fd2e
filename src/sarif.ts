/** Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a change. */
import type { Finding, Severity } from './core/check';
import { CHECKS } from './core/checks';
import { CORPUS_CHECKS } from './core/corpus';
import { english, say } from './core/messages';
import { NEAR_DUPLICATE } from './core/nearDuplicates';
import type { UnitKey } from './core/record';
import { sha256 } from './io/passes';
import { uriFrom } from './io/paths';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };
/** Stands for the folder in which the command is run: in CI the root of the repository. */
const ROOT = 'SRCROOT';
/** Raised when the same finding gets another fingerprint. */
const FINGERPRINT = 'crossalpacaFinding/v1';

const RULES = [...CHECKS, ...CORPUS_CHECKS, NEAR_DUPLICATE].map(({ id, title, severity }) => {
  const text = english(say(title));
  return {
    id,
    shortDescription: { text },
    fullDescription: { text: `${text}.` },
    help: {
      text: `${text}. By itself a finding of severity “${severity}”; the policy of the team can set another, or turn the check off, for each language (“severities” in .crossalpaca/policy.json). A reviewer can set a single finding aside in the editor, which holds as long as the text stays the same.`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
  };
});
const RULE_INDEX = new Map(RULES.map(({ id }, index) => [id, index]));

/** What comes before the results, and after them, which are to be separated by commas. */
export function sarifFrame(version: string): readonly [before: string, after: string] {
  const run = {
    tool: { driver: { name: 'CrossAlpaca', version, rules: RULES } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: {
      [ROOT]: { description: { text: 'The folder in which the command was run.' } },
    },
    results: [],
  };
  const json = JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] });
  const [before = '', after = ''] = json.split('"results":[]');
  return [`${before}"results":[`, `]${after}`];
}

/**
 * One result.
 * @param path of the shard, absolute
 * @param line of the file on which its record begins, from 1
 */
export function sarifResult(
  { path, line, key }: { readonly path: string; readonly line: number; readonly key: UnitKey },
  { check, severity, side, field, message, start, end }: Finding,
  text: string,
): object {
  const place = `${key}/${side}/${field}`;
  return {
    ruleId: check,
    ruleIndex: RULE_INDEX.get(check) ?? -1,
    level: LEVELS[severity],
    message: { text: english(message) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactLocation(path),
          region: { startLine: line },
        },
        logicalLocations: [{ name: key, fullyQualifiedName: place, kind: 'value' }],
      },
    ],
    // Neither where the record stands nor where in its field: both change when something before it does.
    partialFingerprints: {
      [FINGERPRINT]: sha256(JSON.stringify([key, check, side, field, text.slice(start, end)])).slice(0, 32),
    },
  };
}

function artifactLocation(path: string): object {
  const uri = uriFrom(process.cwd(), path);
  // One that is absolute has no base.
  return uri.startsWith('file:') ? { uri } : { uri, uriBaseId: ROOT };
}
