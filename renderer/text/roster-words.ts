import type { RoomMove } from '../../relay/domain/room-moves.ts'
import type { MemberState } from '../../relay/protocol/presence.ts'
import type { Language } from '../../relay/protocol/records.ts'
import { text } from './text.ts'

const en = {
  title: (line: string): string => `Who is on · ${line}`,
  unconfirmed: 'The server was just started: who is missing here may be there all the same.',
  /** Above members of whom not all may have been heard, and instead of them. */
  unheard: 'It is not known yet who else is there.',
  unheardOf: 'It is not known yet who is there.',
  /** Of who stands on every line. */
  ofSite: 'On all lines',
  /** Terminals that are there and not in the list, which has room for so many. */
  more: (count: number): string =>
    count === 1
      ? 'And 1 more terminal, for which this list has no room.'
      : `And ${count} more terminals, for which this list has no room.`,
  nobody: 'Nobody is here now.',
  moves: 'Last to arrive or leave',
  moved: { joined: 'arrived', left: 'left' } satisfies Record<RoomMove['kind'], string>,
  /** Behind the time of what is not current. */
  unknownSince: 'Who came or went since is not known here.',
  unreached: 'The server is not reached, so nobody here knows who is there.',
  state: {
    here: 'Here',
    'screen-off': 'Screen off',
    asleep: 'Asleep',
    gone: 'Silent',
  } satisfies Record<MemberState, string>,
  /** Of who is there and should have been heard by now. */
  stale: 'Not heard',
  /** Around the time since when. */
  since: { before: 'since ', after: '' },
}

const ko: typeof en = {
  title: (line) => `현재 인원 · ${line}`,
  unconfirmed: '서버가 방금 시작되었습니다. 목록에 없는 사람도 현장에 있을 수 있습니다.',
  unheard: '다른 사람이 더 있는지는 아직 알 수 없습니다.',
  unheardOf: '누가 있는지 아직 알 수 없습니다.',
  ofSite: '전체 라인',
  more: (count) => `이 밖에 단말기 ${count}대가 더 있으나 목록에 자리가 없습니다.`,
  nobody: '지금은 아무도 없습니다.',
  moves: '최근 출입',
  moved: { joined: '들어옴', left: '나감' },
  unknownSince: '이후의 출입은 알 수 없습니다.',
  unreached: '서버에 연결되지 않아 누가 있는지 알 수 없습니다.',
  state: { here: '사용 중', 'screen-off': '화면 꺼짐', asleep: '절전', gone: '응답 없음' },
  stale: '연락 지연',
  since: { before: '', after: '부터' },
}

const TABLES: Readonly<Record<Language, typeof en>> = { en, ko }

/** The words of a roster, which come with its sheet. */
export function rosterWords(): typeof en {
  return TABLES[text.language]
}
