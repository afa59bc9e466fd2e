/** What the task asks of its answer: the direction of a translation, the letters and labels of a choice. */
import type { Check } from '../check';

export const TASK_CHECKS: readonly Check[] = [];
