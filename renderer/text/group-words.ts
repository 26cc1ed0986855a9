import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

/** Words for many alerts of one machine in one row: they come with that row. */
export const groupEn = {
  count: (count: number): string => `${count} alerts`,
  first: 'First',
  last: 'last',
  show: 'Show each',
  showLabel: (machine: string): string => `Show each alert: ${machine}`,
  fold: 'Fold',
  foldLabel: (machine: string): string => `Fold: ${machine}`,
  more: (count: number): string => `${count} more on the list of alerts`,
}

export const groupKo: typeof groupEn = {
  count: (count) => `경보 ${count}건`,
  first: '처음',
  last: '마지막',
  show: '모두 보기',
  showLabel: (machine) => `경보 모두 보기: ${machine}`,
  fold: '접기',
  foldLabel: (machine) => `접기: ${machine}`,
  more: (count) => `경보 목록에 ${count}건 더`,
}

const TABLES: Readonly<Record<Language, typeof groupEn>> = { en: groupEn, ko: groupKo }

/** The words in the language of the moment. */
export function groupWords(): typeof groupEn {
  return TABLES[text.language]
}
