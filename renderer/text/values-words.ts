import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

const en = {
  title: (line: string): string => `Values · ${line}`,
  lead: (most: number, onBoards: number): string =>
    `Up to ${most}, on this terminal. Boards of all lines show the first ${onBoards}.`,
  none: 'None is chosen: those with limits stand for the line.',
  remove: (value: string): string => `Remove: ${value}`,
  full: (most: number): string => `${most} are chosen. Remove one to choose another.`,
  chosen: 'Chosen',
  find: 'Find machine or value',
}

const ko: typeof en = {
  title: (line) => `표시할 값 · ${line}`,
  lead: (most, onBoards) =>
    `이 단말기에서 최대 ${most}개. 전체 라인 화면과 현황판에는 앞의 ${onBoards}개가 표시됩니다.`,
  none: '선택한 값이 없어 한계가 있는 값부터 표시합니다.',
  remove: (value) => `빼기: ${value}`,
  full: (most) => `${most}개를 선택했습니다. 다른 값을 고르려면 하나를 빼십시오.`,
  chosen: '선택한 값',
  find: '설비나 값 찾기',
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of the sheet in which values of a line are chosen. */
export function valuesWords(): typeof en {
  return TABLES[text.language]
}
