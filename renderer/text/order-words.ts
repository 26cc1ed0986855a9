import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

type OrderFilter = 'todo' | 'running' | 'late' | 'mine' | 'done'
type OrderSort = 'due' | 'number' | 'status'

const en = {
  filterLegend: 'Shown',
  filters: { todo: 'To do', running: 'Running', late: 'Late', mine: 'Mine', done: 'Done' } satisfies Record<
    OrderFilter,
    string
  >,
  noneIn: {
    todo: 'Every order is done.',
    running: 'No order is running now.',
    late: 'No order is late.',
    mine: 'No order is assigned to you.',
    done: 'No order is done yet.',
  } satisfies Record<OrderFilter, string>,
  sortLegend: 'Sorted by',
  sorts: { due: 'By due time', number: 'By number', status: 'By status' } satisfies Record<OrderSort, string>,
  newIn: (area: string): string => `New order · ${area}`,
  create: 'Create order',
  missingNumber: 'The order needs a number.',
  takenNumber: (number: string): string => `There is an order ${number} already.`,
  numberHint: 'Proposed: the next one of this list',
  due: {
    days: { none: 'No time', today: 'Today', tomorrow: 'Tomorrow' },
    dayBefore: 'One day earlier',
    dayAfter: 'One day later',
    step: (minutes: number): string =>
      `${minutes < 0 ? '−' : '+'}${Math.abs(minutes) < 60 ? `${Math.abs(minutes)} min` : `${Math.abs(minutes) / 60} h`}`,
    earlier: 'earlier',
    later: 'later',
  },
  save: 'Save changes',
  nothingToSave: 'Nothing is changed.',
  more: (field: string): string => `${field}: one more`,
  less: (field: string): string => `${field}: one less`,
  assigneeHint: 'Short name, for example kim; empty for nobody',
  badAssignee: 'A short name has only a–z, 0–9 and -.',
  badQuantity: 'A whole number from 0 to 10,000,000.',
  missingTitle: 'The title must not be empty.',
  conflict: {
    title: (number: string): string => `${number}: choose a value`,
    explain: 'Somebody else changed this first, so your change was not carried out. Choose the value that holds.',
    meanwhile: 'Somebody changed this while you were editing. Choose the value that holds.',
    yours: 'Yours',
    theirs: (by: string, time: string): string => `By ${by} at ${time}`,
    send: 'Send my choice',
    keepTheirs: 'Leave it as is',
    chooseFirst: 'Choose a value for every field first.',
    gone: 'This was decided in another window.',
  },
}

const ko: typeof en = {
  filterLegend: '보기',
  filters: { todo: '할 일', running: '진행', late: '지연', mine: '내 담당', done: '완료' },
  noneIn: {
    todo: '모든 작업 지시가 완료되었습니다.',
    running: '지금 진행 중인 작업 지시가 없습니다.',
    late: '지연된 작업 지시가 없습니다.',
    mine: '내가 담당하는 작업 지시가 없습니다.',
    done: '아직 완료된 작업 지시가 없습니다.',
  },
  sortLegend: '정렬',
  sorts: { due: '기한순', number: '번호순', status: '상태순' },
  newIn: (area) => `새 작업 지시 · ${area}`,
  create: '작업 지시 만들기',
  missingNumber: '지시 번호가 필요합니다.',
  takenNumber: (order) => `지시 번호 ${order}: 이미 있습니다.`,
  numberHint: '이 목록의 다음 번호를 제안합니다',
  due: {
    days: { none: '기한 없음', today: '오늘', tomorrow: '내일' },
    dayBefore: '하루 앞으로',
    dayAfter: '하루 뒤로',
    step: (minutes) =>
      `${minutes < 0 ? '−' : '+'}${Math.abs(minutes) < 60 ? `${Math.abs(minutes)}분` : `${Math.abs(minutes) / 60}시간`}`,
    earlier: '앞으로',
    later: '뒤로',
  },
  save: '변경 저장',
  nothingToSave: '바뀐 것이 없습니다.',
  more: (field) => `${field} 하나 더`,
  less: (field) => `${field} 하나 덜`,
  assigneeHint: '짧은 이름, 예: kim. 비우면 담당 없음',
  badAssignee: '짧은 이름에는 a–z, 0–9와 -만 쓸 수 있습니다.',
  badQuantity: '0부터 10,000,000까지의 정수여야 합니다.',
  missingTitle: '제목을 비울 수 없습니다.',
  conflict: {
    title: (order) => `${order}: 값을 고르십시오`,
    explain: '다른 사람이 먼저 바꾸어서 변경이 적용되지 않았습니다. 어느 값으로 할지 고르십시오.',
    meanwhile: '편집하는 동안 다른 사람이 바꾸었습니다. 어느 값으로 할지 고르십시오.',
    yours: '내 값',
    theirs: (by, time) => `${by}, ${time}`,
    send: '고른 값 보내기',
    keepTheirs: '그대로 두기',
    chooseFirst: '먼저 모든 항목의 값을 고르십시오.',
    gone: '다른 창에서 이미 결정되었습니다.',
  },
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words with which orders are made, changed, sorted and chosen from, which come with their view. */
export function orderWords(): typeof en {
  return TABLES[text.language]
}
