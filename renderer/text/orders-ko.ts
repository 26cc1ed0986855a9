import { grouped } from './grouped.ts'
import type { ordersEn } from './orders-en.ts'

/** The words of `orders-en.ts` in Korean. */
export const ordersKo: typeof ordersEn = {
  orders: {
    title: '작업 지시',
    summary: (count) => (count === 0 ? '모두 완료' : `남은 작업 ${grouped(count, 'ko')}건`),
    empty: (area) => `${area}: 아직 작업 지시가 없습니다.`,
    notHere: '이 작업 지시는 더 이상 이 라인의 목록에 없습니다.',
    emptyMore: '여기서 ‘새 작업 지시’로 만들거나 생산 계획 시스템에서 들어옵니다.',
    late: '지연',
    new: '새 작업 지시',
    field: {
      title: '제목',
      status: '상태',
      quantity: '수량',
      produced: '생산 수량',
      due: '기한',
      assignee: '담당',
      note: '메모',
    },
    status: { open: '대기', running: '진행', blocked: '중단', done: '완료' },
    nobody: '없음',
    none: '없음',
    notDue: '기한 없음',
    number: '지시 번호',
    edit: (order) => `${order} 편집`,
    changed: (by, time) => `${by} ${time}`,
    changedTitle: '마지막 변경',
    made: (pieces) => `${pieces}개 생산`,
    conflict: '선택이 필요함',
  },
}
