import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { identify, readAt, replaceFile, sameContent, withFile } from '../../src/io/files';
import { contentsOf, tempFolder, userError } from '../helpers/shardFixture';

describe('replacing a file', () => {
  it('shows the old content until the new one is whole, then the new one', async t => {
    const folder = tempFolder(t);
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const written = await replaceFile(path, async file => {
      await file.write('new ');
      assert.equal(readFileSync(path, 'utf8'), 'old');
      await file.write('content');
      return 7;
    });
    assert.equal(written, 7);
    assert.deepEqual(contentsOf(folder), { [path]: 'new content' });
  });

  it('changes nothing where writing fails', async t => {
    const folder = tempFolder(t);
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const failing = replaceFile(path, async file => {
      await file.write('half');
      throw new Error('stop');
    });
    await assert.rejects(failing, { message: 'stop' });
    assert.deepEqual(contentsOf(folder), { [path]: 'old' });
  });

  it('leaves no temporary file where the target cannot be replaced', async t => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
    const before = contentsOf(folder);
    await assert.rejects(replaceFile(join(folder, 'taken'), file => file.writeFile('x')));
    assert.deepEqual(contentsOf(folder), before);
  });

  it('lets two that write at once each write a whole file', async t => {
    const folder = tempFolder(t);
    const path = join(folder, 'file');
    const texts = ['a'.repeat(100_000), 'b'.repeat(50_000)];
    await Promise.all(texts.map(text => replaceFile(path, file => file.writeFile(text))));
    assert.ok(texts.includes(readFileSync(path, 'utf8')));
    assert.deepEqual(Object.keys(contentsOf(folder)), [path]);
  });
});

describe('reading a file', () => {
  it('reads at a position, and less only at the end', async t => {
    const path = join(tempFolder(t), 'file');
    writeFileSync(path, '0123456789');
    const texts = await withFile(path, async file => {
      const reads = [
        await readAt(file, 3, 4),
        await readAt(file, 8, 9),
        await readAt(file, 20, 5),
        await readAt(file, 0, 0),
      ];
      return reads.map(String);
    });
    assert.deepEqual(texts, ['3456', '89', '', '']);
  });

  it('closes the file also where reading it fails', async t => {
    const path = join(tempFolder(t), 'file');
    writeFileSync(path, 'x');
    let handle: FileHandle | undefined;
    const reading = withFile(path, file => {
      handle = file;
      return Promise.reject(new Error('stop'));
    });
    await assert.rejects(reading, { message: 'stop' });
    assert.equal(handle?.fd, -1);
  });

  it('says plainly what cannot be read', async t => {
    const folder = tempFolder(t);
    symlinkSync('loop', join(folder, 'loop'));
    const read = (path: string) => withFile(path, () => Promise.resolve());
    await assert.rejects(read(join(folder, 'none')), userError('file.missing'));
    await assert.rejects(read(folder), userError('file.directory'));
    await assert.rejects(read(join(folder, 'loop')), userError('file.unreadable'));
  });

  it('tells one content from another without reading it', async t => {
    const path = join(tempFolder(t), 'file');
    writeFileSync(path, 'one');
    const before = await identify(path);
    assert.equal(sameContent(before, await identify(path)), true);
    assert.equal(before.size, statSync(path).size);
    writeFileSync(path, 'two');
    assert.equal(sameContent(before, await identify(path)), false);
    const second = await identify(path);
    await replaceFile(path, file => file.writeFile('two'));
    assert.equal(sameContent(second, await identify(path)), false);
  });
});
