/** Text that was damaged: repeated, cut off, wrongly decoded, or holding characters nobody sees. */
import type { Check } from '../check';

export const DAMAGE_CHECKS: readonly Check[] = [];
