/** What a bench found, as rows of one table: our row, the rows of peers, and ours divided by each of theirs. */
export interface Table {
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  /** Which row the others are compared with; the name of one of `rows`. */
  readonly ours: string
  /** Sentences below the table: what has no peer, and what the machine gave. */
  readonly notes: readonly string[]
}

export interface Column {
  readonly name: string
  readonly better: 'less' | 'more'
  readonly digits: number
}

/** One system; null, or nothing, where it has no such number. */
export interface Row {
  readonly name: string
  readonly values: readonly (number | null)[]
}

const ARROWS = { less: '↓', more: '↑' } as const
const ABSENT = '–'

/** For a terminal: columns padded, ratios below the rows. */
export function asText({ title, notes, ...table }: Table): string {
  const cells = cellsOf(table)
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  )
  return [title, ...[...lines.map((line) => line.join('  ')), ...notes].map((line) => `  ${line}`), ''].join('\n')
}

/** For a document: a heading, a table, its notes as one paragraph. */
export function asMarkdown({ title, notes, ...table }: Table): string {
  const [header = [], ...lines] = cellsOf(table)
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'))
  const isOurs = (name: string | undefined): boolean => name === table.ours
  const bold = (line: readonly string[]) => (isOurs(line[0]) ? line.map((cell) => `**${cell}**`) : line)
  const rows = [header, rule, ...lines.map(bold)].map((line) => `| ${line.join(' | ')} |`)
  return [`### ${title}`, '', ...rows, '', ...(notes.length === 0 ? [] : [notes.join(' '), ''])].join('\n')
}

/** Header, rows, then ours over each peer. */
function cellsOf({ columns, rows, ours }: Pick<Table, 'columns' | 'rows' | 'ours'>): readonly (readonly string[])[] {
  const own = rows.find(({ name }) => name === ours)
  const peers = own === undefined ? [] : rows.filter((row) => row !== own)
  return [
    ['', ...columns.map(({ name, better }) => `${name} ${ARROWS[better]}`)],
    ...rows.map(({ name, values }) => [name, ...columns.map(({ digits }, at) => show(values[at] ?? null, digits))]),
    ...peers.map((peer) => [
      `${ours} ÷ ${peer.name}`,
      ...columns.map((_, at) => show(ratio(own?.values[at] ?? null, peer.values[at] ?? null), 2)),
    ]),
  ]
}

function ratio(own: number | null, peer: number | null): number | null {
  return own === null || peer === null || peer === 0 ? null : own / peer
}

function show(value: number | null, digits: number): string {
  if (value === null) return ABSENT
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
