import { BACKEND_MESSAGES } from './backendMessages';
import { CANDIDATE_MESSAGES } from './candidateMessages';
import { CHECK_MESSAGES } from './checkMessages';
import { directionOf } from './direction';
import { EXPORT_MESSAGES } from './exportMessages';
import { EXPORT_RUN_MESSAGES } from './exportRunMessages';
import { LICENCE_MESSAGES } from './licenceMessages';
import { RECIPE_MESSAGES } from './recipeMessages';
import { PLACE_MESSAGES } from './placeMessages';
import { PROMPT_MESSAGES } from './promptMessages';
import { REGENERATE_MESSAGES } from './regenerateMessages';
import { HOST_MESSAGES } from './hostMessages';
import { RUN_MESSAGES } from './runMessages';
import { WELCOME_MESSAGES } from './welcomeMessages';
import { VIEW_MESSAGES } from './viewMessages';
import { SITTING_MESSAGES } from './sittingMessages';

/**
 * Every sentence a user can read that is not in `package.nls.json`, translated in `l10n/bundle.l10n.<language>.json` (how:
 * `l10n/README.md`). `{0}`, `{1}` … stand for the arguments.
 */
const OWN = {
  // Parts of sentences: a text in the quotation marks of the language, and a list with one thing more.
  'text.quoted': '“{0}”',
  'list.more': '{0}, {1}',
  'error.unexpected':
    'Something went wrong that was not foreseen. Try again; the output “CrossAlpaca” has the details. {0}',
  'command.noShard': 'Open a shard first: run “CrossAlpaca: Review Shard”.',
  'command.chooseShard': 'Choose a shard to review',
  'command.otherFile': 'Another file…',
  'reviewer.title': 'Reviewer name',
  'reviewer.prompt':
    'Your decisions are kept under this name, in files that your team shares. Lower-case letters, digits, “.”, “_” and “-”.',
  'reviewer.invalid': 'Use 1 to 40 lower-case letters, digits, “.”, “_” or “-”.',
  'languages.source': 'Language of the source',
  'languages.target': 'Language of the target',
  'languages.prompt':
    'A language tag such as en, it, zh or pt-BR. It holds for everybody who reviews this shard.',
  'languages.invalid': 'This is not a language tag. Examples: en, it, zh, pt-BR.',

  'record.notJson': 'Not valid JSON: {0}',
  'record.notObject': 'Not a record: the line holds no JSON object.',
  'record.noSides':
    'No source and target found. The members are: {0}. See the README for the shapes that are recognised.',
  'record.notText': 'The member “{0}” is not text ({1}).',
  'value.list': 'a list',
  'value.object': 'an object',
  'value.number': 'a number',
  'value.boolean': 'true or false',
  'record.notUtf8': 'Not valid UTF-8 at byte {0} of the line.',

  'record.tooLarge': 'The line is {0} MiB long; lines over 64 MiB are not shown.',
  'row.missing': 'There is no row {0}.',
  'row.notRecord': 'Line {0} is not a record: it cannot be reviewed.',

  'file.missing': 'There is no file {0}.',
  'file.directory': '{0} is a folder. Choose a file of records.',
  'file.unreadable': '{0} cannot be read: {1}',
  'file.notRegular': 'neither a file nor a folder',
  'file.tooLong': 'Bytes: {0}. At most {1} are read.',
  'file.empty':
    '{0} is empty: there is nothing to review. Put records into it, or run “CrossAlpaca: Import Two Files as a Shard”.',
  'file.utf16': '{0} is encoded as UTF-16. Save it as UTF-8 and open it again.',
  'file.lfsPointer':
    '{0} is only a Git LFS pointer; the data itself is not here. Run “git lfs pull” and open it again.',
  'file.noRecord':
    'No record was recognised in {0}. Line {1}: {2} A shard is a JSON Lines file or one JSON array: each record has a source and a target side.',
  'file.changed': '{0} changed on disk while it was read. Try again.',
  'file.gone':
    'The file {0} is not there any more. What was read of it is still shown; put it back to go on.',

  'ledger.notWritten':
    'Your decision was not saved: {0} cannot be written ({1}). Make room or give the right to write, then decide again.',
  'ledger.replaced':
    'Your decision was not saved: {0} is being replaced again and again by another program. End that program, then decide again.',
  'ledger.changed': 'The ledger {0} changed while it was read. Try again.',
  'ledger.link': 'Nothing was saved: {0} leads out of the review folder. Remove that link first.',
  'ledger.lineSkipped': 'Ledger {0}, line {1} was set aside: {2}.',
  'ledger.moreSkipped': 'Lines of ledgers that were set aside besides these: {0}.',
  'mapping.broken':
    'The mapping {0} cannot be used. Correct it, or remove it and set the languages again. {1}',

  'write.noReviewer': 'Choose a reviewer name first.',
  'write.readonly': 'Nothing is being saved. {0}',
  'write.noLanguage': 'The target language of this shard is not known. Set it before you review.',
  'write.restricted': 'This folder is not trusted: you can read, but nothing is written.',
  'unit.changed': 'The text changed since it was shown. Look at it again, then decide.',
  'unit.moved': 'The file changed: another record stands in this place now.',
  'unit.notStale': 'There is no earlier text to keep: nothing changed since it was approved.',
  'unit.conflict': 'Two edits compete here. Keep one of them, or write a new text, before you decide.',
  'assign.title': 'Assign the record to',
  'assign.me': 'you',
  'assign.nobody': 'Nobody',
  'assign.other': 'Another name…',
  'bulk.title': 'Change all records of the list ({0})',
  'bulk.approve': 'Approve…',
  'bulk.needsWork': 'Needs work…',
  'bulk.reject': 'Reject…',
  'bulk.assign': 'Assign…',
  'bulk.replace': 'Find and replace…',
  'bulk.reasons': 'Reasons',
  'bulk.note': 'A note, or nothing',
  'bulk.empty': 'Enter the text to look for.',
  'bulk.bad': 'Lines that are not records.',
  'bulk.already': 'It is so already.',
  'bulk.conflict': 'Two edits compete: look at these one by one.',
  'bulk.disputed': 'Reviewers disagree: look at these one by one.',
  'bulk.stale': 'Changed since approval: look at these one by one.',
  'bulk.done': 'Records changed: {0}. Press U in the review to take all of it back.',
  'bulk.none': 'Prepare the change again: the list was closed.',
  'comment.missing': 'The comment that this one answers is no longer there.',
  'decision.none': 'There is no decision of yours to take back.',
  'version.missing': 'This version is no longer in the ledgers.',
  'proposal.missing': 'This proposal is no longer there: it was taken, dismissed or replaced.',
  'ignore.reason': 'Say why the warning does not count.',
  'ignore.missing': 'There is no such ignored warning of yours any more.',
  'reason.unknown': 'The policy has no reason “{0}”. Choose one of its list.',
  'approve.blocked':
    'The policy lets nobody approve this while a warning about {0} is there: {1} Correct the text, or ignore the warning with a reason.',
  'approve.blockedMore':
    'The policy lets nobody approve this while warnings are there ({0}), in {1}: {2} Correct the text, or ignore each of them with a reason.',
  'dispute.reason': 'Reviewers disagree here. Give a reason or a note with the decision that settles it.',
  // {0} is the target language as `language.name`.
  'policy.forbids.decide': 'The policy does not name you as a reviewer of {0}: your decisions do not count.',
  'policy.forbids.skip': 'The policy does not let you skip records in {0}.',
  'policy.forbids.edit': 'The policy does not let you edit texts in {0}.',
  'policy.forbids.edit-source': 'The policy does not allow changes of the source.',
  'policy.forbids.accept':
    'The policy does not name you as a reviewer of {0}: proposals are for others to take.',
  'policy.forbids.accept-source':
    'The policy leaves proposed changes of the source to the adjudicators of {0}.',
  'policy.forbids.adjudicate': 'The policy does not name you as an adjudicator of {0}.',
  'policy.forbids.comment': 'The policy does not let you comment on records in {0}.',
  'policy.forbids.assign': 'The policy does not name you as a reviewer of {0}: assigning is for others.',
  'policy.forbids.ignore':
    'The policy does not name you as a reviewer of {0}: ignoring warnings is for others.',
  'unit.offered':
    'The file changed under edits that wait here. Keep the earlier text, or take the new one, before anything else.',
  'unit.tooManyRivals':
    '{0} edits compete here, more than can be shown. Look into the ledgers: somebody may have forged them.',
  'unit.rivalTooLong':
    'This text is too long to be shown whole, so it cannot be chosen here. Write a new text in its place.',
  'draft.rowChanged':
    'The record changed on disk while you were typing. Your text is kept as a draft; copy it, then press Escape to see the new text.',
  'undo.editedSince': 'This cannot be undone: the text was edited again since.',
  'undo.landed': 'This edit was written into the file. To undo it, edit the text back.',
  'shard.matchFailed': 'The decisions could not be matched to the records: {0}',
  'queue.failed': 'The filter was not asked of all records: {0}',
  'policy.broken':
    'The policy {0} is broken on line {1}, so nothing counts as approved until it is corrected: {2}',
  'policy.unreadable': 'Nothing counts as approved until the policy can be read. {0}',

  'event.sameId': 'another event has the same id ({0})',
  'event.otherReviewer': 'written in the name of another reviewer ({0})',
  'event.notJson': 'not a complete event',
  'event.conflictMark': 'a mark left by an unfinished git merge',
  'event.version': 'written by a later version of CrossAlpaca (format {0})',
  'event.type': 'of a type that this version does not know: {0}',
  'event.member': 'the member “{0}” is missing or wrong',

  'policy.notJson': 'not valid JSON: {0}',
  'policy.notObject': 'it must hold one JSON object',
  'policy.tooDeep': 'lists and objects stand more than {0} deep in each other',
  'policy.tooMany': 'more than {0} entries in one list or object',
  'policy.unknown': 'there is no member “{0}”; there are: {1}',
  'policy.repeated': '“{0}” stands there twice; keep one of them',
  'policy.oneOf': '“{0}” is {1}, but can only be one of {2}',
  'policy.number': '“{0}” is {1}, but must be a whole number from {2} to {3}',
  'policy.share': '“{0}” is {1}, but must be a number from {2} to below {3}',
  'policy.seed': '“{0}” is {1}, but must be text of 1 to 40 letters, digits, “.”, “_” or “-”',
  'policy.sample': '“{0}” needs “size”, “seed” and “atMost”',
  'policy.text': '“{0}” is {1}, but must be text',
  'policy.list': '“{0}” is {1}, but must be a list',
  'policy.object': '“{0}” is {1}, but must be an object',
  'policy.people':
    '“{0}” is {1}, but must be a list of reviewers, or an object with such a list for each language',
  'policy.reviewer':
    '“{0}” names {1}, but reviewers have 1 to 40 lower-case letters, digits, “.”, “_” or “-”',
  'policy.slug':
    '“{0}” names {1}, but names here have 1 to 40 lower-case letters and digits, with “-” between words',
  'policy.label': 'a label in “{0}” is {1}, but must be text of 1 to 100 characters on one line',
  'policy.reason': 'a reason in “{0}” needs both an “id” and a “label”',
  'policy.language': '“{0}” is not a language tag such as de or zh-Hant, and not “*” for all languages',

  'reason.meaning': 'Meaning',
  'reason.omission': 'Omission',
  'reason.addition': 'Addition',
  'reason.fluency': 'Fluency',
  'reason.register': 'Register',
  'reason.term': 'Wrong term',
  'reason.format': 'Format',
  'reason.source-wrong': 'Source is wrong',
  'reason.unsafe': 'Unsafe',

  'state.pending': 'To review',
  'state.accepted-by-sample': 'Accepted by sample',
  'sample.growing':
    'Sample: {0} of {1} decided, {2} wrong so far: at most {3} % of all are wrong, at {4} % confidence. It counts when all are decided.',
  'sample.small':
    'Only {0} of the sample are in this language: too few to show that at most {1} % are wrong. The policy needs a larger sample.',
  'sample.blind': 'Sample: {0} of {1} decided. What it says is shown when all are.',
  'sample.accepted':
    'Accepted by sample, {0} of {1} wrong: at most {2} % of all are wrong, at {3} % confidence.',
  'sample.refused':
    'Not accepted by sample, {0} of {1} wrong: up to {2} % of all may be wrong, at {3} % confidence, and the policy allows {4} %. Review the other records.',
  'views.sample': '{0}: {1}',
  'page.sampleShow': 'Show the records of the sample',
  'state.edited': 'Edited',
  'state.skipped': 'Skipped',
  'state.needs-work': 'Needs work',
  'state.rejected': 'Rejected',
  'state.partly-approved': 'Partly approved',
  'state.approved': 'Approved',
  'state.disputed': 'Disputed',
  'state.stale': 'Changed since approval',
  'state.conflict': 'Conflict',
  'severity.error': 'Error:',
  'severity.warning': 'Warning:',
  'severity.info': 'Note:',
  'decision.approve': 'Approved.',
  'decision.needs-work': 'Marked: needs work.',
  'decision.reject': 'Rejected.',
  'decision.skip': 'Skipped.',

  'page.loading': 'Loading…',
  'page.openAsText': 'Open as Text',
  'page.setLanguages': 'Set Languages…',
  'page.queue': 'Records',
  'page.record': 'Record',
  'page.details': 'Details',
  'page.actions': 'Actions',
  'queue.empty': 'Records: 0. No record matches the filter.',
  'page.position': 'Record {0} of {1}.',
  'page.line': 'line {0}',
  'page.element': 'element {0}',
  'page.progress': '{0} of {1} approved',
  'page.progressBySample': '{0} of {1} approved, {2} more by sample',
  'page.badRows': 'Lines that are not records: {0}',
  'page.orphans': 'Reviewed, but no longer in the file: {0}',
  'page.reviewer': 'Reviewer: {0}',
  'page.noReviewer': 'Set reviewer name…',
  'page.languages': '{0} → {1}',
  'page.manyLanguages': '{0} languages',
  'page.shownLanguage': 'Target language shown',
  'page.unknownLanguage': 'unknown language',
  'page.notRecord': 'This line is not a record.',
  'page.findings': 'Warnings: {0}',
  'page.approvals': '{0} of {1} approvals',
  'page.approve': 'Approve',
  'page.needsWork': 'Needs Work',
  'page.reject': 'Reject',
  'page.skip': 'Skip',
  'page.regenerate': 'Regenerate',
  'page.undo': 'Undo',
  'page.export': 'Export…',
  'page.more': 'More',
  'page.help': 'Keys',
  'page.close': 'Close',
  'page.closeMessage': 'Close message',
  'page.source': 'Source, {0}',
  'page.target': 'Target, {0}',
  'page.field': '{0}, {1}',
  'page.empty': '(empty)',
  'page.draft': 'Not saved as an edit yet. Ctrl/Cmd+Enter saves, Escape drops it.',
  'page.changes': 'Changed from the file:',
  'page.cut': 'Shown cut: {0} characters in all. This field cannot be edited here.',
  'page.tooLong': 'This was not taken: a field can hold at most {0} characters here.',
  'page.others': 'Other members',
  'page.tabFindings': 'Warnings',
  'page.tabCandidates': 'Proposals',
  'page.tabHistory': 'History',
  'page.tabComments': 'Comments',
  'page.noFindings': 'No warnings for this record.',
  'page.noHistory': 'Nobody has done anything with this record yet.',
  'page.noComments': 'No comments yet.',
  'page.newComment': 'New comment',
  'page.addComment': 'Add Comment',
  'page.cancel': 'Cancel',
  'page.conflict':
    'These edits were made without knowing of each other. Choose one by its number, then approve it with A. Or write a new text below.',
  'page.sourceWrong': 'Source Is Wrong',
  'page.editSource': 'Edit Source',
  'page.withdraw': 'Withdraw My Decision',
  'page.withdrawn': 'Your decision was withdrawn.',
  'page.nothingToWithdraw': 'There is no decision of yours on this text.',
  'page.assign': 'Assign…',
  'page.assignedTo': 'Assigned to: {0}',
  'page.openThreads': 'Open comments: {0}',
  'page.blind': 'Decisions and comments of others are hidden until you have decided.',
  'page.noSay': 'Your decisions do not count here: the policy names other reviewers for this language.',
  'page.editProposes': 'Your edit is a proposal. It counts when a reviewer takes it.',
  'page.sourceProposes': 'Your change of the source is a proposal. It counts when a reviewer takes it.',
  'page.sourceNo': 'The source cannot be edited here: the policy does not allow it.',
  'page.decisions': 'Decisions',
  'page.decided.approve': 'approved',
  'page.decided.needs-work': 'needs work',
  'page.decided.reject': 'rejected',
  'page.decided.skip': 'skipped',
  'page.outdated': 'on an earlier text',
  'page.notCounting': 'does not count',
  'page.rival': 'Text {0}, by {1}, {2}',
  'page.choose': 'Choose Text {0}',
  'page.chosen': 'Chosen',
  'page.chosenText': 'Text {0} is chosen. A keeps and approves it.',
  'page.chooseRival': 'Choose one of the texts by its number first, or write a new text.',
  'page.proposes': '{0} proposes, {1}:',
  'page.sourceField': '{0}, source',
  'page.take': 'Take',
  'page.dismiss': 'Dismiss',
  'page.taken': 'The proposal was taken.',
  'page.dismissed': 'The proposal was dismissed.',
  'page.proposalWaits': 'It waits for somebody who may take it.',
  'page.nothingToTake': 'Nothing is proposed for this record that you could take.',
  'page.restore': 'Restore This Text',
  'page.restored': 'The earlier text is restored.',
  'page.takenBack': 'taken back',
  'page.original': 'The text in the file',
  'page.historyIgnore': 'ignored a warning',
  'page.historyAssign': 'assigned it to {0}',
  'page.historyAssignNobody': 'assigned it to nobody',
  'page.historyResolve': 'settled the comments',
  'page.thread': 'Comments begun by {0}',
  'page.threadOpen': 'open',
  'page.threadSettled': 'resolved',
  'page.reply': 'Reply',
  'page.replyTo': 'Reply to {0}',
  'page.addReply': 'Add Reply',
  'page.resolve': 'Resolve',
  'page.resolved': 'The comments are settled.',
  'page.commented': 'The comment was added.',
  'page.ignore': 'Ignore…',
  'page.ignored': 'The warning was ignored. Warnings left: {0}.',
  'page.ignoredOnes': 'Ignored warnings',
  'page.ignoredBy': '{0}, {1}: {2}',
  'page.heed': 'No Longer Ignore',
  'page.heeded': 'The warning counts again.',
  'page.nothingToIgnore': 'There is no warning here that could be ignored.',
  'page.blocks': 'Nobody can approve while it is there.',
  'page.moreFindings': 'Further warnings: {0}. They are shown when these are dealt with.',
  'page.moreAtField': 'Further warnings about this field: {0}. The tab “Warnings” lists them.',
  'page.findingOf': 'Warning {0} of {1}.',
  'page.findingsLeft': 'Warnings left: {0}.',
  'page.noFindingsLeft': 'No warnings left.',
  'page.noOtherRecord': 'No other record of the list has a warning.',
  'page.noFindingAnywhere': 'No record of the list has a warning.',
  'page.lookingForFinding': 'Looking for the next warning…',
  'page.lookFurther': 'No warning in the {0} records looked at. Press the key again to look further.',
  'page.mend': 'Fix',
  'page.mendAs': 'Replace “{0}” with “{1}”',
  'page.mendRemove': 'Remove “{0}”',
  'page.mendInsert': 'Insert “{0}”',
  'page.mended': 'Fixed. Warnings left: {0}.',
  'page.mendProposed': 'The corrected text is a proposal. It counts when a reviewer takes it.',
  'page.noMending': 'No warning of this record can be fixed by a key.',
  'page.noSureMending': 'How to fix this warning is not certain: edit the text.',
  'page.mendGone': 'The text has changed, and this warning is no longer about it.',
  'page.mendForbidden': 'This text cannot be edited here.',
  'page.checkFailed': 'The text could not be checked, so these warnings may be old. {0}',
  'page.hiddenCharacter': '[U+{0}]',
  'ignore.title': 'Ignore this warning: why?',
  'ignore.hint': 'A number ignores it at once with that reason. Enter ignores it with the note.',
  'ignore.several': 'All warnings of this kind in this field are ignored: {0}.',
  'ignore.reasons': 'Reasons',
  'ignore.falseAlarm': 'False alarm',
  'ignore.intended': 'Intended',
  'ignore.wontFix': 'Will not fix',
  'ignore.note': 'Why can this warning be ignored?',
  'ignore.needed': 'Choose a reason, or write why this warning can be ignored.',
  'ignore.do': 'Ignore Warning',
  'page.dashboard': 'Dashboard',
  'page.guidelines': 'Guidelines',
  'page.changeAll': 'Change all…',
  'page.replaceAll': 'Replace…',
  'verdict.approve': 'Approve: why?',
  'verdict.needs-work': 'Needs work: why?',
  'verdict.reject': 'Reject: why?',
  'verdict.hint': 'A number decides at once with that reason. Space marks several; Enter decides.',
  'verdict.hintNote': 'Enter decides.',
  'verdict.reasons': 'Reasons',
  'verdict.note': 'Note',
  'verdict.needed': 'Reviewers disagree about this text, and you settle it. Choose a reason or write a note.',
  'bulkPage.approve': 'Approve all records of the list',
  'bulkPage.needs-work': 'Mark all records of the list as needing work',
  'bulkPage.reject': 'Reject all records of the list',
  'bulkPage.assign': 'Assign all records of the list to {0}',
  'bulkPage.unassign': 'Assign all records of the list to nobody',
  'bulkPage.replacement': 'Replace “{0}” with “{1}” in all records of the list',
  'bulkPage.replace': 'Find and replace in all records of the list',
  'bulkPage.filter': 'Filter: {0}',
  'bulkPage.noFilter': 'The list holds all records: no filter is set.',
  'bulkPage.find': 'Find in the target texts',
  'bulkPage.with': 'Replace with',
  'bulkPage.matchCase': 'Match case',
  'bulkPage.preview': 'Preview',
  'bulkPage.preparing': 'Looking at the records… {0} %',
  'bulkPage.ticked': 'Records ticked: {0} of {1}.',
  'bulkPage.nothing': 'No record of the list would be changed.',
  'bulkPage.refused': 'Left as they are:',
  'bulkPage.refusal': '{0} ({1})',
  'bulkPage.left': 'One action takes no more. Records not looked at yet: {0}. Do this, then the same again.',
  'bulkPage.more': 'Further places in this record that are changed: {0}',
  'bulkPage.tickAll': 'Tick All',
  'bulkPage.tickNone': 'Untick All',
  'bulkPage.records': 'Records that would be changed',
  'bulkPage.page': '{0} to {1} of {2}',
  'bulkPage.previousPage': 'Previous Page',
  'bulkPage.nextPage': 'Next Page',
  'bulkPage.do': 'Do It (Records: {0})',
  'bulkPage.doing': 'Writing…',
  'bulkPage.done': 'Records changed: {0}. Undo with U.',
  'stale.approved': '{0} approved another text ({1}). What changed since:',
  'stale.edited': 'The file changed under an edit by {0} ({1}). From that text to the one in the file:',
  'stale.rivals': 'Several edits of the earlier text compete. They are kept here and not applied.',
  'stale.keepApproved': 'Keep the Earlier Text',
  'stale.takeNew': 'Take the New Text',
  'stale.edit': 'Edit',
  'filter.all': 'All records',
  'filter.toReview': 'To review',
  'filter.mine': 'Mine to do',
  'filter.second': 'Needs a second review',
  'filter.returned': 'Sent back to me',
  'filter.changed': 'Changed after me',
  'filter.replied': 'Replies to me',
  'filter.disputed': 'Disputed',
  'filter.stale': 'Changed since approval',
  'filter.conflict': 'Conflicts',
  'filter.source': 'Mistakes in the source',
  'filter.proposed': 'Texts that somebody proposed',
  'filter.sampleOf50': 'A random sample of 50',
  'filter.needsWork': 'Needs work, or rejected',
  'filter.approved': 'Approved',
  'filter.findings': 'With warnings',
  'filter.commented': 'With comments',
  'filter.bad': 'Lines that are not records',
  'filter.repeated': 'Records with a key that stands more than once',
  'filter.savedOnes': 'Saved',
  'filter.commonOnes': 'Common filters',
  'filter.save': 'Save This Filter…',
  'filter.namePrompt': 'A name for the filter. It is kept beside the shard, for everybody who reviews there.',
  'filters.broken': 'The saved filters in {0} cannot be read: {1}. Correct or remove that file.',
  'goTo.title': 'Go to a Record',
  // {1} is `page.line` with a number: so it may be typed, besides in English.
  'goTo.prompt': 'A row from 1 to {0}, “{1}” for a line of the file, or a key or id.',
  'goTo.promptArray': 'A row from 1 to {0}, or a key or id.',
  'goTo.nothing': 'There is no record {0} in this file.',
  'apply.title': 'Write the edits into the records',
  'apply.toCopy': 'Into a Copy…',
  'apply.toCopyDetail': 'The shard stays as it is.',
  'apply.inPlace': 'Into the Shard Itself…',
  'apply.inPlaceDetail': 'The file is replaced as a whole; every byte outside the edited texts stays.',
  'apply.confirm': 'Write the edits into {0}?',
  'apply.confirmDetail':
    'The edited texts are replaced in the file, for everybody who uses it. Decisions and history stay as they are. Nothing else in the file changes.',
  'apply.confirmButton': 'Write Into the Shard',
  'apply.writing': 'Writing the edits…',
  'apply.done': '{0}: edited texts were written. Fields: {1}, records: {2}.',
  'apply.left.conflict': '{0}, line {1}: two edits compete; left as it is.',
  'apply.left.stale': '{0}, line {1}: the file changed under its edits; left as it is.',
  'apply.left.orphan': '{0}, once on line {1}: no longer in the file.',
  'apply.left.source':
    '{0}, line {1}: its source is shared by several units that edit it differently; left as it is.',
  'apply.moreLeft': 'And others that were left as they are: {0}.',
  'import.chooseSource': 'Choose the Source File',
  'import.chooseTarget': 'Choose the Translated File',
  'import.chooseOut': 'Save the Shard As…',
  'import.tables': 'Records and texts',
  'import.languagePrompt': 'A language tag such as en, it, zh or pt-BR.',
  'import.pairing': 'Pairing the two files…',
  'import.leftOver':
    'Not every row found its partner: {0} of the source, {1} of the translation. Nothing was written yet.',
  'import.askAside': 'They can be set aside in a file of their own; the shard then holds the pairs only.',
  'import.setAside': 'Set Them Aside',
  'import.paired': 'Paired: {0} (by id {1}, by position {2}, by content {3}).',
  'import.segments': 'Stretches in which the files run in parallel: {0}.',
  'import.done': 'Pairs written to {1}: {0}.',
  'move.title': 'Take reviews along from',
  'move.fits': 'Records of this file that were reviewed there: {0}',
  'move.noOthers': 'There are no reviews of other files in this folder.',
  'move.nothing': 'There are no reviews in {0}.',
  'move.done':
    'Reviews taken along: {0} as they were, {1} of records that changed since. Not in this file: {2}.',
  'orphans.title': 'Reviewed, but no longer in {0}:',
  'orphans.line': '{0}   (then on line {1}; by {2}; events: {3})',
  'filter.label': 'Filter and search',
  'filter.placeholder': 'Filter: words, state:stale, metadata.score < 3',
  'filter.menu': 'Filters…',
  'filter.saved': 'Saved filters, and common ones',
  'filter.count': 'Records: {0}',
  'filter.searching': 'Found so far: {0} ({1} % searched).',
  'filter.refresh': 'Refresh',
  'filter.clear': 'Show all',
  'page.found': 'Records found: {0}.',
  'page.reading': 'Reading the file… {0} %',
  'page.recordGone': 'The record that was shown is no longer in the file.',
  'page.repeated': 'Repeated keys: {0}',
  'page.offer': 'Records of this file that were reviewed under the name {0}: {1}.',
  'page.takeOffer': 'Take These Reviews Along…',
  'shards.review': 'Review',
  'shards.unreviewed': 'no reviews yet',
  'shards.counting': 'counting…',
  'shards.percent': '{0} % approved',
  'shards.language': '{0}: {1} of {2} approved',
  'shards.disputed': '{0}: {1} of {2} approved, {3} disputed',
  'shards.records': 'Records: {0}',
  'shards.first': 'There are more shards here than are listed: only {0} are.',
  'shards.badge': 'Disputed, in conflict, or changed since approval: {0}',
  'views.count': '{0}: {1}',
  'checkShard.running': 'Checking the shard',
  'checkShard.nothing': 'All records were checked, and nothing was found.',
  'checkShard.done':
    'All records were checked. Records by what was found: errors {0}, warnings {1}, notes {2}.',
  'checkShard.show': 'Show Findings',
  'findings.searching': 'Looking for warnings… {0} %',
  'findings.first': 'Only the first {0} of {1} records with warnings are listed.',
  'findings.failed': 'The warnings could not be looked for: {0}',
  'findings.partly': 'Not all of the shard was checked.',
  'findings.record': '{0}, line {1}',
  'findings.show': 'Show Record',
  'status.name': 'CrossAlpaca: Progress',
  'status.approved': '{0}/{1} approved',
  'status.reading': 'Reading… {0} %',
  'status.filters': 'Choose which records are shown.',
  'guidelines.none': 'There are no guidelines for {0} yet.',
  'guidelines.noneAtAll': 'There are no guidelines yet.',
  'guidelines.create': 'Create Guidelines',
  'guidelines.heading': 'Guidelines: {0}',
  'guidelines.headingForAll': 'Guidelines',
  'guidelines.notWritten': 'The guidelines {0} cannot be written: {1}',
  'dashboard.title': 'Review Dashboard',
  'dashboard.shown': 'Shard',
  'dashboard.all': 'All shards with reviews',
  'dashboard.refresh': 'Refresh',
  'dashboard.counting': 'Counting…',
  'dashboard.counted': 'Counted.',
  'dashboard.problem': '{0} is not counted, or not in full: {1}',
  'dashboard.empty': 'Nothing has been reviewed here yet. Open a shard and decide on its first record.',
  'dashboard.nobody': 'Nobody has reviewed anything here yet.',
  'dashboard.review': 'Review Shard',
  'dashboard.numbers': 'Numbers: {0}',
  'dashboard.more': 'Not listed: {0}.',
  'dashboard.headline': '{0} of {1} approved ({2}), {3} left.',
  'dashboard.perLanguage': 'A record counts once for each of its target languages.',
  'dashboard.bar': '{0}. {1}',
  'dashboard.all.units': 'All records',
  'dashboard.progress': 'Progress over time',
  'dashboard.progressNote':
    'Records that are approved now, by the day (UTC) of the approval that made them so.',
  'dashboard.progressSummary': 'From {0} to {1} the number of approved records grew from {2} to {3}.',
  'dashboard.noProgress': 'No record is approved yet.',
  'dashboard.day': 'Day',
  'dashboard.dayUnknown': 'not known',
  'dashboard.approvedThatDay': 'Approved on this day',
  'dashboard.approvedInAll': 'Approved in all',
  'dashboard.languages': 'By language',
  'dashboard.language': 'Language',
  'dashboard.records': 'Records',
  'dashboard.reviewers': 'By reviewer',
  'dashboard.reviewer': 'Reviewer',
  'dashboard.edits': 'Edits',
  'dashboard.decisions': 'Decisions',
  'dashboard.comments': 'Comments',
  'dashboard.reasons': 'Decisions by reason',
  'dashboard.reason': 'Reason',
  'dashboard.noReasons': 'No decision in force names a reason.',
  'dashboard.agreement': 'Agreement of reviewers',
  'dashboard.kappaMeaning':
    'Cohen’s kappa says how far two reviewers agree beyond chance: 1: they always agree; 0: no more often than by chance; below 0: less often than that. Only decisions count (approved, needs work, rejected) that both made on the same text without seeing the other’s: under a policy with “blind”: true.',
  'dashboard.kappaPair': 'Reviewers',
  'dashboard.kappaN': 'Decisions compared (n)',
  'dashboard.kappaObserved': 'Agreed',
  'dashboard.kappaExpected': 'Expected by chance',
  'dashboard.kappa': 'Cohen’s kappa',
  'dashboard.kappaPairOf': '{0} and {1}',
  'dashboard.fleiss':
    'All reviewers together: Fleiss’ kappa {0}, over {1} texts with {2} decisions each (texts with more or fewer decisions, left out: {3}).',
  'dashboard.fleissNone': 'All reviewers together: no text yet on which several decided blind.',
  'dashboard.kappaOne': 'There is nothing to compare: that takes two reviewers who have decided.',
  'dashboard.kappaNotBlind':
    'There is nothing to compare: reviewers see each other’s decisions here. To compare later ones, set “blind”: true in the policy.',
  'dashboard.kappaNoText': 'none: no text on which both decided without seeing the other’s decision',
  'dashboard.kappaSame': 'none: both decided the same each time, so that chance explains it as well',
  'key.guidelines': 'Guidelines for the language shown',
  'key.keepApproved': 'Changed record: keep the earlier text',
  'key.takeNew': 'Changed record: take the new text',
  'key.search': 'Filter and search',
  'key.goTo': 'Go to a row, line or key',
  'page.staleSource': 'The target text is the same; the source changed.',
  'page.historyEdit': 'edited',
  'page.historyModel': 'edited, from a proposal by {0}',
  'page.historyComment': 'commented',
  'page.historyUndo': 'took back an action',
  'page.historyProposed': 'proposed',
  'page.historyTook': 'took the proposal of {0}',
  'page.historyDismissed': 'dismissed the proposal of {0}',
  'page.historyDecide.approve': 'approved',
  'page.historyDecide.needs-work': 'marked as needing work',
  'page.historyDecide.reject': 'rejected',
  'page.historyDecide.skip': 'skipped',
  'page.nothingToUndo': 'There is nothing to undo.',
  'page.nothingToRedo': 'There is nothing to redo.',
  'page.allReviewed': 'No record is left to review.',
  'key.next': 'Next record',
  'key.previous': 'Previous record',
  'key.nextPending': 'Next record to review',
  'key.edit': 'Edit the marked field',
  'key.save': 'Save what you typed',
  'key.drop': 'Drop what you typed',
  'key.regenerate': 'Have the model translate the marked field again',
  'key.regenerateRecord': 'Have the model translate the whole record again',
  'key.mendByModel': 'Have the model mend the warning you are at',
  'key.answerAnew': 'Have the model answer anew in the target language',
  'key.advise': 'Write advice to the model',
  'key.redo': 'Redo',
  'key.sourceWrong': 'Needs work: the source is wrong',
  'key.takeFix': 'Take what is proposed, by a person or the model',
  'key.editSource': 'Edit the source of the marked field',
  'key.withdraw': 'Withdraw your decision',
  'key.choose': 'Conflict: choose a text; in a list of reasons: decide with it',
  'key.nextFinding': 'Next warning, also in the next records',
  'key.previousFinding': 'Previous warning',
  'key.applyFix': 'Fix the warning you are at, where it is certain how',
  'key.ignoreFinding': 'Ignore the warning you are at, with a reason',
  'key.replace': 'Find and replace in all records of the list',
  'key.assign': 'Assign the record',
  'page.helpIntro':
    'All keys can be changed in VS Code’s Keyboard Shortcuts: search for “CrossAlpaca”. In a text box letters are typed; Escape or leaving the box gives the keys back.',

  // Arguments of `language.`: {0} is the language the text looks like, {1} the expected one, both as BCP-47 tags
  // (`fr`, `ru-Latn`); whoever shows the sentence replaces them by names, Intl.DisplayNames in the user's language.
  // `language.name` is such a name in a sentence about anything else.
  'language.name': '{0}',
  'language.wrong': 'This looks like {0}, not {1}.',
  'language.source': 'This looks like it was left in {0}; {1} is expected.',
  'language.mixed': 'This part looks like {0}; {1} is expected.',
  'language.romanised': 'This looks like {1} written in Latin letters.',
  'language.copied': 'The same text as the source; {1} is expected.',

  'apply.ontoShard':
    'The copy would overwrite the shard {0} itself. Choose another name, or apply the edits in place.',
  'apply.notWritten': 'Nothing was applied: {0} cannot be written ({1}).',
  'apply.refused':
    'Nothing was applied: line {0} cannot take the edit of {1} without changing more than that text. Correct this line in a text editor, or undo the edit.',
  'apply.text.source': 'the source text “{0}”',
  'apply.text.target': 'the target text “{0}”',
  'event.tooLong': 'longer than {0} MiB',
  'event.tooMany': 'this one, like {0} before it, is no event; further ones are not named',

  // Where {0} is a position in a filter, it is counted in characters from 1.
  'filter.tooLong': 'The filter is {0} characters long; at most {1} are read. Shorten it.',
  'filter.tooMany': 'The filter has more than {1} conditions (from character {0}). Leave some out.',
  'filter.tooDeep':
    'Parentheses or NOTs stand more than {1} deep in each other at character {0} of the filter. Leave some out.',
  'filter.quote': 'The quotation mark at character {0} of the filter is never closed. Add another one.',
  'filter.open': 'The parenthesis at character {0} of the filter is never closed. Add a “)”.',
  'filter.close': 'The “)” at character {0} of the filter closes nothing. Remove it, or put it in quotes.',
  'filter.expected':
    'At character {0} of the filter a word or condition is missing. Put what is to be found as it stands in quotes.',
  'filter.empty':
    'There is nothing to look for in the quotes at character {0} of the filter. For a member without text write: name = ""',
  'filter.name':
    '“{1}:” at character {0} is not a condition of the filter. There are: {2}. To find that text, put it in quotes.',
  'filter.colon':
    'The colon at character {0} of the filter follows quotes. Write the name of the condition without them.',
  'filter.valueMissing': 'A value is missing at character {0} of the filter: it follows “{1}”.',
  'filter.value': '“{1}” at character {0} of the filter is nothing that “{2}:” can have. It can have: {3}.',
  'filter.path':
    'The name of a member is missing at character {0} of the filter. Write it like metadata.score, odd names in quotes.',
  'filter.operator':
    'At character {0} of the filter one of = != < <= > >= ~ is missing after the name of a member.',
  'filter.once':
    '“{1}:” at character {0} of the filter: it stands only once, outside parentheses, and not after AND, OR or NOT.',
  'filter.sample':
    '“{1}” at character {0} of the filter is no sample. Write how many records to draw, from 1 to {2}: sample:50. For another draw add a seed of up to 40 letters, digits, “.”, “_” or “-”: sample:50/second.',

  'import.tooLarge': '{0} is {1} MiB large; files over {2} MiB cannot be imported. Split it first.',
  'import.noRows': '{0} holds no rows.',
  'import.noFields':
    '{0}, line {1}: no text found. The members are: {2}. A row needs “instruction” and “output” (“input” may be missing), “prompt” and “completion”, or “text”.',
  'import.badRow': '{0}, line {1}: {2} Correct or remove this row, then import again.',
  'import.notUtf8': 'Not valid UTF-8 in this line or one of the next.',
  'import.notObject': 'It is no JSON object.',
  'import.columns': 'Columns here: {0}, in the first line: {1}.',
  'import.notText':
    '{0}, line {1}: the member “{2}” is missing or is not text. Correct this row, then import again.',
  'import.table': '{0}, line {1}: not a readable table: {2} Correct this row, then import again.',
  'import.header': '{0}: the first line must name the columns, each once; “{1}” is there twice or empty.',
  'import.parquet': '{0} cannot be read as Parquet: {1}',
  'import.layouts':
    '{0} has the fields {1}, {2} has the fields {3}. Two files can be paired only where both have the same.',
  'import.onto': 'The import would overwrite {0}, which it reads. Choose another name.',
  'import.exists': '{0} is there already and is not overwritten. Choose another name, or move it away.',
  'import.notWritten': 'Nothing was imported: {0} cannot be written ({1}).',
  'import.language': '“{0}” is not a language tag. Examples: en, it, zh, pt-BR.',
  'import.noIds': 'The rows of {0} have no ids to pair by: none of the members {1} is there.',
  'import.idsDisagree':
    'The ids do not agree ({0} of {1} occur in both files), so the rows were paired by what they say and where they stand.',
  'import.idsContradicted':
    'The ids look like mere row numbers: what the rows say contradicts them in {0} of {1} rows where it can be checked. The rows were paired by what they say and where they stand.',
  'import.idsDoubtful': 'What the rows say contradicts their ids in {0} of {1} rows where it can be checked.',
  'import.idsUnchecked':
    'The rows were paired by ids that look like mere row numbers; what they say could not confirm it. Check some of the pairs.',
  'import.repeatedIds':
    'Ids that several rows have, so that their reviews could be confused: {0}. Rename them before the review.',
  'import.nothingPaired':
    'No row could be paired: the two files do not seem to belong together. No shard was written.',
  'import.unpaired':
    'Rows left unpaired: {0} of the source, {1} of the target. No shard was written. To import the others, name a file that takes these rows (--allow-unpaired FILE).',
} as const;

