import type { SearchKind } from '../../relay/protocol/search.ts'
import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

const en = {
  title: 'Search',
  field: 'Words, or the number of an order',
  hint: 'Finds messages, work orders, alerts and handover notes of every line that you may see, also from the middle of a word.',
  none: (q: string): string => `Nothing is found for “${q}”.`,
  noneMore: 'Fewer or shorter words find more.',
  signIn: 'Sign in to search.',
  unreached: 'Searching needs the server, which cannot be reached now.',
  unavailable: 'The server cannot search right now. Everything else goes on.',
  noWords: 'A search needs at least one letter or digit.',
  busy: 'Too much is being searched at this moment.',
  failed: 'The search could not be carried out.',
  again: 'Search again',
  asking: 'Searching …',
  count: (count: number, isAll: boolean): string =>
    isAll ? (count === 1 ? '1 found' : `${count} found`) : `The newest ${count}`,
  notWhole: 'The server is still looking through what is older: later there may be more.',
  more: 'Show older ones',
  kinds: { orders: 'Work orders', alerts: 'Alerts', notes: 'Handover notes', chat: 'Messages' } satisfies Record<
    SearchKind,
    string
  >,
  notHere: 'It is not loaded on this terminal any more.',
  back: 'Close',
}

const ko: typeof en = {
  title: '검색',
  field: '찾을 말 또는 작업 지시 번호',
  hint: '볼 수 있는 모든 라인의 메시지, 작업 지시, 경보, 인수인계 노트를 찾습니다. 낱말의 가운데도 찾습니다.',
  none: (q) => `“${q}”에 맞는 것이 없습니다.`,
  noneMore: '낱말을 줄이거나 짧게 하면 더 많이 찾습니다.',
  signIn: '로그인하면 검색할 수 있습니다.',
  unreached: '검색하려면 서버가 필요하지만 지금 연결되지 않습니다.',
  unavailable: '서버가 지금 검색할 수 없습니다. 다른 것은 계속 쓸 수 있습니다.',
  noWords: '글자나 숫자가 하나 이상 필요합니다.',
  busy: '지금 검색이 너무 많습니다.',
  failed: '검색하지 못했습니다.',
  again: '다시 검색',
  asking: '찾는 중 …',
  count: (count, isAll) => (isAll ? `${count}건` : `최근 ${count}건`),
  notWhole: '서버가 오래된 내용을 아직 살피는 중입니다. 나중에 더 나올 수 있습니다.',
  more: '더 오래된 것 보기',
  kinds: { orders: '작업 지시', alerts: '경보', notes: '인수인계 노트', chat: '메시지' },
  notHere: '이 단말기에는 더 이상 없습니다.',
  back: '닫기',
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of the search, which come with its sheet. */
export function searchWords(): typeof en {
  return TABLES[text.language]
}
