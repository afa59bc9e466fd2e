/** The shape of a text: filled or empty, lines and lists, length, brackets, the last character. */
import type { Check } from '../check';

export const STRUCTURE_CHECKS: readonly Check[] = [];
