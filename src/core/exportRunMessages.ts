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
    'Nothing to export. Records still “To review”: {0} of {1}. Approve the ones that are good first.',
  'export.none.edited':
    'Nothing to export. Records edited and not decided on: {0} of {1}. Approve the ones that are good first.',
  'export.none.skipped':
    'Nothing to export. Records skipped: {0} of {1}. Decide on them, or have someone else do it.',
  'export.none.needs-work':
    'Nothing to export. Records that need work: {0} of {1}. Mend them and approve them first.',
  'export.none.rejected': 'Nothing to export. Records rejected: {0} of {1}.',
  'export.none.partly-approved':
    'Nothing to export. Records approved only in part: {0} of {1}. The policy asks for more approvals, or for comments to be settled.',
  'export.none.disputed':
    'Nothing to export. Records on which reviewers disagree: {0} of {1}. Settle the disputes first.',
  'export.none.stale':
    'Nothing to export. Records changed since they were approved: {0} of {1}. Look at them again first.',
  'export.none.conflict':
    'Nothing to export. Records with several texts that compete: {0} of {1}. Choose one of the texts first.',
  'export.none.blocked':
    'Nothing to export. Records approved, but with a warning that the policy does not allow: {0} of {1}. Mend the text, or ignore the warning with a reason.',
  'export.none.bad': 'Nothing to export. Lines that are no records: {0} of {1}.',
  'export.none.notAsked':
    'Nothing to export. Records that may go in: {0}. The recipe asks for none of their shards or languages. Look at “shards” and “languages” in the recipe.',
  'export.none.unsuited':
    'Nothing to export. Rows that cannot be made: {0} of {1}. The records are sentence pairs and no instructions, or their texts are missing, too short or too long.',
  'export.none.tooLong':
    'Nothing to export. Rows longer than the recipe allows: {0} of {1}. Look at “maxCharacters” in the recipe.',
  'export.none.duplicates': 'Nothing to export. Rows that are there already: {0} of {1}.',
  'export.none.evaluation':
    'Nothing to export. Rows that are near-copies of questions of an evaluation set: {0} of {1}.',
  'export.none.notChosen':
    'Nothing to export: the recipe asks for fewer rows than one. Look at “amount” in the recipe.',
  'export.none.noPairOriginal':
    'Nothing to export: a pair is the reviewer’s text and the machine’s, so the machine’s texts alone make none. Export the texts as reviewed, or choose another format.',
  'export.none.noPair':
    'Nothing to export. Rows in which no reviewer changed the machine’s text: {0} of {1}. So there is no pair to prefer one text of. Choose another format.',
} as const;
