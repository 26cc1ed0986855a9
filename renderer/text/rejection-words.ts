import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

/** Words of what was not accepted: they come with its view and sheet, and not with the first load. */
export const rejectionsEn = {
  summary: (count: number): string => (count === 1 ? '1 waits for a decision' : `${count} wait for a decision`),
  empty: (area: string): string => `Everything that was done in ${area} was accepted, or settled since.`,
  forSupervisors: 'Supervisors see here what the server did not accept.',
  by: (by: string, on: string | null): string => (on === null ? by : `${by} on ${on}`),
  byDevice: (on: string): string => `Terminal ${on}, nobody signed in`,
  byStranger: (on: string, key: string): string => `Unknown terminal “${on}”, key ${key}: nobody ever signed in on it`,
  reported: (who: string): string => `${who}, by the terminal’s own report`,
  claimed: (who: string, said: string): string => `${who}. It says this is from ${said}, which nobody checked.`,
  terminal: (on: string): string => `the terminal ${on}`,
  held: 'It held',
  again: 'Send again',
  againLabel: (what: string): string => `Send again: ${what}`,
  discard: 'Discard',
  discardLabel: (what: string): string => `Discard: ${what}`,
  againTitle: 'Send again?',
  againExplain: (by: string): string =>
    `It is sent once more as it was, under your name instead of ${by}. If the reason still holds, it is refused again.`,
  discardTitle: 'Discard?',
  discardExplain: (by: string): string => `It does not take effect. ${by} reads who discarded it, and why.`,
  discardExplainDevice: 'It does not take effect. Who discarded it and why is kept.',
  reason: 'Reason',
  reasonHint: 'For example: done on paper already',
  missingReason: 'Say why it is discarded.',
  closing: 'Settled here, waiting for server',
  gone: 'This was settled meanwhile.',
}

export const rejectionsKo: typeof rejectionsEn = {
  summary: (count) => `${count}건이 결정을 기다립니다`,
  empty: (area) => `${area}: 모두 처리되었거나 그 뒤에 정리되었습니다.`,
  forSupervisors: '서버가 반려한 것은 관리자가 여기에서 봅니다.',
  by: (by, on) => (on === null ? by : `${by} (${on})`),
  byDevice: (on) => `단말기 ${on}, 로그인한 사람 없음`,
  byStranger: (on, key) => `알 수 없는 단말기 “${on}”, 키 ${key}: 로그인한 사람이 한 번도 없음`,
  reported: (who) => `${who}, 단말기가 스스로 보고함`,
  claimed: (who, said) => `${who}. 단말기가 말하는 작성자: ${said} (확인되지 않음)`,
  terminal: (on) => `단말기 ${on}`,
  held: '내용',
  again: '다시 보내기',
  againLabel: (what) => `다시 보내기: ${what}`,
  discard: '버리기',
  discardLabel: (what) => `버리기: ${what}`,
  againTitle: '다시 보내시겠습니까?',
  againExplain: (by) =>
    `있던 그대로 한 번 더 보냅니다. 작성자는 ${by} 대신 본인이 됩니다. 반려된 까닭이 그대로이면 다시 반려됩니다.`,
  discardTitle: '버리시겠습니까?',
  discardExplain: (by) => `적용되지 않습니다. 누가 왜 버렸는지 작성자(${by})에게 표시됩니다.`,
  discardExplainDevice: '적용되지 않습니다. 누가 왜 버렸는지는 기록에 남습니다.',
  reason: '까닭',
  reasonHint: '예: 이미 종이에 적어 처리함',
  missingReason: '버리는 까닭을 쓰십시오.',
  closing: '여기서 정리함, 서버 응답 대기',
  gone: '그 사이에 정리되었습니다.',
}

const TABLES: Readonly<Record<Language, typeof rejectionsEn>> = { en: rejectionsEn, ko: rejectionsKo }

/** The words in the language of the moment. */
export function rejectionWords(): typeof rejectionsEn {
  return TABLES[text.language]
}
