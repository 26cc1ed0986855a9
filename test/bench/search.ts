import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { Incarnation } from '../../relay/protocol/ids.ts'
import { SearchDatabase } from '../../server/adapters/sqlite/search-database.ts'
import { searchRules } from '../../server/core/search-words.ts'
import type { SearchChange } from '../../server/ports/search.ts'
import type { Bench } from './bench.ts'
import { quantile } from './quantile.ts'

const ITEMS = 1_000_000
const BATCH = 2_000
const LINES = 20
/** Of each question, one after the other. */
const ROUNDS = 20
/** LIKE takes seconds for what is rare. */
const LIKE_ROUNDS = 2
const PAGE = 20

const LATIN =
  'press oil pressure low tool changed check valve leak line stopped operator called maintenance bearing temperature high belt sensor failed reset shift handover quality reject scrap coil order part gauge'
const HANGUL =
  '금형 불량 교체 압력 온도 누유 베어링 센서 작업 지시 완료 확인 라인 정지 품질 검사 교대 인수 코일 재고 부품 점검 야간 주간 설비'
const ENDINGS = ['을', '이', '에서', '은', '']

/** What people of a floor ask: what is everywhere, what is rare, what is nowhere, and all that is common together, which is worst. */
const QUESTIONS: readonly (readonly [q: string, lines: number])[] = [
  ['pressure', LINES],
  ['금형', LINES],
  ['형', 3],
  ['불량 교체', 3],
  ['불량을 확인', 1],
  ['A-900042', LINES],
  ['handover scrap', 1],
  ['valve coil gauge', 1],
  ['press oil valve leak coil gauge reset', LINES],
  ['press oil valve leak coil gauge reset', 1],
  ['zirconia', LINES],
]

/** Ten words of a million messages, the same in every run (a linear congruence). */
function textOf(index: number): string {
  const latin = LATIN.split(' ')
  const hangul = HANGUL.split(' ')
  let state = (index * 2_654_435_761) % 2_147_483_647
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const words = Array.from({ length: 6 }, () => latin[next(latin.length)] ?? '')
  const korean = Array.from(
    { length: 4 },
    () => `${hangul[next(hangul.length)] ?? ''}${ENDINGS[next(ENDINGS.length)] ?? ''}`,
  )
  return [...words, ...korean, `A-${index}`].join(' ')
}

const channelOf = (line: number): ChannelName => `chat/line-${line}` as ChannelName

function changeOf(index: number): SearchChange {
  const line = index % LINES
  return {
    kind: 'put',
    item: {
      kind: 'chat',
      id: `m${index}`,
      channel: channelOf(line),
      offset: index,
      area: `line-${line}`,
      at: new Date(1_760_000_000_000 + index * 30_000).toISOString(),
      by: 'kim',
      title: '',
      text: textOf(index),
      number: null,
      isStanding: false,
    },
  }
}

/** The thread's own database, without the thread, and plain `LIKE` on the same rows of the same file. */
export const SEARCH: Bench = {
  name: 'search',
  says: 'a million messages searched, beside plain LIKE on the same rows',
  seconds: 300,
  run(progress) {
    const folder = mkdtempSync(join(tmpdir(), 'andon-bench-search-'))
    const index = new SearchDatabase({
      folder,
      rules: { ...searchRules, maxItemsPerScope: ITEMS },
      failed: () => undefined,
    })
    try {
      index.begin('bench' as Incarnation)
      const beganAt = performance.now()
      for (let at = 0; at < ITEMS; at += BATCH) {
        index.write({ changes: Array.from({ length: BATCH }, (_, one) => changeOf(at + one)) })
        if (at % 250_000 === 0) progress(`${at} of ${ITEMS} written`)
      }
      const perSecond = ITEMS / ((performance.now() - beganAt) / 1_000)
      progress('asking')
      const own = QUESTIONS.map(([q, lines]) =>
        timesOf(ROUNDS, () => {
          const channels = Array.from({ length: lines }, (_, line) => channelOf(line))
          index.find({ q, channels, area: null, after: null })
        }),
      )
      index.close()
      const file = join(folder, 'search.sqlite')
      const megabytes = statSync(file).size / 1024 / 1024
      progress('asking by LIKE')
      const like = likeTimes(file)
      const all = (times: readonly (readonly number[])[]) => [quantile(times.flat(), 0.5), quantile(times.flat(), 0.99)]
      const worst = QUESTIONS.map(([q, lines], at) => {
        const [ours, theirs] = [own[at], like[at]].map((times) => quantile(times ?? [], 0.99).toFixed(1))
        return `“${q}” of ${lines} lines: ${ours}, by LIKE ${theirs} ms.`
      })
      return Promise.resolve([
        {
          title: `A page of ${PAGE} among ${ITEMS.toLocaleString('en')} messages of ${LINES} lines`,
          columns: [
            { name: 'p50 ms', better: 'less', digits: 1 },
            { name: 'p99 ms', better: 'less', digits: 1 },
          ],
          rows: [
            { name: 'Andon', values: all(own) },
            { name: 'LIKE', values: all(like) },
          ],
          ours: 'Andon',
          notes: [`${perSecond.toFixed(0)} messages written a second, ${megabytes.toFixed(0)} MB.`, ...worst],
        },
      ])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function likeTimes(file: string): readonly (readonly number[])[] {
  const db = new Database(file)
  try {
    return QUESTIONS.map(([q, lines]) => {
      const words = q.toLowerCase().split(' ')
      const statement = db.prepare(
        `SELECT items.id, text FROM items JOIN scopes ON scopes.id = items.scope
         WHERE ${words.map(() => 'text LIKE ?').join(' AND ')}
           AND channel IN (${Array.from({ length: lines }, () => '?').join(', ')}) ORDER BY items.id DESC LIMIT ${PAGE}`,
      )
      const values = [
        ...words.map((word) => `%${word}%`),
        ...Array.from({ length: lines }, (_, line) => channelOf(line)),
      ]
      return timesOf(LIKE_ROUNDS, () => void statement.all(...values))
    })
  } finally {
    db.close()
  }
}

function timesOf(rounds: number, ask: () => void): readonly number[] {
  return Array.from({ length: rounds }, () => {
    const beganAt = performance.now()
    ask()
    return performance.now() - beganAt
  })
}
