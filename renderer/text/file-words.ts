import type { Language } from '../../relay/protocol/records.ts'
import { grouped } from './grouped.ts'
import { text } from './text.ts'

const mb = (bytes: number, locale: string): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(bytes / 1_048_576)

const fileEn = {
  add: 'Add a photo or file',
  shoot: 'Take a photo',
  choose: 'Choose photos or files',
  chosen: 'Photos and files of this message',
  remove: (name: string): string => `Remove ${name}`,
  photo: (name: string): string => `Photo ${name}`,
  open: (name: string): string => `Open photo ${name}`,
  onItsWay: 'Photo on its way',
  fileOnItsWay: 'File on its way',
  sent: (percent: number): string => `${percent} % sent`,
  /** Why it goes no further now; by code. */
  trouble: {
    'files-full': 'The server has no room for it yet',
    'files-waiting': 'It goes on once others from this terminal have arrived',
    'files-share': 'Your share of the storage is used up. It goes on once you withdraw some photos or files',
    unavailable: 'The server cannot take it now. It goes on by itself',
    'storage-failed': 'This terminal cannot read its disk now. It goes on by itself',
  },
  /** Why it never will; by code. */
  lostBy: {
    'file-missing': 'Not sent: this terminal has lost it',
    forbidden: 'Not sent: the server takes none from this terminal',
  },
  lostTitle: 'Photos and files that are lost',
  lostOf: (count: number, line: string): string =>
    `${count === 1 ? 'A photo or file' : `${count} photos and files`} of a message to ${line}`,
  takeAgain: 'Take it again',
  chooseAgain: 'Choose it again',
  letGo: 'Let it go',
  lost: 'Lost: it never reached the server',
  refused: 'It cannot be shown',
  needsServer: 'This needs the server, which cannot be reached now.',
  again: 'Show it',
  coming: 'Coming',
  save: (name: string): string => `Save ${name}`,
  saveShort: 'Save',
  saveElsewhere: 'Can be saved on a phone or desk',
  size: (bytes: number): string => (bytes < 100_000 ? `${Math.ceil(bytes / 1024)} KB` : `${mb(bytes, 'en')} MB`),
  tooMany: (count: number): string => `A message takes ${count} photos and files.`,
  tooLarge: (name: string): string => `${name} is larger than 5 MB.`,
  notSendable: (name: string): string => `${name} cannot be sent: photos (JPEG, PNG, WebP), PDF and plain text can.`,
  unreadable: (name: string): string => `${name} cannot be read as a photo here.`,
  empty: (name: string): string => `${name} is empty.`,
  waiting: (count: number): string =>
    `${count} ${count === 1 ? 'photo or file is' : 'photos and files are'} on the way`,
  waitingOf: (sent: number, size: number): string => `${mb(sent, 'en')} of ${mb(size, 'en')} MB`,
  /** The camera. */
  camera: 'Take a photo',
  use: 'Use this photo',
  shootAgain: 'Again',
  press: 'Shoot',
  turn: 'Other camera',
  starting: 'The camera is starting.',
  shown: 'What the camera sees',
  shot: 'The photo that was taken',
  none: 'This terminal has no camera. Photos can be taken on a phone.',
  notAllowed: 'The camera is not permitted here. Permit it in the settings of the browser, then try again.',
  busy: 'The camera does not start. Perhaps another program uses it.',
  tryAgain: 'Try again',
  /** The viewer. */
  nearer: 'Larger',
  farther: 'Smaller',
  fit: 'All of it',
  next: 'Next photo',
  before: 'Photo before',
  place: (at: number, of: number): string => `${at} of ${of}`,
  gone: 'This photo is not there any more.',
  full: 'Too many files wait on this device. Wait until they are sent.',
  notKept: 'What you had chosen for your message could not be kept here meanwhile. Choose it again.',
  missing: 'This file is not on this device. Choose it again.',
}

const number = (value: number): string => grouped(value, 'ko-KR')

