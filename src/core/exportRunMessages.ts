/** Sentences about making training files: what cannot be done, and why nothing goes in. */
export const EXPORT_RUN_MESSAGES = {
  'export.fileThere':
    '{0} is there already and was not made by an export. Remove it, or choose another name: nothing was written.',
  'export.notFolder': '{0} is a file: a recipe is exported into a folder. Nothing was written.',
  'export.notOurs':
    'The folder {0} holds “{1}”, which is no part of an earlier export. Choose a new or empty folder: nothing was written.',
  'export.notAsWritten':
    'The file “{1}” in the folder {0} is not as the earlier export wrote it. If you changed it, keep your copy somewhere else and remove it here, or choose another folder: nothing was written.',
  'export.notOurFormer':
    '{0} is in the way: an export needs this name for a moment, and what is there now was not left by one. Look at what it is, then move or remove it. Nothing was written.',
  'export.formerAndOther':
    'An export that was broken off left the one before it in {0}, and something else has the place {1} now. Keep what you need of both, then remove {0}. Nothing was written.',
  'export.busy':
    'Another export is writing to {0}: process {1} on the computer {2}, since {3}. Wait until it is done, or choose another place. If it is not running any more, try again in {4} minutes. Nothing was written.',
  'export.claimLost':
    'Another export began to write to {0} while this one was held up. Export again when that one is done. Nothing was written.',
  'export.notOurClaim':
    '{0} is in the way: an export needs this name while it writes, and what is there now was not left by one. Look at what it is, then move or remove it. Nothing was written.',
  'export.notAMap':
    '{0} cannot be the list of reviewers: it belongs to the export, or holds something else. Choose another name: nothing was written.',
  'export.reviewsChanged':
    'Reviewers went on deciding while {0} was exported, twice in a row. Export again when they pause: nothing was written.',
  'export.outside':
    '{0} leads outside the folder of the recipe. Put the file below that folder: nothing was read of it.',
  'export.oneName': 'Two shards of this export are called “{0}”. Give each a name of its own.',
  'tokens.none':
    'The server at {0} does not count tokens. llama.cpp, vLLM and SGLang do: choose one of them as the inference backend.',
  'tokens.refused': 'The server at {0} did not count the tokens (status {1}). It said: {2}',
  'export.none.pending':
    'Nothing to export: {0} of {1} records are still “To review”. Approve the ones that are good first.',
  'export.none.edited':
    'Nothing to export: {0} of {1} records were edited and not decided on. Approve the ones that are good first.',
  'export.none.skipped':
    'Nothing to export: {0} of {1} records were skipped. Decide on them, or have someone else do it.',
  'export.none.needs-work':
    'Nothing to export: {0} of {1} records need work. Mend them and approve them first.',
  'export.none.rejected': 'Nothing to export: {0} of {1} records were rejected.',
  'export.none.partly-approved':
    'Nothing to export: {0} of {1} records have some approvals, and the policy asks for more, or for their comments to be settled.',
  'export.none.disputed':
    'Nothing to export: reviewers disagree on {0} of {1} records. Settle the disputes first.',
  'export.none.stale':
    'Nothing to export: {0} of {1} records have changed since they were approved. Look at them again first.',
  'export.none.conflict':
    'Nothing to export: {0} of {1} records have several texts that compete. Choose one of them first.',
  'export.none.blocked':
    'Nothing to export: {0} of {1} records are approved and have a warning that the policy does not allow. Mend the text, or ignore the warning with a reason.',
  'export.none.bad': 'Nothing to export: {0} of {1} lines are no records.',
  'export.none.notAsked':
    'Nothing to export: {0} records may go in, and the recipe asks for none of their shards or languages. Look at “shards” and “languages” in the recipe.',
  'export.none.unsuited':
    'Nothing to export: {0} of {1} rows cannot be made, since the records are sentence pairs and no instructions, or their texts are missing, too short or too long.',
  'export.none.tooLong':
    'Nothing to export: {0} of {1} rows are longer than the recipe allows. Look at “maxCharacters” in the recipe.',
  'export.none.duplicates': 'Nothing to export: {0} of {1} rows are there already.',
  'export.none.evaluation':
    'Nothing to export: {0} of {1} rows are near-copies of questions of an evaluation set.',
  'export.none.notChosen':
    'Nothing to export: the recipe asks for fewer rows than one. Look at “amount” in the recipe.',
  'export.none.noPairOriginal':
    'Nothing to export: a pair is the reviewer’s text and the machine’s, so the machine’s texts alone make none. Export the texts as reviewed, or choose another format.',
  'export.none.noPair':
    'Nothing to export: in {0} of {1} rows no reviewer changed the machine’s text, so there is no pair to prefer one of. Choose another format.',
} as const;
