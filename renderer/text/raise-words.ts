import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

/** Words of the form that raises an alert: they come with it, and not with the first load. */
export const raiseEn = {
  title: 'Raise an alert',
  priority: 'Priority',
  area: 'Area',
  what: 'What is wrong, and where',
  whatHint: 'For example: Hydraulic pressure low · Press 2',
  body: 'What to do first',
  optional: 'optional',
  send: (priority: string): string => `Raise ${priority}`,
  everywhere: 'P0 and P1 show at once on every terminal of the site.',
  missingTitle: 'Say what is wrong.',
  missingPriority: 'Choose a priority.',
  missingArea: 'Choose an area.',
}

export const raiseKo: typeof raiseEn = {
  title: '경보 올리기',
  priority: '우선순위',
  area: '구역',
  what: '무엇이, 어디가 문제입니까',
  whatHint: '예: 유압 낮음 · 프레스 2',
  body: '먼저 할 일',
  optional: '선택',
  send: (priority) => `${priority} 올리기`,
  everywhere: 'P0과 P1은 현장의 모든 단말기에 바로 표시됩니다.',
  missingTitle: '무엇이 문제인지 쓰십시오.',
  missingPriority: '우선순위를 고르십시오.',
  missingArea: '구역을 고르십시오.',
}

const TABLES: Readonly<Record<Language, typeof raiseEn>> = { en: raiseEn, ko: raiseKo }

/** The words in the language of the moment. */
export function raiseWords(): typeof raiseEn {
  return TABLES[text.language]
}
