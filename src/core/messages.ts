/**
 * Every sentence a user can read that is not in `package.nls.json`: the English text is also the key under which
 * `l10n/bundle.l10n.<language>.json` translates it. `{0}`, `{1}` … stand for the arguments.
 */
export const MESSAGES = {
  'error.unexpected': 'Something went wrong that was not foreseen: {0}',
  'command.noShard': 'Open a shard first: run “CrossAlpaca: Review Shard”.',
  'command.notOnDisk': '{0} is not a file on this machine: a shard is read from disk.',
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

  'export.counting': 'Counting what would be exported…',
  'export.writing': 'Exporting…',
  'export.nothing': 'Nothing to export: this shard has no approved instruction yet.',
  'export.preview': '{0} of {1} rows would be exported as Alpaca JSON Lines, target side.',
  'export.choose': 'Save As…',
  'export.done': '{0} rows exported to {1}.',
  'export.open': 'Open',
  'export.leftOut': 'Left out:',
  'export.left': '{0}: {1}',
  'export.bad': 'Not a record',
  'export.noInstruction': 'Sentence pair, not an instruction',

  'record.notJson': 'Not valid JSON: {0}',
  'record.notObject': 'Not a record: the line holds no JSON object.',
  'record.noSides':
    'No source and target found. The members are: {0}. See the README for the shapes that are recognised.',
  'record.notText': 'The member “{0}” is not text ({1}).',
  'record.notUtf8': 'Not valid UTF-8 at byte {0} of the line.',

  'record.tooLarge': 'The line is {0} MiB long; lines over 64 MiB are not shown.',
  'row.missing': 'There is no row {0}.',
  'row.notRecord': 'Line {0} is not a record: it cannot be reviewed.',

  'file.missing': 'There is no file {0}.',
  'file.directory': '{0} is a folder. Choose a file of records.',
  'file.unreadable': '{0} cannot be read: {1}',
  'file.empty': '{0} is empty: there is nothing to review.',
  'file.utf16': '{0} is encoded as UTF-16. Save it as UTF-8 and open it again.',
  'file.lfsPointer':
    '{0} is only a Git LFS pointer; the data itself is not here. Run “git lfs pull” and open it again.',
  'file.noRecord':
    'No record was recognised in {0}. Line {1}: {2} A shard is a JSON Lines file or one JSON array: each record has a source and a target side.',
  'file.changed': '{0} changed on disk while it was read.',
  'file.gone':
    'The file {0} is not there any more. What was read of it is still shown; put it back to go on.',

  'ledger.notWritten': 'Your decision was not saved: {0} cannot be written ({1}).',
  'ledger.replaced': 'Your decision was not saved: {0} is being replaced again and again by another program.',
  'ledger.link': 'Nothing was saved: {0} leads out of the review folder. Remove that link first.',
  'ledger.lineSkipped': 'Ledger {0}, line {1} was set aside: {2}.',
  'ledger.moreSkipped': 'Lines of ledgers that were set aside besides these: {0}.',
  'mapping.broken': 'The mapping {0} cannot be used: {1}',

  'write.noReviewer': 'Choose a reviewer name first.',
  'write.readonly': 'Nothing is being saved. {0}',
  'write.noLanguage': 'The target language of this shard is not known. Set it before you review.',
  'write.restricted': 'This folder is not trusted: you can read, but nothing is written.',
  'unit.changed': 'The text changed since it was shown. Look at it again, then decide.',
  'unit.moved': 'The file changed: another record stands in this place now.',
  'unit.notStale': 'There is no earlier text to keep: nothing changed since it was approved.',
  'unit.conflict': 'Two edits compete here. Keep one of them, or write a new text, before you decide.',
  'draft.rowChanged':
    'The record changed on disk while you were typing. Your text is kept as a draft; copy it, then press Escape to see the new text.',
  'undo.editedSince': 'This cannot be undone: the text was edited again since.',
  'undo.landed': 'This edit was written into the file. To undo it, edit the text back.',
  'candidate.missing': 'This proposal is no longer there.',
  'regenerate.emptySource': 'The source field “{0}” is empty: there is nothing to translate.',
  'export.notWritten': 'Nothing was exported: {0} cannot be written ({1}).',
  'shard.matchFailed': 'The decisions could not be matched to the records: {0}',
  'queue.failed': 'The filter was not asked of all records: {0}',
  'export.ontoShard': 'The export would overwrite the shard {0} itself. Choose another name.',
  'policy.broken': 'The policy {0} is broken, so nothing counts as approved until it is mended: {1}',

  'event.sameId': 'another event has the same id ({0})',
  'event.otherReviewer': 'written in the name of another reviewer ({0})',
  'event.notJson': 'not a complete event',
  'event.conflictMark': 'a mark left by an unfinished git merge',
  'event.version': 'written by a later version of CrossAlpaca (format {0})',
  'event.type': 'of a type that this version does not know: {0}',
  'event.member': 'the member “{0}” is missing or wrong',

  'policy.notJson': 'not valid JSON: {0}',
  'policy.notObject': 'it must hold one JSON object',
  'policy.member': 'the member “{0}” is unknown or has a wrong value: {1}',

  'state.pending': 'To review',
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
  'page.position': 'Record {0} of {1}.',
  'page.line': 'line {0}',
  'page.element': 'element {0}',
  'page.progress': '{0} of {1} approved',
  'page.badRows': 'Lines that are not records: {0}',
  'page.orphans': 'Reviewed, but no longer in the file: {0}',
  'page.reviewer': 'Reviewer: {0}',
  'page.noReviewer': 'Set reviewer name…',
  'page.backend': 'Backend: {0}',
  'page.noBackend': 'Set backend…',
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
  'page.noCandidates': 'No proposals yet. Press R to have the model translate the field that is marked.',
  'page.noBackendYet':
    'No inference backend is set. Set the address of your server to have a field translated again.',
  'page.noHistory': 'Nobody has done anything with this record yet.',
  'page.noComments': 'No comments yet.',
  'page.newComment': 'New comment',
  'page.addComment': 'Add Comment',
  'page.regenerating': 'The model is writing…',
  'page.regenerated': 'The proposal is ready.',
  'page.accept': 'Accept',
  'page.discard': 'Discard',
  'page.cancel': 'Cancel',
  'page.candidate': '{0}, by {1}',
  'page.candidateWarning': 'A check warns about this proposal:',
  'page.conflict':
    'These edits were made without knowing of each other. Keep one, or write a new text below.',
  'page.keep': 'Keep This and Approve',
  'page.by': '{0}, {1}',
  'stale.approved': '{0} approved another text ({1}). What changed since:',
  'stale.edited': 'The file changed under an edit by {0} ({1}). From that text to the one in the file:',
  'stale.rivals': 'Several edits of the earlier text compete. They are kept here and not applied.',
  'stale.keepApproved': 'Keep the Earlier Text',
  'stale.takeNew': 'Take the New Text',
  'stale.edit': 'Edit',
  'filter.all': 'All records',
  'filter.toReview': 'To review',
  'filter.stale': 'Changed since approval, or in conflict',
  'filter.needsWork': 'Needs work, or rejected',
  'filter.approved': 'Approved',
  'filter.findings': 'With warnings',
  'filter.commented': 'With comments',
  'filter.bad': 'Lines that are not records',
  'filter.repeated': 'Records with a key that stands more than once',
  'filter.savedOnes': 'Saved',
  'filter.commonOnes': 'Often wanted',
  'filter.save': 'Save This Filter…',
  'filter.namePrompt': 'A name for the filter. It is kept beside the shard, for everybody who reviews there.',
  'filters.broken': 'The saved filters in {0} cannot be read: {1}. Mend or remove that file.',
  'goTo.title': 'Go to a Record',
  'goTo.prompt': 'A row from 1 to {0}, “line 120” for a line of the file, or a key or id.',
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
  'apply.done': '{0}: {1} fields in {2} records were given their edited text.',
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
  'import.segments': 'The files run in parallel in {0} stretches.',
  'import.done': '{0} pairs were written to {1}.',
  'move.title': 'Take reviews along from',
  'move.fits': '{0} records of this file were reviewed there',
  'move.noOthers': 'There are no reviews of other files in this folder.',
  'move.nothing': 'There are no reviews in {0}.',
  'move.done':
    'Reviews taken along: {0} as they were, {1} of records that changed since. Not in this file: {2}.',
  'orphans.title': 'Reviewed, but no longer in {0}:',
  'orphans.line': '{0}   (then on line {1}; by {2}; events: {3})',
  'filter.label': 'Filter and search',
  'filter.placeholder': 'Filter: words, state:stale, metadata.score < 3',
  'filter.menu': 'Filters…',
  'filter.saved': 'Saved filters, and those that are often wanted',
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
  'key.keepApproved': 'Changed record: keep the earlier text',
  'key.takeNew': 'Changed record: take the new text',
  'key.search': 'Filter and search',
  'key.goTo': 'Go to a row, line or key',
  'page.staleSource': 'The target text is the same; the source changed.',
  'page.historyEdit': 'edited',
  'page.historyModel': 'edited, from a proposal by {0}',
  'page.historyComment': 'commented',
  'page.historyUndo': 'took back an action',
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
  'key.redo': 'Redo',
  'page.helpIntro':
    'All keys can be changed in VS Code’s Keyboard Shortcuts: search for “CrossAlpaca”. In a text box letters are typed; Escape or leaving the box gives the keys back.',

  // Arguments of `language.`: {0} is the language the text looks like, {1} the expected one, both as BCP-47 tags
  // (`fr`, `ru-Latn`); whoever shows the sentence replaces them by names, Intl.DisplayNames in the user's language.
  'language.wrong': 'This looks like {0}, not {1}.',
  'language.source': 'This looks like it was left in {0}; {1} is expected.',
  'language.mixed': 'This part looks like {0}; {1} is expected.',
  'language.copied': 'The same text as the source; {1} is expected.',

  'setting.backend.none':
    'No inference backend is set. Run “CrossAlpaca: Set Inference Backend” and enter the address of your server.',
  'setting.backend.askUrl': 'Inference backend (1 of 3): address',
  'setting.backend.askUrlPrompt':
    'An OpenAI-compatible server, called from the machine that this extension runs on. Leave it empty to use none.',
  'setting.backend.askModel': 'Inference backend (2 of 3): model',
  'setting.backend.askModelPrompt': 'Leave it empty where the server has only one model.',
  'setting.backend.askKey': 'Inference backend (3 of 3): API key',
  'setting.backend.askKeyPrompt':
    'Leave it empty where the server asks for none. It is kept in the secret storage of VS Code, not in settings.',
  'setting.backend.keepKey': 'Keep the API key that is stored',
  'setting.backend.changeKey': 'Change or remove it',
  'setting.backend.confirm': 'Send the text of records to {0}?',
  'setting.backend.confirmDetail':
    'This server is not on this machine. The fields of each record that you regenerate are sent to it.',
  'setting.backend.confirmButton': 'Send to This Server',
  'setting.backend.refused': 'Nothing was sent: you did not agree to use {0}.',
  'backend.down': 'No server answers at {0} ({1}). Start the server, or correct its address.',
  'backend.loading': 'The server at {0} is still loading its model. Wait a little, then try again.',
  'backend.busy': 'The server at {0} has too much to do. Wait a little, then try again.',
  'backend.server':
    'The server at {0} failed (status {1}). Try again; if it fails again, look at the log of the server. It said: {2}',
  'backend.network':
    'The connection to {0} failed before an answer came ({1}). Check the address, then try again.',
  'backend.truncated': 'The answer from {0} broke off, so it is not used. Try again.',
  'backend.not-sse':
    '{0} does not answer as a model server does. Check the address: it may lead to a proxy or a login page. It said: {1}',
  'backend.stream-error': 'The server at {0} reported an error in its answer. Try again. It said: {1}',
  'backend.overflow':
    'The text is too long for the model at {0}. Start the server with a longer context, or use another model. It said: {1}',
  'backend.empty':
    'The model at {0} answered without any text. Its context may be too short: start the server with a longer one, or use another model.',
  'backend.length':
    'The answer from {0} reached the limit of tokens before its end, so it is not used. Allow more tokens, or start the server with a longer context.',
  'backend.unauthorised': '{0} did not accept the request (status {1}). Set the API key again.',
  'backend.not-found':
    '{0} does not know this model or this address (status {1}). Choose another model, or correct the address. It said: {2}',
  'backend.redirect':
    '{0} sends the request to another address (status {1}). Redirects are not followed: set the right address yourself.',
  'backend.silence':
    '{0} sent nothing for {1} seconds. Check that the server is working, or set a longer waiting time.',
  'backend.aborted': 'Cancelled.',
  'backend.too-large': 'The answer from {0} is larger than {1} MiB, so it is not used. Use another model.',
  'backend.bad-request':
    '{0} refused the request (status {1}). Check that the model is made for chat. It said: {2}',
  'backend.bad-url':
    'The address of the server must begin with http:// or https://, without user name, password, “?” or “#”. For example: http://127.0.0.1:8080',
  'backend.bad-key': 'The API key holds a character that cannot be sent. Set the API key again.',
  'apply.ontoShard':
    'The copy would overwrite the shard {0} itself. Choose another name, or apply the edits in place.',
  'apply.notWritten': 'Nothing was applied: {0} cannot be written ({1}).',
  'apply.refused':
    'Nothing was applied: line {0} cannot take the edit of its {1} without changing more than that text. Correct this line in a text editor, or undo the edit.',
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
  'filter.sort':
    '“sort:” at character {0} of the filter: it stands only once, outside parentheses, and not after AND, OR or NOT.',

  'import.tooLarge': '{0} is {1} MiB large; files over {2} MiB cannot be imported. Split it first.',
  'import.noRows': '{0} holds no rows.',
  'import.noFields':
    '{0}, line {1}: no text found. The members are: {2}. A row needs “instruction” and “output” (“input” may be missing), “prompt” and “completion”, or “text”.',
  'import.badRow': '{0}, line {1}: {2} Mend or remove this row, then import again.',
  'import.notText':
    '{0}, line {1}: the member “{2}” is missing or is not text. Mend this row, then import again.',
  'import.table': '{0}, line {1}: not a readable table: {2} Mend this row, then import again.',
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
} as const satisfies Record<string, string>;

export type MessageId = keyof typeof MESSAGES;
export type Argument = string | number;

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

/** Fills the arguments into a template, English or translated. */
export function fill(template: string, args: readonly Argument[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

export function english(said: Said): string {
  return phrase(said, MESSAGES[said.id], 'en');
}

/**
 * The sentence in the language of a template.
 * @param locale BCP-47 tag of that language: names of languages, which messages of the language check hold as tags, are put into it
 */
export function phrase(said: Said, template: string, locale: string): string {
  if (!said.id.startsWith('language.')) return fill(template, said.args);
  const names = new Intl.DisplayNames([locale], { type: 'language' });
  return fill(
    template,
    said.args.map(tag => names.of(String(tag)) ?? tag),
  );
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
