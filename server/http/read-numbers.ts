/**
 * A text of JSON, or one of the three words for a number that JSON does not know and that writers of other languages put
 * there all the same. The first part steps over whole texts, an unfinished one up to the end, so that a body of any kind is
 * read once from its beginning to its end.
 */
const TEXT_OR_WORD = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|(?<![\w.+-])(-?)(?:NaN|Infinity)(?![\w.+-])/g

/**
 * `JSON.parse` that reads `NaN`, `Infinity` and `-Infinity` as a number that no schema of a measurement takes, so that the
 * sample that has it is refused by its index and the others of its batch are not (Y1).
 *
 * @throws {SyntaxError} on whatever else is no JSON
 */
export function readNumbers(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    if (!content.includes('NaN') && !content.includes('Infinity')) throw cause
    // JSON's own way to a number that is not finite: one that is too large.
    return JSON.parse(
      content.replace(TEXT_OR_WORD, (found, sign: string | undefined) => (sign === undefined ? found : `${sign}1e999`)),
    )
  }
}
