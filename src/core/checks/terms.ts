/** What a team settled: the words of the glossary, the register, the variant of Chinese. */
import type { Check } from '../check';

export const TERM_CHECKS: readonly Check[] = [];
