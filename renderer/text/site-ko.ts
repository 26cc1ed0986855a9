import type { siteEn } from './site-en.ts'

/** The words of `site-en.ts` in Korean. */
export const siteKo: typeof siteEn = {
  title: '전체 라인',
  open: (line, standing) => `${line}: ${standing}`,
  lines: (count) => `라인 ${count}개`,
  wrong: (count) => `라인 ${count}개에 사람이 필요합니다`,
  taken: (count) => `라인 ${count}개 조치 중`,
  noUrgent: 'P0·P1 없음',
  unfollowed: (count) => `라인 ${count}개의 P2·P3는 여기서 알 수 없음`,
  page: (page, pages) => `${page} / ${pages}`,
  next: '다음 라인',
  before: '이전 라인',
  empty: '이 단말기는 아직 라인을 모릅니다.',
  emptyMore: '서버가 알려 주면 라인이 저절로 나타납니다.',
  asWall: '현황판으로 보기',
  offline: (time) => `${time}부터 연결 끊김`,
  notYet: '아직 연결되지 않음',
  wallLabel: '현황판',
  leave: '현황판 나가기',
  dim: '밤에 어둡게',
  takenBy: (name) => `${name} 확인`,
  urgentOnly: 'P0·P1만 표시',
  moreAlerts: (count) => `외 ${count}`,
  moreAlertsLabel: (count) => `경보 ${count}건 더`,
  sinceUrgent: (time) => `${time}부터 P0·P1 없음`,
}
