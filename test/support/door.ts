/** The door of `docs/deploy` before nodes of a test's own, without its certificates. */
import { readFileSync } from 'node:fs'
import { FrontProgram, nginxOf } from './front-program.ts'

/** In the order of their ports in `docs/deploy/nginx.conf`. */
export const NODES = ['one', 'two', 'three'] as const

/** The configuration as it stands there, for nodes on these ports. */
export function placed(text: string, ports: readonly number[]): string {
  return ports.reduce((words, at, index) => words.replaceAll(`127.0.0.1:${7071 + index}`, `127.0.0.1:${at}`), text)
}

export function doorText(): string {
  return readFileSync(new URL('../../docs/deploy/nginx.conf', import.meta.url), 'utf8')
}

/** Opens it on loopback, by plain HTTP. `folder`: its own. */
export async function openDoor({
  folder,
  port,
  nodes,
}: {
  readonly folder: string
  readonly port: number
  readonly nodes: readonly number[]
}): Promise<FrontProgram> {
  const plain = doorText()
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replaceAll(/^\s*ssl_certificate.*$/gm, '')
  return await FrontProgram.start('nginx', nginxOf(placed(plain, nodes), folder), { folder, port })
}
