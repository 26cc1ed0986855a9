import type { Language } from '../../relay/protocol/records.ts'
import { grouped } from './grouped.ts'
import { text } from './text.ts'

export const talkEn = {
  empty: (area: string): string => `Nothing has been said in ${area} yet.`,
  emptyMore: 'What you write here is read by everybody of the line.',
  label: 'Message',
  placeholder: (area: string): string => `Message to ${area}`,
  send: 'Send',
  left: (count: number): string => `${count} characters left`,
  over: (count: number): string => `${count} characters too many`,
  newest: 'To the newest',
  older: 'Older messages',
  reading: 'Older messages are coming …',
  seeking: 'Reading back to this message …',
  far: 'This message is too far back to be read back to here.',
  gone: 'This message is not kept any more.',
  log: 'What was said, oldest first',
  mentioned: (by: string, line: string): string => `${by} names you in ${line}`,
  show: 'Show',
  later: 'Later',
  newBelow: (count: number): string => `${count} new`,
  /** The line in the log at which somebody stopped reading. */
  newFrom: 'New',
  actions: (author: string, words: string): string => `Answer or withdraw: ${author}, ${words}`,
  answer: 'Answer',
  answering: (author: string): string => (author === '' ? 'About' : `Answer to ${author}`),
  noAnswer: 'No answer after all',
  alert: 'An alert',
  order: 'A work order',
  notHere: 'This message is older than what this window shows.',
  withdraw: 'Withdraw',
  withdrawExplain: 'Nobody can read it any more. That it was withdrawn, by whom and when, stays.',
  withdrawNow: 'Withdraw it',
  keep: 'Leave it',
  withdrawn: (by: string, at: string): string => `Withdrawn by ${by} at ${at}`,
  withdrawnQuote: 'Withdrawn',
  withdrawing: 'Being withdrawn',
  /** Whom the message that is being written can name. */
  people: 'People of this line',
  discussAll: (count: number): string => `All ${count} messages`,
  alertGone: 'This alert is not active any more.',
  talk: 'Said about this',
  nothingSaid: 'Nothing has been said about this yet.',
}

const number = (value: number): string => grouped(value, 'ko-KR')

export const talkKo: typeof talkEn = {
  empty: (area) => `${area}: 아직 오간 말이 없습니다.`,
  emptyMore: '여기에 쓴 말은 이 라인의 모든 사람이 읽습니다.',
  label: '메시지',
  placeholder: (area) => `${area} 메시지`,
  send: '보내기',
  left: (count) => `${number(count)}자 남음`,
  over: (count) => `${number(count)}자 초과`,
  newest: '최신으로',
  older: '이전 메시지',
  reading: '이전 메시지를 가져오는 중 …',
  seeking: '이 메시지까지 거슬러 읽는 중 …',
  far: '이 메시지는 너무 오래되어 여기서 거슬러 읽을 수 없습니다.',
  gone: '이 메시지는 더 이상 보관되어 있지 않습니다.',
  log: '오간 말, 오래된 것부터',
  mentioned: (by, line) => `${line}: ${by} 님이 나를 불렀습니다`,
  show: '보기',
  later: '나중에',
  newBelow: (count) => `새 메시지 ${number(count)}`,
  newFrom: '여기부터 새 메시지',
  actions: (author, words) => `답하거나 거두기: ${author}, ${words}`,
  answer: '답하기',
  answering: (author) => (author === '' ? '이에 대해' : `${author}에게 답함`),
  noAnswer: '답하지 않기',
  alert: '경보',
  order: '작업 지시',
  notHere: '이 창에 표시된 것보다 오래된 메시지입니다.',
  withdraw: '거두기',
  withdrawExplain: '더 이상 아무도 읽을 수 없습니다. 누가 언제 거두었는지는 남습니다.',
  withdrawNow: '메시지 거두기',
  keep: '그대로 두기',
  withdrawn: (by, at) => `거둔 메시지 · ${by} · ${at}`,
  withdrawnQuote: '거둔 메시지',
  withdrawing: '거두는 중',
  people: '이 라인의 사람',
  discussAll: (count) => `메시지 ${number(count)}개 모두 보기`,
  alertGone: '이 경보는 더 이상 활성 상태가 아닙니다.',
  talk: '이에 대해 오간 말',
  nothingSaid: '이에 대해 아직 오간 말이 없습니다.',
}

const TABLES: Readonly<Record<Language, typeof talkEn>> = { en: talkEn, ko: talkKo }

/** The words of what is said and answered, which come with the view of the chat. */
export function talkWords(): typeof talkEn {
  return TABLES[text.language]
}
