import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

/** By command, what is done with a handover note. */
const DEEDS_EN: Readonly<Record<string, string>> = {
  'note.open': 'open',
  'note.update': 'write',
  'note.sign': 'hand over',
  'note.accept': 'take over',
  'note.add': 'add',
}
const DEEDS_KO: typeof DEEDS_EN = {
  'note.open': '열기',
  'note.update': '쓰기',
  'note.sign': '인계',
  'note.accept': '인수',
  'note.add': '덧붙이기',
}

export const commandEn = {
  raise: (priority: string, title: string): string => `Raise ${priority} “${title}”`,
  acknowledge: (title: string | null): string => (title === null ? 'Acknowledge an alert' : `Acknowledge “${title}”`),
  resolve: (title: string | null): string => (title === null ? 'Resolve an alert' : `Resolve “${title}”`),
  create: (number: string): string => `Create work order ${number}`,
  edit: (number: string | null, changes: string): string =>
    number === null ? `Change a work order: ${changes}` : `Change ${number}: ${changes}`,
  change: (field: string, value: string): string => `${field} ${value}`,
  post: (area: string, words: string): string => `Message to ${area}: ${words}`,
  share: (area: string, words: string, count: number): string => {
    const files = count === 1 ? '1 photo or file' : `${count} photos and files`
    return words === '' ? `${files} to ${area}` : `Message to ${area} with ${files}: ${words}`
  },
  withdraw: (area: string): string => `Withdraw a message to ${area}`,
  read: (area: string): string => `Mark ${area} as read`,
  close: (how: 'resent' | 'discarded'): string =>
    how === 'resent' ? 'Mark what was not accepted as sent again' : 'Discard what was not accepted',
  signOut: 'Sign out',
  signOutEverywhere: (operator: string): string => `Sign ${operator} out everywhere`,
  theme: (theme: string): string => `Appearance: ${theme}`,
  language: (language: string): string => `Language: ${language}`,
  note: (type: string, note: string): string => `Handover note ${note}: ${DEEDS_EN[type] ?? type}`,
  unknown: (type: string): string => `Something from another version (${type})`,
}

export const commandKo: typeof commandEn = {
  raise: (priority, title) => `${priority} 올리기 “${title}”`,
  acknowledge: (title) => (title === null ? '경보 맡기' : `맡기 “${title}”`),
  resolve: (title) => (title === null ? '경보 해결' : `해결 “${title}”`),
  create: (order) => `작업 지시 ${order} 만들기`,
  edit: (order, changes) => (order === null ? `작업 지시 변경: ${changes}` : `${order} 변경: ${changes}`),
  change: (field, value) => `${field} ${value}`,
  post: (area, words) => `${area} 메시지: ${words}`,
  share: (area, words, count) =>
    words === '' ? `${area} 사진·파일 ${count}개` : `${area} 메시지와 사진·파일 ${count}개: ${words}`,
  withdraw: (area) => `${area} 메시지 거두기`,
  read: (area) => `${area} 읽음 표시`,
  close: (how) => (how === 'resent' ? '반려된 것을 다시 보냈다고 표시' : '반려된 것 버리기'),
  signOut: '로그아웃',
  signOutEverywhere: (operator) => `모든 곳에서 로그아웃: ${operator}`,
  theme: (theme) => `화면 모드: ${theme}`,
  language: (language) => `언어: ${language}`,
  note: (type, note) => `인수인계 노트 ${note}: ${DEEDS_KO[type] ?? type}`,
  unknown: (type) => `다른 버전의 명령 (${type})`,
}

const TABLES: Readonly<Record<Language, typeof commandEn>> = { en: commandEn, ko: commandKo }

/** What a command does, in words: they come with the lists of commands. */
export function commandWords(): typeof commandEn {
  return TABLES[text.language]
}
