/** The names of the folder that a review is kept in, and of what stands in it beside the reviewers. */

/** The folder beside a shard in which everything about its review is kept. */
export const REVIEW_FOLDER = '.crossalpaca';
/** Beside the reviewers' folders; nobody can be called so, see `isReviewerName`. */
export const CANDIDATES = 'candidates';
/** As well: what can be worked out again. */
export const CACHE = 'cache';
/** Folders beside those of reviewers. */
export const NO_REVIEWERS: readonly string[] = [CANDIDATES, CACHE];
