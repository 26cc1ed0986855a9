import type { ordersEn } from './orders-en.ts'

/** The words of `orders-en.ts` in Korean. */
export const ordersKo: typeof ordersEn = {
  orders: {
    title: '작업 지시',
    summary: (count) => `${count}건`,
    empty: (area) => `${area}: 작업 지시가 없습니다.`,
    field: { title: '제목', status: '상태', quantity: '수량', due: '기한', assignee: '담당', note: '메모' },
    status: { open: '대기', running: '진행', blocked: '막힘', done: '완료' },
    nobody: '없음',
    none: '없음',
    notDue: '기한 없음',
    number: '지시 번호',
    edit: (order) => `${order} 편집`,
    changed: (by, time) => `${by} ${time}`,
    changedTitle: '마지막 변경',
    save: '변경 저장',
    nothingToSave: '바뀐 것이 없습니다.',
    more: '하나 더',
    less: '하나 덜',
    assigneeHint: '짧은 이름, 예: kim. 비우면 담당 없음',
    badAssignee: '짧은 이름에는 a–z, 0–9와 -만 쓸 수 있습니다.',
    badQuantity: '0부터 10,000,000까지의 정수여야 합니다.',
    missingTitle: '제목을 비울 수 없습니다.',
    conflict: '선택이 필요함',
  },
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
