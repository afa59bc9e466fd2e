/** What the checks say of single units of a shard: of each by itself, and what only many records together tell. */
import type { Finding } from './core/check';
import { CorpusFindings } from './core/corpus';
import { langOf } from './core/fold';
import { mayDo, severityOf } from './core/policy';
import { findingsIn } from './core/unitMarks';
import type { CorpusReport } from './io/checkPass';
import { inWorker } from './io/inWorker';
import { runTask, sha256 } from './io/passes';
import type { Shard } from './shard';
import { BATCH_BYTES, type Loaded } from './units';

/** Findings remembered by text, so that scrolling back checks nothing again. */
const REMEMBERED_FINDINGS = 4000;

export class ShardFindings {
  readonly #shard: Shard;
  readonly #own = new Map<string, readonly Finding[]>();
  /** What only many records together tell; nothing before it was asked for. */
  corpus = new CorpusFindings();
  #finding: Promise<CorpusFindings> | undefined;
  /** Aborted when the file is read anew. */
  #stop = AbortSignal.abort();

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  /** The file is read anew: its rows are others. @param stop ends the new reading */
  startReading(stop: AbortSignal): void {
    this.#stop = stop;
    this.#finding = undefined;
    this.corpus = new CorpusFindings();
  }

  /** What findings hang on besides the texts is another. */
  forget(): void {
    this.#own.clear();
  }

  /** What the checks say of a unit's current text: taken for what the policy says, without what reviewers set aside. */
  of(loaded: Loaded): readonly Finding[] {
    const { targetLang } = loaded.unit;
    const findings = [...this.#ownOf(loaded), ...this.#corpusOf(loaded)];
    const mayIgnore = (by: string) => mayDo(this.#shard.policy, by, targetLang, 'ignore') === 'yes';
    const ignored = loaded.state.ignored.filter(each => mayIgnore(each.by));
    if (ignored.length === 0) return findings;
    return findings.filter(({ check, side, field }) => {
      const text = loaded[side].find(each => each.name === field)?.text ?? '';
      const hash = sha256(text).slice(0, 32);
      return !ignored.some(
        each => each.check === check && each.side === side && each.field === field && each.text === hash,
      );
    });
  }

  #ownOf({ unit: { sourceLang, targetLang }, state, source, target }: Loaded): readonly Finding[] {
    const place = `${sourceLang} ${targetLang} ${state.fingerprint}`;
    let findings = this.#own.get(place);
    if (!findings) {
      findings = findingsIn(this.#shard.checkContext, { sourceLang, targetLang, source, target });
      if (this.#own.size >= REMEMBERED_FINDINGS) this.#own.clear();
      this.#own.set(place, findings);
    }
    return findings;
  }

  /** What many records together tell of a unit: of its text as it stands in the file. */
  #corpusOf({ row, unit, state, rowFingerprint }: Loaded): readonly Finding[] {
    if (state.fingerprint !== rowFingerprint) return [];
    const { index, matching, policy } = this.#shard;
    const { targetLang } = unit;
    const isDone = (other: number) =>
      state.state === 'rejected' ||
      [...matching.matches.at(other)].some(
        each => langOf(each.key) === targetLang && (each.changed || each.state === 'rejected'),
      );
    return this.corpus
      .findings(row, unit, each => index.line(each), isDone)
      .flatMap(finding => {
        const severity = severityOf(policy, targetLang, finding.check, finding.severity);
        return severity === 'off' ? [] : { ...finding, severity };
      });
  }

  /**
   * Finds what only many records together tell, once for each reading of the file: it takes a pass of its own, so it is
   * done only for those who ask for all findings.
   * @param onProgress gets the share of the file that was looked at, from 0 to 1
   * @throws UserError why the keys are not known, `file.changed`
   */
  findCorpus(onProgress: (done: number) => void = () => undefined): Promise<CorpusFindings> {
    const stop = this.#stop;
    this.#finding ??= this.#findCorpus(onProgress, stop).catch((error: unknown) => {
      if (this.#stop === stop) this.#finding = undefined;
      throw error;
    });
    return this.#finding;
  }

  async #findCorpus(onProgress: (done: number) => void, stop: AbortSignal): Promise<CorpusFindings> {
    const { index, override, matching } = this.#shard;
    await matching.complete();
    const task = { kind: 'corpus', override, repeated: matching.repeated } as const;
    const isShort = index.identity.size <= BATCH_BYTES;
    const reports = isShort ? runTask(index, task) : inWorker(index, task, stop);
    let corpus = new CorpusFindings();
    for await (const { done, data } of reports as AsyncGenerator<CorpusReport>) {
      onProgress(done);
      if (data) corpus = new CorpusFindings(data);
    }
    stop.throwIfAborted();
    this.corpus = corpus;
    this.#shard.emit('all');
    return corpus;
  }
}
