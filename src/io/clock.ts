/** What gives events of this machine their time and their id. */
import { ulid } from 'ulid';
import type { Clock } from './ledger';

export const CLOCK: Clock = { now: Date.now, newId: () => ulid() };
