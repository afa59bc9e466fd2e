/** Text that was damaged: repeated, cut off, wrongly decoded, or holding characters nobody sees. */
import type { Check } from '../check';
import { BROKEN_CHARACTERS_CHECK } from './characters';
import { HIDDEN_CHARACTERS_CHECK } from './hidden';
import { REPETITION_CHECK } from './repetition';
import { TRUNCATED_CHECK } from './truncated';

export const DAMAGE_CHECKS: readonly Check[] = [
  REPETITION_CHECK,
  TRUNCATED_CHECK,
  BROKEN_CHARACTERS_CHECK,
  HIDDEN_CHARACTERS_CHECK,
];
