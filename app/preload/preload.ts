/**
 * What a kiosk window gets of Electron: the closed object of `renderer/platform/kiosk-host.ts`, one function per
 * capability; never `ipcRenderer`, never an event. Built into one CommonJS file, since a sandboxed preload can load no other.
 */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { KioskHost, RELAY_PORT_WORD } from '../../renderer/platform/kiosk-host.ts'
import { ASKED, TOLD, type Answer, type AskedName, type Answers } from '../ipc/channels.ts'

const PORT_WORD: typeof RELAY_PORT_WORD = 'andon-relay-port'

const host: KioskHost = {
  connect: async () => {
    await ask('connect')
  },
  noticeAvailability: () => ask('noticeAvailability'),
  watchNoticeAvailability: (changed) =>
    listen(TOLD.noticeAvailability, (value) => changed(value as Answers['noticeAvailability'])),
  isInSight: () => ask('isInSight'),
  watchSight: (changed) => listen(TOLD.sight, (value) => changed(value === true)),
  alertPressed: (pressed) => listen(TOLD.alertPressed, (id) => pressed(String(id))),
}

// A port cannot cross the context bridge; the page's own window carries it.
ipcRenderer.on(TOLD.relayPort, (event) => window.postMessage(PORT_WORD, location.origin, event.ports))
contextBridge.exposeInMainWorld('andonKiosk', host)

async function ask<N extends AskedName>(name: N): Promise<Answers[N]> {
  const answer = (await ipcRenderer.invoke(ASKED[name].channel)) as Answer<N>
  if (answer.ok) return answer.value
  throw new Error(`${answer.code}: ${answer.message}`)
}

/** Only values reach the page; main is the only one that tells. Returns the release. */
function listen(channel: string, heard: (value: unknown) => void): () => void {
  const received = (_event: IpcRendererEvent, value: unknown): void => heard(value)
  ipcRenderer.on(channel, received)
  return () => ipcRenderer.off(channel, received)
}
