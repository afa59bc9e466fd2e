/** What a translation must keep as it is: numbers, addresses, placeholders, tags, code, blanks. */
import type { Check } from '../check';

export const MARKUP_CHECKS: readonly Check[] = [];
