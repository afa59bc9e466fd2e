/** `npm run bench [-- NAME...]`: runs measurements of `test/bench`; some need data that is not part of the repository. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, ensureNode, root } from './setup.mjs';

ensureNode();
await ensureDependencies();
const { build } = await import('esbuild');
const known = readdirSync(join(root, 'test', 'bench')).map(name => name.replace(/\.ts$/, ''));
const wanted = process.argv.slice(2);
const unknown = wanted.find(name => !known.includes(name));
if (unknown) throw new Error(`There is no measurement ${unknown}: name any of ${known.join(', ')}.`);
for (const name of wanted.length > 0 ? wanted : known) {
  const outfile = join(root, 'out', 'bench', `${name}.cjs`);
  const entry = join(root, 'test', 'bench', `${name}.ts`);
  await build({
    entryPoints: [
      { in: entry, out: name },
      { in: join(root, 'src', 'io', 'worker.ts'), out: 'worker' },
    ],
    outdir: join(root, 'out', 'bench'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  });
  const { status } = spawnSync(process.execPath, [outfile], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
