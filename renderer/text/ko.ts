import { attentionKo } from './attention-ko.ts'
import { boardsKo } from './boards-ko.ts'
import type { Text } from './en.ts'
import { equipmentKo } from './equipment-ko.ts'
import { grouped } from './grouped.ts'
import { ordersKo } from './orders-ko.ts'
import { terminalKo } from './terminal-ko.ts'
import { refusalsKo, TROUBLES_KO } from './refusals-ko.ts'
import { UNAVAILABLE, UNAVAILABLE_KIOSK } from './unavailable-ko.ts'

const HALTED: Readonly<Record<string, string>> = {
  'in-use': '다른 탭에서 Andon을 쓰고 있습니다',
  'no-server': '이 단말기는 서버를 모릅니다',
}

/** What a relay warns of comes as a sentence without a code, so the sentence is the key. */
const WARNINGS: Readonly<Record<string, string>> = {
  'This browser may delete what is waiting here when its disk runs full. Install Andon, or allow it to keep data.':
    '디스크가 가득 차면 이 브라우저가 여기에서 대기 중인 것을 지울 수 있습니다. Andon을 설치하거나 데이터 보관을 허용하십시오.',
  'This browser has thrown away what this terminal had stored, perhaps because its disk was full. What was waiting here is lost.':
    '이 브라우저가 디스크 공간 부족 등의 이유로 이 단말기에 저장된 데이터를 지웠습니다. 여기에서 대기 중이던 것은 사라졌습니다.',
  'This system keeps no secrets safe, so people sign in again after Andon was restarted. On Linux, a keyring service does that.':
    '이 시스템에는 비밀을 안전하게 보관하는 곳이 없어서 Andon을 다시 시작하면 다시 로그인해야 합니다. Linux에서는 키링 서비스가 그 일을 합니다.',
  'This device could not write to its disk, so nothing was saved.': '이 단말기가 디스크에 쓰지 못하고 있습니다.',
}

/**
 * The words of `en.ts` in Korean, loaded only where they are read. 합니다 style; no particle stands behind a value, because
 * its form would follow the value's last sound.
 */