const TABLES = [
  OWN,
  BACKEND_MESSAGES,
  CANDIDATE_MESSAGES,
  CHECK_MESSAGES,
  EXPORT_MESSAGES,
  EXPORT_RUN_MESSAGES,
  LICENCE_MESSAGES,
  RECIPE_MESSAGES,
  PLACE_MESSAGES,
  PROMPT_MESSAGES,
  REGENERATE_MESSAGES,
  HOST_MESSAGES,
  RUN_MESSAGES,
  SITTING_MESSAGES,
  VIEW_MESSAGES,
  WELCOME_MESSAGES,
] as const;

type IdOf<Table> = Table extends unknown ? keyof Table : never;
export type MessageId = IdOf<(typeof TABLES)[number]>;

/** Every message, in English. Not by spreading, which takes V8 more than twice as long for a thousand members. */
export const MESSAGES = Object.assign({}, ...TABLES) as Readonly<Record<MessageId, string>>;
/** What is put into a sentence. A sentence in it, or several, are put into the same language. */
export type Argument = string | number | Said | readonly Said[];

/** A sentence not yet put into a language. Travels over the wire and through errors. */
export interface Said {
  readonly id: MessageId;
  readonly args: readonly Argument[];
}

/** UTF-16 units of an argument: what a hostile file says is quoted, not reprinted. */
const MAX_ARGUMENT = 500;

