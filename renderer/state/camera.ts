/** Why there is no picture. `busy`: there is a camera, and it does not start. */
export type CameraTrouble = 'none' | 'not-allowed' | 'busy'
export type CameraOpened =
  | { readonly ok: true; readonly stream: MediaStream }
  | { readonly ok: false; readonly trouble: CameraTrouble }

/** Switches a camera on, the one that looks away from whoever holds the device unless another is named. Never with sound. */
export async function openCamera(id: string | null): Promise<CameraOpened> {
  // Absent where the page did not come by https.
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices
  if (devices === undefined) return { ok: false, trouble: 'none' }
  const which = id === null ? { facingMode: 'environment' } : { deviceId: { exact: id } }
  try {
    const video = { ...which, width: { ideal: 2560 }, height: { ideal: 1440 } }
    return { ok: true, stream: await devices.getUserMedia({ video, audio: false }) }
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    if (name === 'NotAllowedError' || name === 'SecurityError') return { ok: false, trouble: 'not-allowed' }
    return { ok: false, trouble: name === 'NotFoundError' || name === 'OverconstrainedError' ? 'none' : 'busy' }
  }
}

/** The cameras of this device, by which one can be asked for. */
export async function camerasHere(): Promise<readonly string[]> {
  const all = await navigator.mediaDevices.enumerateDevices()
  return all.filter(({ kind }) => kind === 'videoinput').map(({ deviceId }) => deviceId)
}

/** Which of them this is; undefined where the browser does not say. */
export function cameraOf(stream: MediaStream): string | undefined {
  return stream.getVideoTracks()[0]?.getSettings().deviceId
}

/** What the camera sees now, as large as it sees it; null where nothing can be seen. */
export async function photoOf(stream: MediaStream): Promise<Blob | null> {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = stream
  try {
    await video.play()
    const canvas = document.createElement('canvas')
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    if (canvas.width === 0) return null
    canvas.getContext('2d')?.drawImage(video, 0, 0)
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.95))
  } catch {
    return null // the camera was pulled out, or taken by another program
  } finally {
    video.srcObject = null
  }
}
