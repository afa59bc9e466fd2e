/** Markdown (CommonMark, with the tables of GitHub) from texts that somebody else wrote. */

/** What can begin emphasis, code, links, HTML, entities, cells, autolinks: each may stand behind a backslash. */
const MARKS = /[\\`*_{}[\]<>|#!&~^$@]|:(?=\/\/)|(?<=www)\./gi;

/** A text of one line that shows as it is. */
export function plainMarkdown(text: string): string {
  return text.replace(MARKS, mark => `\\${mark}`);
}

/** @param rows cells that are Markdown of one line */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
