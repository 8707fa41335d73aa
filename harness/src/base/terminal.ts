import stringWidth from 'string-width';

const DEFAULT_COLUMNS = 80;

/** The columns of a terminal. One that does not know them, or says 0, has 80. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : DEFAULT_COLUMNS;
}

/** The columns that a text takes: two for a Chinese character, none for an accent of its own. */
export const widthOf = (text: string): number => stringWidth(text);

/** The beginning of a text that is at most so many columns wide; no character is cut in two. */
export function fit(text: string, columns: number): string {
  let fitting = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    fitting += segment;
  }
  return fitting;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
}
