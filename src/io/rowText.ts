/** The text of a row out of its bytes. */
import { isUtf8 } from 'node:buffer';
import { say, type Said } from '../core/messages';

/** The JSON text of one row, or why it has none. */
export type RowText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: Said };

/** Byte values for which the entry is 1. */
type Bytes = Readonly<Uint8Array>;

const bytesOf = (text: string): Bytes => {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(text)) table[byte] = 1;
  return table;
};
/** What JSON calls white space; a line feed ends the line in JSON Lines. */
export const BLANK = bytesOf(' \t\r\n');
/** What may follow an element of an array. */
export const COMMA_OR_BLANK = bytesOf(' \t\r\n,');

/** @returns the end of `bytes` from `from` to `to` without the bytes of `trimmed` at its end */
export function trimmedEnd(bytes: Buffer, from: number, to: number, trimmed: Bytes): number {
  let end = to;
  while (end > from && trimmed[bytes[end - 1] ?? 0] === 1) end--;
  return end;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes the bytes of a row, as `Block` and `read` give them; what is not UTF-8 is refused with the place of the first bad byte. */
export function text(bytes: Buffer): RowText {
  try {
    return { ok: true, text: utf8.decode(bytes) };
  } catch {
    return { ok: false, reason: say('record.notUtf8', firstBadByte(bytes) + 1) };
  }
}

/** Bytes checked at once: a bad byte within them is then found character by character. */
const CHECKED_BYTES = 4096;

/** Offset of the first byte that is part of no UTF-8 sequence. */
function firstBadByte(bytes: Buffer): number {
  let good = 0;
  const take = (end: number) => {
    if (end === good || end > bytes.length || !isUtf8(bytes.subarray(good, end))) return false;
    good = end;
    return true;
  };
  while (take(characterStart(bytes, good, good + CHECKED_BYTES)));
  while ([1, 2, 3, 4].some(length => take(good + length)));
  return good;
}

/** The last place up to `to` at which no character goes on; `from` where there is none. */
function characterStart(bytes: Buffer, from: number, to: number): number {
  let at = Math.min(to, bytes.length);
  while (at > from && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
