import type { roomsEn } from './rooms-en.ts'

/** The words of `rooms-en.ts` in Korean. */
export const roomsKo: typeof roomsEn = {
  rooms: {
    writing: (name, others) => (others === 0 ? `${name} 입력 중` : `${name} 외 ${others}명 입력 중`),
    besides: (names) => `함께 보는 사람: ${names}`,
  },
}
