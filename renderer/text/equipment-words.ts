import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

const en = {
  summary: (machines: number, silent: number): string =>
    `${machines === 1 ? '1 machine' : `${machines} machines`}${silent === 0 ? '' : `, ${silent} silent`}`,
  /** A button: it shows these alone, and all of them again. */
  beyond: (values: number): string => `${values === 1 ? '1 value' : `${values} values`} beyond the limit`,
  noValue: 'No value',
  staleSince: (time: string): string => `Old since ${time}`,
  age: (seconds: number): string =>
    seconds < 2 ? 'now' : seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`,
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
  summary: (machines, silent) => `설비 ${machines}대${silent === 0 ? '' : `, 응답 없음 ${silent}대`}`,
  beyond: (values) => `한계를 벗어난 값 ${values}개`,
  noValue: '값 없음',
  staleSince: (time) => `${time}부터 오래된 값`,
  age: (seconds) => (seconds < 2 ? '지금' : seconds < 60 ? `${seconds}초 전` : `${Math.floor(seconds / 60)}분 전`),
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
