import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

const en = {
  noneBeyond: 'No value is beyond its limit now.',
  noneBeyondOf: (shown: number): string => `No value of the first ${shown} machines is beyond its limit now.`,
  all: 'All machines',
  tooMany: (shown: number, all: number): string =>
    `Only the first ${shown} of ${all} machines are shown, and only their values are looked at. Find the others by name.`,
  /** Beside its name. */
  full: (signals: number): string =>
    `${signals} values, all that a machine may have: more are refused to their sender.`,
  simulatedMore: 'These values are made up, nobody measured them.',
  lastAt: (time: string): string => `Last value ${time}`,
  tileLabel: (machine: string, signal: string): string => `${machine}, ${signal}: show the trend`,
}

const ko: typeof en = {
  noneBeyond: '지금 한계를 벗어난 값이 없습니다.',
  noneBeyondOf: (shown) => `처음 ${shown}대 가운데에는 지금 한계를 벗어난 값이 없습니다.`,
  all: '모든 설비',
  tooMany: (shown, all) =>
    `설비 ${all}대 중 처음 ${shown}대만 표시되며, 그 값만 살펴봅니다. 나머지는 이름으로 찾으십시오.`,
  full: (signals) => `값 ${signals}개로 설비 한 대의 최대입니다. 더 보내면 보낸 쪽에 거부를 알립니다.`,
  simulatedMore: '실제로 측정한 값이 아니라 만들어 낸 값입니다.',
  lastAt: (time) => `마지막 값 ${time}`,
  tileLabel: (machine, signal) => `${machine}, ${signal}: 추이 보기`,
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of the list of machines, which come with it. */
export function equipmentWords(): typeof en {
  return TABLES[text.language]
}
