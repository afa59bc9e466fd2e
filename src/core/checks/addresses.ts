/** Addresses of pages and mailboxes, which are the same in every language. */
import type { Check, FieldPair, Hit } from '../check';
import { difference, findKept, hitsOf, type Kept } from './kept';

/** URLs and e-mail addresses. ASCII only: Chinese and Arabic go on right behind an address, without a space. */
export const ADDRESS =
  /(?:https?|ftp):\/\/[!#-;=?-Z_a-z~[\]@]+|\bwww\.[!#-;=?-Z_a-z~]+|(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z\d][A-Za-z\d-]{0,62}(?:\.[A-Za-z\d-]{1,63}){1,6}/g;
/** Punctuation of the sentence around an address. */
const TRAILING = /[.,;:!?'*_)\]]+$/;

const SENTENCES = {
  lost: 'markup.addressLost',
  added: 'markup.addressAdded',
  replaced: 'markup.addressReplaced',
} as const;

export const ADDRESS_CHECK: Check = {
  id: 'addresses',
  title: 'check.addresses',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(addressHits),
};

/** Without what differs between two ways to write the same address, or the editions of an encyclopaedia. */
function keyOf(address: string): string {
  return address
    .toLowerCase()
    .replace(/^(?:https?|ftp):\/\//, '')
    .replace(/^www\./, '')
    .replace(/^[a-z]{2}(?=\.wiki)/, '')
    .replace(/\/$/, '');
}

/** The addresses of a text in their order, without the punctuation of the sentence; the first 2,000. */
export function addresses(text: string): Kept[] {
  if (!text.includes('@') && !text.includes('://') && !text.includes('www.')) return [];
  return findKept(text, ADDRESS, ([found]) => found).map(({ text: found, start }) => {
    const balanced = found.includes('(') || found.includes('[');
    const address = balanced ? found.replace(/[.,;:!?]+$/, '') : found.replace(TRAILING, '');
    return { text: address, start, key: keyOf(address) };
  });
}

function addressHits(pair: FieldPair): Hit[] {
  const { source, target } = pair;
  if (source === target || target === '') return [];
  const found = difference(addresses(source), addresses(target));
  if (found.lost.length + found.added.length === 0) return [];
  // Written without "https://", or once instead of twice, it is still there.
  const [inSource, inTarget] = [source.toLowerCase(), target.toLowerCase()];
  return hitsOf(
    pair,
    {
      lost: found.lost.filter(({ key }) => !inTarget.includes(key)),
      added: found.added.filter(({ key }) => !inSource.includes(key)),
    },
    SENTENCES,
  );
}