export function say(id: MessageId, ...args: Argument[]): Said {
  return { id, args: args.map(arg => (typeof arg === 'string' ? arg.slice(0, MAX_ARGUMENT) : arg)) };
}

/** A text in the quotation marks of the language that the sentence around it is put into. */
export function quoted(text: string): Said {
  return say('text.quoted', text);
}

/** A language by its name, in a sentence that does not begin with `language.`. */
export function languageNamed(tag: string): Said {
  return say('language.name', tag);
}

/** More of a list help nobody, and a file may have thousands. */
const MAX_LISTED = 10;

/** Several things in one sentence, divided as the language does it. @param items at least one; the first ten are named */
export function listed(items: readonly Said[]): Said {
  return items.slice(0, MAX_LISTED).reduce((list, item) => say('list.more', list, item));
}

/** Fills the arguments into a template, English or translated. */
export function fill(template: string, args: readonly (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

/** How one language writes what stands in a sentence. */
export interface Writing {
  template(id: MessageId): string;
  number(value: number): string;
  /** The name of a language for its BCP-47 tag; the same text where it has none, or is no tag. */
  language(tag: string): string;
}

/** @param locale BCP-47 tag of the language that the templates are in */
export function writingIn(locale: string, template: Writing['template']): Writing {
  // Made when they are first used: the first of each kind reads the data of ICU, for tens of milliseconds.
  let numbers: Intl.NumberFormat | undefined;
  let languages: Intl.DisplayNames | undefined;
  // Browsers turn brackets with the writing, but no arrows: one that leads on leads to the left there.
  const isTurned = directionOf(locale) === 'rtl';
  return {
    template: id => (isTurned ? template(id).replaceAll('→', '←') : template(id)),
    number: value => (numbers ??= new Intl.NumberFormat(locale)).format(value),
    language: tag => {
      try {
        return (languages ??= new Intl.DisplayNames([locale], { type: 'language' })).of(tag) ?? tag;
      } catch {
        // No tag at all: problems of a candidate stand in a file that anybody may have written.
        return tag;
      }
    },
  };
}

/** For the command line and for models: numbers without separators, as other programs read them. */
const ENGLISH: Writing = { ...writingIn('en', id => MESSAGES[id]), number: String };

export function english(said: Said): string {
  return phrase(said, ENGLISH);
}

/** The sentence in a language. Messages of the language check hold languages as tags: their names are put into it. */
export function phrase(said: Said, writing: Writing): string {
  const namesLanguages = said.id.startsWith('language.');
  const args = said.args.map(arg => {
    if (typeof arg === 'number') return writing.number(arg);
    if (typeof arg === 'string') return namesLanguages ? writing.language(arg) : arg;
    return 'id' in arg ? phrase(arg, writing) : arg.map(each => phrase(each, writing)).join(' ');
  });
  return fill(writing.template(said.id), args);
}

/** An error whose text is meant for the user: says what is wrong, where, and what to do. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly said: Said;

  constructor(id: MessageId, ...args: Argument[]) {
    const said = say(id, ...args);
    super(english(said));
    this.said = said;
  }
}