export const ko: Text = {
  language: 'ko',
  locale: 'ko-KR',
  product: 'Andon',

  areaName: (area) => capitalized(area.replace(/^line\b/, '라인').replaceAll('-', ' ')),
  areaNow: (area) => `구역: ${area}`,
  close: '닫기',
  cancel: '취소',
  moreBelow: '아래에 더 있음',
  and: (parts) => parts.join(' · '),
  rows: {
    waiting: (count) => `새 항목 ${count}건`,
    moved: '방금 움직여서 누르지 않은 것으로 했습니다. 다시 누르십시오.',
    gone: '목록에서 빠짐',
  },
  filter: {
    label: '찾기',
    labelOf: (list) => `찾기: ${list}`,
    shown: (shown, total) => `전체 ${grouped(total, 'ko')}건 중 ${grouped(shown, 'ko')}건`,
    none: (query) => `맞는 항목이 없습니다: “${query}”`,
    all: '모두 보기',
  },

  undo: {
    closed: '보내지 않고 닫았습니다.',
    openAgain: '다시 열기',
    discarded: '버림',
    undo: '되돌리기',
  },

  nav: {
    label: '화면',
    line: '내 라인',
    site: '전체 라인',
    alerts: '경보',
    orders: '작업 지시',
    equipment: '설비',
    chat: '라인 채팅',
    notes: '인수인계',
    rejections: '반려',
    raise: '경보 올리기',
  },
  search: '검색',
  bars: '경보와 연결 상태',
  countOpen: (count) => `미확인 ${count}건`,

  later: {
    coming: '불러오는 중 …',
    title: '불러오지 못함',
    failed: '이 화면을 불러오지 못했습니다. 여기에 저장되어 있지 않고 서버가 응답하지 않습니다.',
    again: '다시 시도',
  },
  start: {
    waiting: '단말기를 시작하는 중입니다',
    slow: '이 단말기의 중계기가 아직 응답하지 않습니다.',
    failed: '이 단말기의 중계기를 시작하지 못했습니다.',
    whatToDo: '페이지를 다시 불러오십시오. 그래도 안 되면 이 단말기의 Andon 창을 모두 닫고 하나만 다시 여십시오.',
    reload: '다시 불러오기',
    halted: (code) => HALTED[code] ?? '지금 이 단말기에는 아무것도 저장할 수 없습니다',
    useHere: '여기서 쓰기',
  },
  update: {
    ready: '새 버전이 준비되었습니다.',
    started: '다른 창에서 새 버전이 실행 중입니다.',
    safe: '저장된 것은 없어지지 않습니다.',
    restart: '지금 다시 시작',
    not: {
      p0: 'P0 경보가 응답을 기다리는 동안에는 다시 시작할 수 없습니다.',
      unsaved: '여기서 시작한 일을 먼저 끝내거나 닫으십시오.',
      elsewhere: '아직 안 됩니다. 다른 창에 P0 경보나 저장되지 않은 내용이 있습니다.',
    },
  },
  unavailable: (code, said) => {
    const ofKiosk = UNAVAILABLE_KIOSK[code]
    return ofKiosk === undefined ? (UNAVAILABLE[code] ?? said) : `${ofKiosk} (${said})`
  },
  missing: {
    title: '이 브라우저에서는 Andon을 쓸 수 없습니다',
    'secure-origin':
      '안전하지 않은 주소라서 여기에는 아무것도 안전하게 보관할 수 없습니다. https 주소로 Andon을 여십시오.',
    worker:
      '이 브라우저는 뒤에서 아무것도 실행하지 못합니다. 업데이트하거나 다른 브라우저를 쓴 뒤 Andon을 다시 여십시오.',
    locks: '브라우저가 오래되어 창들을 서로 맞출 수 없습니다. 업데이트한 뒤 Andon을 다시 여십시오.',
    'broadcast-channel': '이 브라우저는 창들을 서로 연결하지 못합니다. 업데이트한 뒤 Andon을 다시 여십시오.',
  },

  connection: {
    title: '연결',
    live: '실시간',
    starting: '연결 중',
    reconnecting: '다시 연결 중',
    since: (time) => `${time}부터 끊김`,
    valuesFromThen: '그때의 값입니다',
    bar: (time) => `${time}부터 연결이 끊겼습니다. 값은 그때의 것입니다.`,
    barNever: '아직 연결되지 않았습니다.',
    barSaved: '하신 일은 여기에 저장되었다가 나중에 전송됩니다.',
    isLive: '이 단말기는 연결되어 있습니다. 보이는 내용은 현재의 것입니다.',
    next: (seconds) => (seconds <= 0 ? '지금 시도하는 중입니다.' : `${seconds}초 뒤에 다시 시도합니다.`),
    retry: '지금 시도',
    device: '단말기',
    build: '버전',
    relayBuild: '중계기 버전',
    warnings: '이 단말기가 보장하지 못하는 것',
    warning: (said) => WARNINGS[said] ?? said,
    trouble: (code, said) => (code === null ? said : (TROUBLES_KO[code] ?? refusalsKo(code) ?? said)),
  },
  storage: {
    failing: '이 단말기는 지금 아무것도 저장하지 못합니다.',
    explain: '들어오는 내용은 표시되지만 하신 일은 보관되지 않습니다. 디스크를 비우면 저절로 계속됩니다.',
  },
  freshness: {
    asOf: (time) => `${time} 기준`,
    never: '이 단말기에서 받은 적이 없습니다',
    neverMore: '서버에 다시 연결되면 표시됩니다.',
    coming: '서버에서 받는 중입니다',
    urgentOnly: (why) => `P0과 P1만 표시됩니다. ${why}`,
    confirmed: (time) => `${time} 확인됨`,
  },

  outbox: {
    count: (count) => `대기 ${number(count)}건`,
    sending: (count) => `대기 ${number(count)}건 · 전송 중`,
    refused: (count) => `반려 ${count}건`,
    bar: (count) => `${number(count)}건이 접수되지 않았습니다.`,
    show: '보기',
  },

  pending: {
    waiting: '서버 응답 대기',
    notSent: '아직 전송 안 됨',
    since: { before: '', after: '부터' },
    later: () => '서버가 지금은 처리하지 못합니다. 이 단말기가 다시 시도합니다.',
    ack: '여기에 저장됨, 서버 응답 대기',
    resolve: '여기서 해결함, 서버 응답 대기',
  },

  system: '시스템',
  browser: (piece) => `브라우저 ${piece}`,
  alerts: {
    title: '경보',
    summary: (total, open) =>
      total === 0 ? '경보 없음' : open === 0 ? `${total}건, 모두 확인됨` : `${total}건 중 ${open}건 미확인`,
    empty: (area) => `${area}: 경보가 없습니다. 긴급한 일은 어디에도 없습니다.`,
    priority: { P0: '긴급', P1: '높음', P2: '중간', P3: '낮음' },
    meaning: {
      P0: '사람이 위험하거나 라인이 멈춤',
      P1: '라인이 위험함, 지금 조치',
      P2: '한 시간 안에 조치',
      P3: '이번 근무 중에 조치',
    },
    markLabel: (priority, name) => `${priority} ${name}`,
    notAcknowledged: '미확인',
    acknowledgedBy: (by, time) => `✓ ${by} ${time}`,
    cleared: '해제됨 – 확인 필요',
    raisedBy: (by) => `올림: ${by}`,
    raisedOn: (by, on) => `올림: ${by} (${on})`,
    acknowledge: '내가 맡음',
    acknowledgeLabel: (title) => `내가 맡음: ${title}`,
    confirm: '확인',
    confirmLabel: (title) => `확인: ${title}`,
    resolve: '해결',
    resolveLabel: (title) => `해결: ${title}`,
    announce: (priority, area, title) => `새 ${priority} 경보, ${area}: ${title}`,
    more: (count) => `${count}건 더`,
    whole: '전체 읽기',
    less: '줄이기',
    wholeLabel: (title) => `전체: ${title}`,
    notYourArea: (area) => `${area} 담당자가 확인합니다.`,
  },
  overlay: {
    several: (count) => `아무도 맡지 않은 위급 경보 ${count}건`,
    all: (count) => `${count}건 모두 보기`,
    waiting: (count) => `${count}건 더 있음. 맡는 대로 이어서 나옵니다.`,
    newest: (title) => `최근: ${title}`,
    turn: '다른 경보 보기',
    over: '끝난 경보',
    acknowledge: '내가 맡음',
    signIn: '로그인하고 맡기',
    signInOffline: '로그인하려면 서버가 필요하므로 지금 여기서는 맡을 수 없습니다.',
    aside: '여기서는 띠로 표시',
    raised: '발생',
    open: '열기',
    words: '경보 내용',
  },

  equipment: equipmentKo,
  boards: boardsKo,
  ...attentionKo,
  ...ordersKo,

  rejections: {
    title: '반려',
    count: (count) => `반려 ${count}건`,
    byAuthor: '작성자가 버림',
  },

  ...terminalKo,

  notes: { title: '인수인계 노트' },
  chat: {
    title: '라인 채팅',
    terminal: '이 단말기',
    news: (count) => `새 메시지 ${number(count)}개`,
    discuss: '의논하기',
    said: (count) => `메시지 ${number(count)}개`,
    named: (count) => `나를 부른 메시지 ${number(count)}개`,
  },

  session: {
    title: '로그인',
    name: '이름',
    pin: 'PIN',
    digits: '숫자',
    recent: '최근 사용자',
    signIn: '로그인',
    signingIn: '로그인하는 중',
    signOut: '로그아웃',
    switch: '사용자 바꾸기',
    signedIn: (name) => `로그인: ${name}`,
    notSignedIn: '로그인 안 됨',
    role: { operator: '작업자', supervisor: '관리자', admin: '시스템 관리자' },
    everywhere: '모든 구역',
    unconfirmed: '연결이 끊긴 뒤로 아직 서버가 확인하지 않았습니다.',
    offline: '로그인하려면 서버가 필요합니다.',
    offlineSwitch:
      '로그인하려면 서버가 필요합니다. 지금 로그아웃하면 서버가 돌아올 때까지 아무도 로그인할 수 없습니다.',
    kept: '대기 중인 것은 저장되어 있다가 본인 이름으로 전송됩니다.',
    erase: '마지막 숫자 지우기',
    clear: '모두 지우기',
    missingName: '이름을 입력하십시오.',
    missingPin: 'PIN을 입력하십시오.',
    badName: '이름은 영문 소문자, 숫자, 붙임표(-)로 되어 있습니다.',
    hangulName: (name) => `한글로 입력됨. 읽는 이름: ${name}`,
    neededFor: {
      orders: '작업 지시는 로그인한 사람에게 표시됩니다.',
      chat: '라인 채팅은 로그인한 사람에게 표시됩니다.',
      notes: '인수인계 노트는 로그인한 사람에게 표시됩니다.',
      rejections: '반려된 것은 로그인한 관리자에게 표시됩니다.',
    },
  },
  settings: {
    title: '설정',
    theme: '화면 모드',
    themes: { light: '밝게', dark: '어둡게', system: '단말기 설정대로' },
    language: '언어',
    followsYou: '두 가지 모두 어느 단말기에서나 본인에게 적용됩니다.',
    everywhere: '모든 곳에서 로그아웃',
  },
  area: { title: '구역', choose: '이 창에 어느 구역을 표시하겠습니까?' },
  refused: {
    'sign-in-needed': '보려면 로그인하십시오.',
    forbidden: '이 구역의 사람만 볼 수 있습니다. 권한은 시스템 관리자가 줍니다.',
    other: '서버가 여기에는 표시하지 않습니다.',
  },
  notice: { title: '저장되지 않음', dismiss: '알겠습니다' },
  refusal: (code, said) => refusalsKo(code) ?? said ?? '처리되지 않았고, 까닭은 전해지지 않았습니다.',
}

function number(value: number): string {
  return grouped(value, 'ko-KR')
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
