/** What the documents of the project show: their blocks of code, run and read by tests as they stand there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Between two fences: ```` ```sh needs-vllm ```` has the kind `sh` and the mark `needs-vllm`. */
export interface Block {
  readonly kind: string;
  readonly mark: string;
  readonly body: string;
}

/** @param file from the root of the project */
export function documentText(file: string): string {
  return readFileSync(join(process.cwd(), file), 'utf8');
}

/** The blocks of a document, in their order. */
export function blocksOf(file: string): Block[] {
  return [...documentText(file).matchAll(/^```([\w-]*)[ \t]*([^\n]*)\n(.*?)^```$/gms)].map(
    ([, kind = '', mark = '', body = '']) => ({ kind, mark: mark.trim(), body: body.trim() }),
  );
}

/** The only block of a kind with a mark. */
export function blockOf(file: string, kind: string, mark: string): string {
  const found = blocksOf(file).filter(block => block.kind === kind && block.mark === mark);
  const [block] = found;
  if (!block || found.length > 1) throw new Error(`${file} has ${found.length} blocks “${kind} ${mark}”.`);
  return block.body;
}

/** Runs what a document tells people to run; ends at the first failure, as a workflow does. */
export function runInBash(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', command], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}
