import type { Language } from '../../relay/protocol/records.ts'
import type { WayReason } from '../../relay/protocol/way-reasons.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import { text } from './text.ts'

interface WayWords {
  readonly label: string
  readonly ways: Readonly<Record<Way, string>>
  readonly reasons: Readonly<Record<WayReason, string>>
}

/** Beside the other words, because only the sheet of the connection has them: the first load does not. */
const WORDS: Readonly<Record<Language, WayWords>> = {
  en: {
    label: 'Connects by',
    ways: { ws: 'WebSocket', stream: 'stream over HTTP', poll: 'requests over HTTP' },
    reasons: {
      pinned: 'This way was chosen in the settings of this terminal.',
      'upgrade-missing':
        'Something on the way to the server takes WebSocket out of the request. Let the proxy hand on WebSocket.',
      'upgrade-blocked': 'Something on the way to the server blocks WebSocket.',
      'foreign-answer': 'Something on the way answers in place of the server.',
      'way-silent': 'By a better way nothing came from the server in time.',
      'way-cut': 'Something on the way cuts better connections again and again.',
    },
  },
  ko: {
    label: '연결 방식',
    ways: { ws: 'WebSocket', stream: 'HTTP 스트림', poll: 'HTTP 반복 요청' },
    reasons: {
      pinned: '이 단말기의 설정에서 선택한 연결 방식입니다.',
      'upgrade-missing':
        '서버로 가는 길의 무언가가 요청에서 WebSocket을 빼 버립니다. 프록시가 WebSocket을 넘겨주도록 설정하십시오.',
      'upgrade-blocked': '서버로 가는 길의 무언가가 WebSocket을 막고 있습니다.',
      'foreign-answer': '서버로 가는 길의 무언가가 서버 대신 응답합니다.',
      'way-silent': '더 나은 방식으로는 서버의 응답이 제때 오지 않았습니다.',
      'way-cut': '서버로 가는 길의 무언가가 더 나은 연결을 계속 끊습니다.',
    },
  },
}

/** By which way this device connects, and why not by a better one, in the language of the moment. */
export function wayWords(way: Way, reason: WayReason | null) {
  const { label, ways, reasons } = WORDS[text.language]
  return { label, way: ways[way], why: reason === null ? null : reasons[reason] }
}
