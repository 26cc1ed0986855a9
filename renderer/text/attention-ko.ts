import type { attentionEn } from './attention-en.ts'

/** The words of `attention-en.ts` in Korean. */
export const attentionKo: typeof attentionEn = {
  notices: {
    title: '알림',
    state: {
      available: 'P0은 이 시스템의 알림으로도 표시됩니다.',
      'not-asked': '여기에는 알림이 켜져 있지 않습니다. Andon이 뒤에 있으면 P0을 놓칠 수 있습니다.',
      denied: '여기에서는 알림이 차단되어 있습니다. 이 브라우저의 설정에서 Andon의 알림을 허용하십시오.',
      unsupported: '이 시스템은 알림을 표시할 수 없습니다. 경보는 Andon 안에서만 표시되고 울립니다.',
      'no-daemon': '이 단말기에는 알림을 표시하는 프로그램이 없습니다. 경보는 Andon 안에서만 표시되고 울립니다.',
    },
    ask: '알림 켜기',
    several: (count) => `확인할 경보 ${count}건`,
    more: (count) => `외 ${count}건`,
    raisedAt: (time) => `${time} 발생`,
  },
  sound: {
    title: '경보음',
    state: {
      starting: '경보음을 켜는 중입니다.',
      on: '경보음이 이 창에서 울립니다.',
      elsewhere: '경보음이 이 단말기의 다른 Andon 창에서 울립니다.',
      blocked: '이 브라우저는 화면을 한 번 누르기 전에는 소리를 내지 않습니다.',
      'no-device': '이 단말기에는 스피커가 없어 경보음이 들리지 않습니다. 화면을 확인하십시오.',
      unavailable: '이 브라우저는 소리를 낼 수 없어 경보음이 들리지 않습니다. 화면을 확인하십시오.',
    },
    off: '경보음이 꺼져 있습니다.',
    switchOn: '눌러서 경보음 켜기',
    test: '경보음 시험',
    tested: '지금 세 번 울립니다. 들리지 않으면 음량과 스피커를 확인하십시오.',
    silence: '60초 동안 소리 끄기',
    silent: (seconds) => `${seconds}초 뒤 다시 울립니다`,
  },
}
