import type { terminalEn } from './terminal-en.ts'

/** The words of `terminal-en.ts` in Korean. */
export const terminalKo: typeof terminalEn = {
  rooms: {
    writing: (name, others) => (others === 0 ? `${name} 입력 중` : `${name} 외 ${others}명 입력 중`),
    people: (names, more) => (more === 0 ? names : `${names} 외 ${more}명`),
    besides: (names) => `함께 보는 사람: ${names}`,
  },

  keyboard: {
    label: '키보드',
    shift: '시프트',
    erase: '지우기',
    signs: '기호',
    space: '띄어쓰기',
    enter: '입력',
    close: '키보드 닫기',
    show: '화면 키보드',
    shown: { on: '입력란을 누르면 표시', off: '표시 안 함' },
  },
}
