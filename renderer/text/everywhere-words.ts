import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

const en = {
  title: 'Sign out everywhere?',
  explain:
    'You are signed out here at once and on every other terminal: on those that are off the network, the moment they return.',
  queue:
    'What you did there and was not sent yet is not carried out. A supervisor sees it under “Not accepted” and decides.',
  offline: 'The server is not reached now. Here it holds at once, elsewhere as soon as the server knows.',
}

const ko: typeof en = {
  title: '모든 곳에서 로그아웃하시겠습니까?',
  explain:
    '여기와 다른 모든 단말기에서 바로 로그아웃됩니다. 네트워크에서 떨어져 있는 단말기는 다시 연결되는 순간 로그아웃됩니다.',
  queue: '그 단말기에서 하고 아직 전송되지 않은 일은 실행되지 않습니다. 관리자가 “반려”에서 보고 결정합니다.',
  offline: '지금은 서버에 닿지 않습니다. 여기서는 바로, 다른 곳에서는 서버가 알게 되는 대로 적용됩니다.',
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of signing out everywhere, which come with its sheet. */
export function everywhereWords(): typeof en {
  return TABLES[text.language]
}
