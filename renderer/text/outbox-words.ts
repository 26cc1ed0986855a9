import type { Language } from '../../relay/protocol/records.ts'
import { grouped } from './grouped.ts'
import { text } from './text.ts'

const en = {
  title: 'Waiting to be sent',
  progress: (count: number): string => `${grouped(count, 'en')} sent`,
  newest: (count: number): string => `Shown are the newest ${grouped(count, 'en')}.`,
  empty: 'Nothing is waiting. Everything you did has reached the server.',
  emptyBut: 'Nothing else is waiting.',
  explain: 'Saved on this terminal. It is sent in this order as soon as the server answers, also after a restart.',
  refusedTitle: 'Not accepted',
  refusedExplain: 'These did not take effect. Send them again or discard them.',
  decidedTitle: 'Decided by others',
  resentBy: (by: string, time: string): string => `Sent again by ${by} at ${time}`,
  discardedBy: (by: string, time: string): string => `Discarded by ${by} at ${time}`,
  because: (what: string, why: string): string => `${what}: ${why}`,
  waiting: 'waiting',
  saving: 'saving',
  resend: 'Send again',
  edit: 'Change and send again',
  choose: 'Choose a value',
  discard: 'Discard',
  of: (by: string): string => `by ${by}`,
  ofDevice: 'by this terminal',
}

const number = (value: number): string => grouped(value, 'ko-KR')

const ko: typeof en = {
  title: '전송 대기',
  progress: (count) => `${number(count)}건 전송됨`,
  newest: (count) => `최근 ${number(count)}건만 표시합니다.`,
  empty: '대기 중인 것이 없습니다. 하신 일은 모두 서버에 도착했습니다.',
  emptyBut: '그 밖에 대기 중인 것은 없습니다.',
  explain: '이 단말기에 저장되어 있습니다. 서버가 응답하면 이 순서대로 전송됩니다. 다시 시작한 뒤에도 마찬가지입니다.',
  refusedTitle: '접수되지 않은 것',
  refusedExplain: '적용되지 않았습니다. 다시 보내거나 버리십시오.',
  decidedTitle: '다른 사람이 결정한 것',
  resentBy: (by, time) => `다시 보냄: ${by}, ${time}`,
  discardedBy: (by, time) => `버림: ${by}, ${time}`,
  because: (what, why) => `${what}: ${why}`,
  waiting: '대기 중',
  saving: '저장 중',
  resend: '다시 보내기',
  edit: '고쳐서 다시 보내기',
  choose: '값 고르기',
  discard: '버리기',
  of: (by) => `작성: ${by}`,
  ofDevice: '작성: 이 단말기',
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of what waits to be sent and of what was not accepted, which come with their sheet. */
export function outboxWords(): typeof en {
  return TABLES[text.language]
}
