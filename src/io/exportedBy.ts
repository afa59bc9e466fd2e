/** What an export has made, by its manifest. */
import { dirname, join } from 'node:path';
import { parseManifest } from '../core/manifest';
import { readSettings } from './files';

/**
 * Others have files called manifest.json too: those that cannot be read as one of ours name nothing.
 * @param manifest path of a file that may be the manifest of an export
 * @returns paths of the files that it names, all of them in its own folder
 */
export async function exportedBy(manifest: string): Promise<readonly string[]> {
  const text = await readSettings(manifest).catch(() => undefined);
  const outputs = text === undefined ? [] : (parseManifest(text)?.outputs ?? []);
  return outputs.map(({ path }) => join(dirname(manifest), path));
}
