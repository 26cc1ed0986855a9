/** Why this browser runs no relay now, by code. */
export const UNAVAILABLE: Readonly<Record<string, string>> = {
  'other-page': '이 브라우저의 다른 Andon 페이지가 아직 닫히는 중입니다. 몇 초 걸립니다.',
  'newer-build': '이 브라우저의 다른 페이지에서 더 새로운 Andon이 실행 중입니다. 이 페이지를 다시 불러오십시오.',
  'in-use': '이 브라우저는 한 탭만 연결해 둘 수 있습니다. 여기서 쓰면 다른 탭은 기다립니다.',
  'no-locks': '안전한 주소가 필요합니다. https로, 이 컴퓨터에서는 localhost로 Andon을 여십시오.',
  'storage-newer': '이 브라우저에서 더 새로운 Andon을 쓴 적이 있습니다. 이 페이지를 다시 불러오십시오.',
  'storage-busy': '이전 Andon 페이지가 업데이트를 막고 있습니다. 이 브라우저의 다른 Andon 페이지를 닫으십시오.',
  'storage-taken': '이 브라우저의 다른 Andon 페이지로 넘어갔습니다. 여기서 쓰려면 이 페이지를 다시 불러오십시오.',
  'storage-full': '브라우저에 남은 공간이 없습니다. 이 기기의 디스크를 비우십시오.',
  'storage-denied':
    '이 브라우저가 이 사이트의 데이터를 보관하지 않습니다. 이 주소의 사이트 데이터(쿠키)를 허용한 뒤 페이지를 다시 불러오십시오.',
  'storage-failed': '브라우저의 저장소가 동작하지 않습니다. 이 페이지를 다시 불러오십시오.',
}

/** Behind each stands the relay's own sentence, which has the path. */
export const UNAVAILABLE_KIOSK: Readonly<Record<string, string>> = {
  'kiosk/no-server': '서버 주소가 정해지지 않았습니다. 관리자에게 알리십시오.',
  'kiosk/storage-newer': '더 새로운 Andon이 이 단말기의 데이터를 썼습니다. 그 버전이나 이후 버전을 설치하십시오.',
  'kiosk/storage-busy': '다른 프로그램이 이 단말기의 데이터를 쓰고 있습니다. 그 프로그램을 끄십시오.',
  'kiosk/storage-corrupt': '이 단말기의 데이터가 손상되었습니다. 사본을 보관하고 관리자에게 알리십시오.',
  'kiosk/storage-foreign': '데이터 폴더가 다른 프로그램의 것입니다. 다른 폴더를 지정하십시오.',
  'kiosk/storage-full': '이 단말기의 디스크가 가득 찼습니다. 디스크를 비우십시오.',
  'kiosk/storage-failed': '이 단말기의 데이터를 읽거나 쓸 수 없습니다. 디스크와 권한을 확인하십시오.',
}
