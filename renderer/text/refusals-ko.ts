import type { ErrorCode } from '../../relay/protocol/errors.ts'

/** The window's own codes (`refusals-en.ts`) stand beside those of the wire. */
type Code = ErrorCode | 'no-answer' | 'unreachable'

/** What only programs are told has no words of its own here: the sentence that came with it is shown. */
const REFUSALS: Readonly<Partial<Record<Code, string>>> = {
  'no-answer': '이 단말기가 응답하지 않았습니다. 다시 시도하거나 페이지를 다시 불러오십시오.',
  unreachable: '서버가 응답하지 않았습니다. 연결이 돌아오면 다시 시도하십시오.',
  'rate-limited': '요청이 너무 많습니다. 잠시 뒤에 다시 시도하십시오.',
  internal: '서버 내부에 오류가 있었습니다. 자세한 것은 로그에 있습니다.',
  unavailable: '지금은 서버가 이것을 할 수 없습니다.',
  'frame-too-large': '메시지가 한도보다 큽니다.',

  'bad-host':
    '이 서버는 이 이름으로 응답하지 않습니다. 서버의 이름이 맞으면 --hosts와 이름을 주어 서버를 시작하십시오.',
  'bad-origin':
    '이 주소의 페이지는 이 서버를 쓸 수 없습니다. HTTPS를 쓰는 프록시 뒤처럼 이것이 서버의 주소이면 --public-url과 그 주소를 주어 서버를 시작하고, 그 밖의 주소는 --origins로 허용하십시오.',
  'upgrade-missing':
    '이 단말기와 서버 사이의 무언가가 요청에서 Upgrade를 빼 버려 연결을 유지할 수 없습니다. 프록시가 WebSocket을 넘겨주도록 설정하십시오.',
  'upgrade-blocked': '서버는 응답하지만 유지되는 연결은 통과하지 못합니다. 중간의 무언가가 WebSocket을 막고 있습니다.',
  'foreign-answer':
    '이 단말기와 서버 사이의 무언가가 서버 대신 응답합니다. 프록시이거나 로그인을 요구하는 페이지입니다.',
  'proxy-refused': '중간의 HTTP 프록시가 이름과 비밀번호를 요구합니다. 프록시를 설정한 곳에 함께 입력하세요.',
  'https-required': '이 주소는 HTTPS로만 응답합니다. https://로 시작하는 주소를 쓰세요.',
  'bad-certificate': '서버의 인증서를 이 단말기가 신뢰하지 않거나, 이 주소의 인증서가 아닙니다.',
  'bad-proof': '이 단말기가 자신을 증명하지 못했습니다.',
  'unsupported-version': '이 단말기의 버전은 서버가 받아들이지 않습니다.',
  'device-revoked': '이 단말기는 더 이상 허용되지 않습니다. 시스템 관리자에게 문의하십시오.',
  'too-many-devices': '이 현장에는 단말기를 더 받을 자리가 없습니다. 시스템 관리자에게 문의하십시오.',
  'bad-token': '로그인 정보가 올바르지 않습니다.',
  'token-expired': '로그인 정보의 기한이 지났습니다.',
  'bad-key': 'API 키가 없거나 알려지지 않은 키입니다.',
  'bad-pin': '이름 또는 PIN이 틀렸습니다.',
  'pin-locked': '틀린 PIN이 너무 많았습니다. 잠시 기다렸다가 다시 시도하십시오.',
  'session-ended': '로그인이 끝났습니다. 다시 로그인하십시오.',
  'session-revoked': '모든 곳에서 로그아웃되었습니다. 실행하지 않은 것은 검토하도록 남겨 두었습니다.',
  'session-unknown': '서버가 이 단말기의 이 로그인을 알지 못합니다.',
  'sign-in-needed': '이것을 하려면 로그인하십시오.',
  forbidden: '여기서 이것을 할 권한이 없습니다.',
  'demo-loopback-only': '데모는 이 컴퓨터에서만 쓸 수 있습니다. 열려면 --demo-open으로 시작하십시오.',

  'unknown-command': '서버가 모르는 명령입니다.',
  'bad-command': '빠졌거나 잘못된 항목이 있습니다.',
  unconfirmed: '이 단말기는 앞의 응답을 먼저 확인해야 합니다. 저절로 이어집니다.',
  'command-too-large': '한 번에 보낼 수 있는 크기를 넘었습니다.',
  'outbox-forked': '이 단말기가 같은 번호로 다른 명령을 두 번 보냈습니다. 디스크가 복사되었거나 되돌려졌습니다.',
  'device-forgotten': '서버가 이 단말기를 더 이상 알지 못합니다. 대기 중이던 것은 검토하도록 남겨 두었습니다.',
  'outbox-full': '이 단말기에 대기 중인 것이 너무 많습니다. 저장된 것은 사라지지 않습니다. 서버를 기다리십시오.',
  'storage-failed': '이 단말기가 디스크에 쓰지 못해서 아무것도 저장되지 않았습니다.',
  'gave-up': '서버가 10분 동안 처리하지 못해 그만두었습니다.',
  'handler-failed': '서버가 처리하지 못했습니다. 따로 남겨 두었고 자세한 것은 로그에 있습니다.',

  'unknown-area': '그런 구역이 없습니다.',
  'unknown-operator': '그런 사람이 없습니다.',
  'alert-not-found': '이 경보는 더 이상 없거나 처음부터 없었습니다.',
  'too-many-alerts':
    '로그인 없이 단말기가 올릴 수 있는 만큼의 경보가 이미 열려 있습니다. 로그인하여 올리거나 다른 경보를 먼저 해결하십시오.',
  'order-not-found': '그런 작업 지시가 없습니다.',
  'message-not-found': '이 라인에 그런 메시지가 없거나 더 이상 없습니다.',
  'file-unknown': '볼 수 있는 메시지에 이 파일이 없습니다.',
  'file-lost': '이 파일은 서버에 도착하지 못했습니다.',
  'file-missing': '이 파일은 이 단말기에 없습니다. 다시 선택하십시오.',
  'file-refused': '보낼 수 있는 사진이나 파일이 아닙니다. 사진(JPEG, PNG, WebP), PDF, 일반 텍스트만 보낼 수 있습니다.',
  'file-too-large': '이 파일은 5MB보다 큽니다.',
  'files-waiting': '이 단말기에서 기다리는 사진과 파일이 가득 찼습니다. 보내질 때까지 기다리십시오.',
  'files-share': '한 사람 몫의 저장 공간을 다 썼습니다. 사진이나 파일을 거두시면 이어서 보냅니다.',
  'files-full': '서버에 사진과 파일을 둘 자리가 없습니다. 자리가 생기면 이어서 보냅니다.',
  'order-conflict': '다른 사람이 이 작업 지시를 먼저 바꾸었습니다.',
  'note-not-found': '그런 인수인계 노트가 없습니다.',
  'note-base-missing': '서버에 없는 노트 사본 위에 쓴 것입니다. 글은 검토하도록 남겨 두었습니다.',
  'note-refused': '이 변경은 서버의 노트와 맞지 않습니다. 글은 검토하도록 남겨 두었습니다.',
  'note-full': '이 노트는 더 커질 수 없습니다. 이어지는 노트에 쓰십시오.',
  'note-accepted': '이 노트는 이미 인수되어 글이 바뀌지 않습니다. 대신 덧붙이십시오.',
  'note-open': '이 노트는 아직 인수되지 않았습니다. 노트에 바로 쓰십시오.',
  'note-empty': '이 노트에는 서명할 내용이 없습니다.',
  'note-unsigned': '아직 아무도 이 노트에 서명하지 않았습니다.',
  'note-changed': '그 사이에 노트가 바뀌었습니다. 다시 읽고, 지금 글에 서명을 받으십시오.',
  'unit-mismatch': '이 신호는 다른 단위로 알려져 있습니다.',
  'timestamp-out-of-range': '측정 시각이 서버 시계와 너무 다릅니다.',
  'too-many-signals': '신호나 기계가 허용된 수만큼 이미 있습니다. 필요 없는 것을 지우십시오.',
  'too-many-timers': '정해진 시각을 기다리는 일이 이미 허용된 수만큼 있습니다.',
  'machine-not-found': '그런 기계가 없습니다.',
  'machine-reserved': '이 기계의 값은 서버가 직접 보냅니다.',
}

