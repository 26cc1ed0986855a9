import { spawnSync } from 'node:child_process'
import { startMicroWebSockets, whyNoMicroWebSockets } from './peers/micro-websockets.ts'
import { startMosquitto, startMosquittoAcceptor, startMosquittoSessions } from './peers/mosquitto.ts'
import { startJetStream, startJetStreamAcceptor, startNats } from './peers/nats.ts'
import { startPlainWs, startWsCommit, startWsReplay } from './peers/plain-ws.ts'
import { startSocketIo, startSocketIoAcceptor, startSocketIoRecovery } from './peers/socket-io.ts'
import type { System } from './subject.ts'

const NATS: System = {
  name: 'NATS',
  start: startNats,
  startBacklog: startJetStream,
  startAcceptor: startJetStreamAcceptor,
}
const MOSQUITTO: System = {
  name: 'Mosquitto',
  start: startMosquitto,
  startBacklog: startMosquittoSessions,
  startAcceptor: startMosquittoAcceptor,
}

/** Every peer that is installed here, each with what it starts for which bench. */
export function installedPeers(): readonly System[] {
  return [
    { name: 'plain ws', start: startPlainWs, startBacklog: startWsReplay, startAcceptor: startWsCommit },
    {
      name: 'Socket.IO',
      start: startSocketIo,
      startBacklog: startSocketIoRecovery,
      startAcceptor: startSocketIoAcceptor,
    },
    ...(isInstalled('nats-server') ? [NATS] : []),
    ...(isInstalled('mosquitto') ? [MOSQUITTO] : []),
  ]
}

/** Those that hand messages on: all of them, and one that does nothing else. */
export function fanOutPeers(): readonly Pick<System, 'name' | 'start'>[] {
  const micro = { name: 'µWebSockets', start: startMicroWebSockets }
  return [...installedPeers(), ...(whyNoMicroWebSockets() === null ? [micro] : [])]
}

/** The same of `fanOutPeers`. */
export function absentFanOutPeers(): readonly string[] {
  const missing = whyNoMicroWebSockets()
  return missing === null ? absentPeers() : [...absentPeers(), missing]
}

/** Sentences about peers that are missing from the tables. */
export function absentPeers(): readonly string[] {
  return ['nats-server', 'mosquitto'].filter((program) => !isInstalled(program)).map((name) => `${name}: not installed`)
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['-h'], { stdio: 'ignore' }).error === undefined
}
