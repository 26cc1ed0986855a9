import type { equipmentEn } from './equipment-en.ts'
/**
 * Names that Andon itself gives, on its demonstration floor: id, the label as the server says it, and the same in Korean. A
 * label that a site has written is kept, whatever its id.
 */
const NAMES: Readonly<Record<string, readonly [said: string, korean: string]>> = {
  'host-1': ['This server', '이 서버'],
  'press-1': ['Press 1', '프레스 1'],
  'press-2': ['Press 2', '프레스 2'],
  cpu: ['Processor', '프로세서'],
  memory: ['Memory', '메모리'],
  disk: ['Disk', '디스크'],
  'loop-delay': ['Event loop delay', '이벤트 루프 지연'],
  force: ['Press force', '프레스 힘'],
  'oil-temperature': ['Oil temperature', '오일 온도'],
  strokes: ['Stroke rate', '분당 행정 수'],
}

/** The words of `equipment-en.ts` in Korean. */
export const equipmentKo: typeof equipmentEn = {
  title: '설비',
  named: (id, label) => {
    const known = NAMES[id]
    return known !== undefined && known[0] === label ? known[1] : (label ?? id)
  },
  empty: (area) => `${area}: 아직 값을 보낸 설비가 없습니다.`,
  emptyMore: '설비는 첫 값을 보내면 저절로 나타납니다.',
  simulated: '모의값',
  unknown: '여기에서 아직 받지 못함',
  limit: {
    between: (low, high) => `${low}~${high}`,
    atMost: (high) => `${high} 이하`,
    atLeast: (low) => `${low} 이상`,
  },
  over: (limit) => `${limit} 초과`,
  under: (limit) => `${limit} 미만`,
  limitIs: (limit) => `한계 ${limit}`,
}