/** A code in Korean; null where only the sentence that came with it says what happened. */
export function refusalsKo(code: string | null): string | null {
  return code !== null && isKnown(code) ? (REFUSALS[code] ?? null) : null
}

function isKnown(code: string): code is Code {
  return Object.hasOwn(REFUSALS, code)
}

/** Why the connection is not live, by the code of `StatusView`. */
export const TROUBLES_KO: Readonly<Record<string, string>> = {
  normal: '연결이 닫혔습니다.',
  'going-away': '서버가 다시 시작하는 중입니다.',
  'bad-frame': '이 단말기가 보낸 것을 서버가 읽지 못했습니다.',
  unauthenticated: '이 단말기가 자신을 증명하지 못했습니다.',
  revoked: '이 단말기는 더 이상 허용되지 않습니다. 시스템 관리자에게 문의하십시오.',
  silent: '연결이 조용해졌습니다.',
  replaced: '이 단말기가 다른 곳에서 연결되어 있습니다.',
  'frame-too-large': '메시지가 한도보다 컸습니다.',
  'unsupported-version': '이 단말기와 서버가 함께 쓸 수 있는 버전이 없습니다. 더 오래된 쪽을 업데이트하십시오.',
  'too-slow': '이 단말기가 너무 느리게 읽습니다.',
  internal: '서버 내부에 오류가 있었습니다.',
  'greet-again': '서버가 이 단말기의 상태를 다시 들어야 합니다. 다시 연결합니다.',
  'site-full': '이 현장에는 단말기를 더 받을 자리가 없습니다. 시스템 관리자에게 문의하십시오.',
  overloaded: '서버가 바빠서 나중에 다시 오라고 합니다.',
  timeout: '서버가 응답하지 않습니다.',
  'connection-lost': '연결이 끊어졌습니다.',
}
