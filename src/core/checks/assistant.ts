/** What assistants say, and prompts leave behind, that no demonstration should teach. */
import type { Check } from '../check';

export const ASSISTANT_CHECKS: readonly Check[] = [];
