import type { Language } from '../../relay/protocol/records.ts'
import { grouped } from './grouped.ts'
import { text } from './text.ts'

const en = {
  title: (machine: string, signal: string): string => `${signal} · ${machine}`,
  range: 'Time shown',
  ranges: { '15m': '15 min', '1h': '1 h', '8h': '8 h', '24h': '24 h' },
  now: (value: string): string => `Now ${value}`,
  before: (time: string, value: string): string => `Old since ${time}: ${value}`,
  exactly: (value: string): string => `As measured: ${value}`,
  loading: 'Reading the stored values',
  empty: 'Nothing was stored in this time.',
  failed: 'The stored values cannot be read now.',
  again: 'Read again',
  asChart: 'Chart',
  asTable: 'Table',
  look: 'Shown as',
  chartLabel: (signal: string, range: string): string =>
    `${signal}, the last ${range}. The same values are in the table. Arrow keys move from value to value, plus and minus zoom.`,
  tableLabel: (signal: string, range: string): string => `${signal}, the last ${range}, newest first`,
  zoom: { legend: 'Zoom', in: 'Zoom in', out: 'Zoom out', earlier: 'Earlier', later: 'Later', all: 'All of it' },
  second: 'Beside a second value',
  without: (second: string): string => `Without ${second}`,
  findSecond: 'Second value: find machine or value',
  moreSecond: (more: number): string => `${grouped(more, 'en')} more: type a part of the name.`,
  time: 'Time',
  lowest: 'Lowest',
  mean: 'Mean',
  highest: 'Highest',
  at: (time: string, value: string): string => `${time}: ${value}`,
  span: (lowest: string, highest: string): string => `Between ${lowest} and ${highest}`,
  cut: (rows: number): string => `Shown are the newest ${rows} rows.`,
}

const ko: typeof en = {
  title: (machine, signal) => `${signal} · ${machine}`,
  range: '표시 시간',
  ranges: { '15m': '15분', '1h': '1시간', '8h': '8시간', '24h': '24시간' },
  now: (value) => `현재 ${value}`,
  before: (time, value) => `${time}부터 오래된 값: ${value}`,
  exactly: (value) => `측정값 그대로: ${value}`,
  loading: '저장된 값을 읽는 중',
  empty: '이 시간에는 저장된 값이 없습니다.',
  failed: '지금은 저장된 값을 읽을 수 없습니다.',
  again: '다시 읽기',
  asChart: '그래프',
  asTable: '표',
  look: '보기',
  chartLabel: (signal, range) =>
    `${signal}, 최근 ${range}. 같은 값이 표에 있습니다. 화살표 키로 값을 옮겨 다니고 더하기와 빼기 키로 확대하고 축소합니다.`,
  tableLabel: (signal, range) => `${signal}, 최근 ${range}, 최신순`,
  zoom: { legend: '확대', in: '확대', out: '축소', earlier: '이전', later: '이후', all: '전체' },
  second: '다른 값과 함께 보기',
  without: (second) => `${second} 빼기`,
  findSecond: '함께 볼 값: 설비나 값 이름으로 찾기',
  moreSecond: (more) => `${grouped(more, 'ko')}개 더 있습니다. 이름 일부를 입력하십시오.`,
  time: '시각',
  lowest: '최저',
  mean: '평균',
  highest: '최고',
  at: (time, value) => `${time}: ${value}`,
  span: (lowest, highest) => `${lowest}~${highest}`,
  cut: (rows) => `최신 ${rows}행만 표시됩니다.`,
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of the past of a value, which come with it. */
export function trendWords(): typeof en {
  return TABLES[text.language]
}
