import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session, WebContents } from 'electron'
import type { Log } from '../../relay/ports.ts'
import { answerFor, isOurs, SCHEME, type PageFiles } from './page-files.ts'

/** The one session of all windows: another would have a BroadcastChannel, locks and storage of its own. */
export const PARTITION = 'persist:kiosk'

/** What a page of ours may have without asking anybody, and the camera; everything else is refused (Electron's own default is to allow). */
const PERMISSIONS: ReadonlySet<string> = new Set(['fullscreen', 'clipboard-sanitized-write'])

export interface KioskSessionOptions {
  /** Folder of the built pages. */
  readonly pages: string
  readonly files: PageFiles
  readonly log: Log
}

/** Serves the pages and refuses the rest: permissions, devices, downloads, requests to anywhere. */
export function prepareSession(session: Session, { pages, files, log }: KioskSessionOptions): void {
  session.protocol.handle(SCHEME, async (request) => {
    const answer = answerFor(request, files)
    if (answer.status !== 200) return new Response(null, answer)
    const body = await readWhole(join(pages, answer.file), files[answer.file]?.sha256 ?? '')
    if (body !== null) return new Response(request.method === 'HEAD' ? null : body, answer)
    log('error', 'page-file-wrong', { file: answer.file })
    return new Response(null, { status: 404 })
  })
  // First null, so that nothing an earlier version granted is remembered.
  session.setPermissionRequestHandler(null)
  session.setPermissionRequestHandler((contents, permission, decide, details) => {
    const { isMainFrame, requestingUrl } = details
    const may = PERMISSIONS.has(permission) || (permission === 'media' && isPictureOnly(details))
    decide(isMainFrame && contents !== null && isOurs(requestingUrl) && may)
  })
  session.setPermissionCheckHandler((_contents: WebContents | null, permission, origin, { mediaType }) => {
    const may = PERMISSIONS.has(permission) || (permission === 'media' && mediaType === 'video')
    return isOurs(origin) && may
  })
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, decide) => decide({}))
  session.setSSLConfig({ minVersion: 'tls1.2' })
  session.setSpellCheckerEnabled(false)
  session.on('will-download', (event) => event.preventDefault())
  // The pages speak to nobody: the uplink is main's own.
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayLoad(url) }))
}

/** A photo for a message: the camera, and never a microphone with it. */
function isPictureOnly(details: object): boolean {
  const types: unknown = 'mediaTypes' in details ? details.mediaTypes : null
  return Array.isArray(types) && types.length > 0 && types.every((type) => type === 'video')
}

function mayLoad(url: string): boolean {
  const { protocol } = new URL(url)
  return isOurs(url) || protocol === 'blob:' || protocol === 'data:' || protocol === 'devtools:'
}

/** The file, if it holds what the build put there; null otherwise. */
async function readWhole(path: string, sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const bytes = await readFile(path)
    const isIntact = createHash('sha256').update(bytes).digest('hex') === sha256
    return isIntact ? new Uint8Array(bytes) : null
  } catch {
    return null // missing is as wrong as changed; the caller says which file
  }
}
