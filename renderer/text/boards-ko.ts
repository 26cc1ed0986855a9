import type { boardsEn } from './boards-en.ts'

/** The words of `boards-en.ts` in Korean. */
export const boardsKo: typeof boardsEn = {
  standing: {
    alert: (priority) => `경보 ${priority}`,
    runs: '가동',
    waits: '대기',
    stopped: '정지',
    noticed: 'P3 경보',
    quiet: '경보 없음',
    away: '연결 끊김',
    behind: '갱신 안 됨',
    coming: '불러오는 중',
    refused: '표시 안 됨',
  },
  contactSince: (time) => `${time}부터`,
  contactNever: '수신 기록 없음',
  wasThen: (standing) => `당시: ${standing}`,
  lasting: (minutes) =>
    minutes < 1
      ? '방금'
      : minutes < 60
        ? `${minutes}분`
        : minutes < 24 * 60
          ? `${Math.floor(minutes / 60)}시간`
          : `${Math.floor(minutes / (24 * 60))}일`,
  pieces: (made, planned) => `${planned}개 중 ${made}개`,
  piecesShort: (made, planned) => `${made} / ${planned}`,
  ordersDone: (done, total) => `지시 ${total}건 중 ${done}건 완료`,
  people: (count) => `${count}명`,
  since: (time) => `${time}부터 이상 없음`,
  beyond: (count) => `한계를 벗어난 값 ${count}개`,
  line: {
    wrong: '문제',
    wrongCount: (total, open) => (open === 0 ? `활성 ${total}건, 모두 확인됨` : `활성 ${total}건, 미확인 ${open}건`),
    runs: '작업 중',
    next: '다음 작업',
    nothingRuns: '지금 진행 중인 작업이 없습니다.',
    moreRun: (count) => `작업 중인 지시 ${count}건 더`,
    blocked: '중단된 작업',
    moreBlocked: (count) => `중단된 작업 ${count}건 더`,
    noOrder: '열린 작업 지시가 없습니다.',
    ordersSignIn: '작업 지시는 로그인한 사람에게만 표시됩니다.',
    allOrders: '작업 지시',
    people: '현재 인원',
    terminals: (here, total) => `단말기 ${total}대 중 ${here}대 사용 중`,
    moreTerminals: (count) => `목록에 없는 단말기 ${count}대 더`,
    unconfirmed: '서버가 방금 시작되어 아직 확인되지 않은 사람이 있을 수 있습니다.',
    values: '값',
    choose: '표시할 값 선택',
    allValues: '설비',
    noneThen: '마지막으로 확인했을 때에는 경보가 없었습니다.',
    quietMore: '지금 이 라인에서 조치할 일이 없습니다.',
    noAlertSince: (time) => `${time}부터 이 라인에 경보가 없습니다.`,
    moreHere: (count) => `이 라인의 경보 ${count}건 더`,
    elsewhere: (count) => `다른 곳의 경보 ${count}건`,
  },
}