const fileKo: typeof fileEn = {
  add: '사진이나 파일 추가',
  shoot: '사진 찍기',
  choose: '사진이나 파일 고르기',
  chosen: '이 메시지의 사진과 파일',
  remove: (name) => `${name} 빼기`,
  photo: (name) => `사진 ${name}`,
  open: (name) => `사진 ${name} 열기`,
  onItsWay: '사진을 보내는 중',
  fileOnItsWay: '파일을 보내는 중',
  sent: (percent) => `${percent}% 전송됨`,
  trouble: {
    'files-full': '서버에 아직 자리가 없습니다',
    'files-waiting': '이 단말의 다른 사진과 파일이 도착하면 이어서 보냅니다',
    'files-share': '한 사람 몫의 저장 공간을 다 썼습니다. 사진이나 파일을 거두시면 이어서 보냅니다',
    unavailable: '지금 서버가 받을 수 없습니다. 저절로 이어집니다',
    'storage-failed': '지금 이 단말의 디스크를 읽을 수 없습니다. 저절로 이어집니다',
  },
  lostBy: {
    'file-missing': '보내지 못함: 이 단말에서 사라졌습니다',
    forbidden: '보내지 못함: 서버가 이 단말의 파일을 받지 않습니다',
  },
  lostTitle: '사라진 사진과 파일',
  lostOf: (count, line) => `${line}에 보낸 메시지의 사진이나 파일 ${number(count)}개`,
  takeAgain: '다시 찍기',
  chooseAgain: '다시 고르기',
  letGo: '버리기',
  lost: '잃어버림: 서버에 도착하지 못했습니다',
  refused: '표시할 수 없습니다',
  needsServer: '서버가 필요한데 지금 연결되지 않습니다.',
  again: '보기',
  coming: '오는 중',
  save: (name) => `${name} 저장`,
  saveShort: '저장',
  saveElsewhere: '휴대전화나 PC에서 저장할 수 있습니다',
  size: (bytes) => (bytes < 100_000 ? `${number(Math.ceil(bytes / 1024))} KB` : `${mb(bytes, 'ko-KR')} MB`),
  tooMany: (count) => `메시지 하나에 사진과 파일은 ${count}개까지입니다.`,
  tooLarge: (name) => `${name}: 5 MB보다 큽니다.`,
  notSendable: (name) => `${name}: 보낼 수 없습니다. 사진(JPEG, PNG, WebP), PDF, 일반 텍스트만 보낼 수 있습니다.`,
  unreadable: (name) => `${name}: 여기서 사진으로 읽을 수 없습니다.`,
  empty: (name) => `${name}: 빈 파일입니다.`,
  waiting: (count) => `사진과 파일 ${number(count)}개를 보내는 중`,
  waitingOf: (sent, size) => `${mb(sent, 'ko-KR')} / ${mb(size, 'ko-KR')} MB`,
  camera: '사진 찍기',
  use: '이 사진 쓰기',
  shootAgain: '다시 찍기',
  press: '촬영',
  turn: '다른 카메라',
  starting: '카메라를 켜는 중입니다.',
  shown: '카메라 화면',
  shot: '찍은 사진',
  none: '이 단말에는 카메라가 없습니다. 사진은 휴대전화로 찍을 수 있습니다.',
  notAllowed: '여기서는 카메라가 허용되지 않았습니다. 브라우저 설정에서 허용한 뒤 다시 시도하세요.',
  busy: '카메라가 켜지지 않습니다. 다른 프로그램이 쓰고 있을 수 있습니다.',
  tryAgain: '다시 시도',
  nearer: '크게',
  farther: '작게',
  fit: '전체 보기',
  next: '다음 사진',
  before: '이전 사진',
  place: (at, of) => `${at} / ${of}`,
  gone: '이 사진은 더 이상 없습니다.',
  full: '이 단말기에서 기다리는 사진과 파일이 가득 찼습니다. 보내질 때까지 기다리십시오.',
  notKept: '메시지에 고르셨던 사진과 파일을 그동안 여기에 둘 수 없었습니다. 다시 고르십시오.',
  missing: '이 파일은 이 단말기에 없습니다. 다시 선택하십시오.',
}

const TABLES: Readonly<Record<Language, typeof fileEn>> = { en: fileEn, ko: fileKo }

/** Why a file goes no further, in words; null where there is nothing that a person would want to know. */
export function heldWords({ trouble }: { readonly trouble: string | null }): string | null {
  const { trouble: passing, lostBy } = fileWords()
  const known: Readonly<Record<string, string>> = { ...passing, ...lostBy }
  return trouble === null ? null : (known[trouble] ?? null)
}

/** The words of photos and files, which come with the chat and the sheets. */
export function fileWords(): typeof fileEn {
  return TABLES[text.language]
}
