/**
 * Sets the fuses of a packed kiosk: what its Electron must never do, whatever a command line or an
 * environment says. electron-builder calls it after packing, before signing.
 *
 * With these fuses no debugger of Node attaches, so tests drive such a package over Chromium's own protocol. An Electron of
 * one's own choosing (`--electron-dist`) may be older than a fuse, or have no fuse wire at all: that is said aloud. The one
 * that is downloaded always has them all, so there anything else stops the build.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { Problem, say } from './console.mjs'

const FUSES = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  // Windows and macOS check it; Linux has no check, there the package's signature and root-owned files stand in.
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
}

// electron-builder calls a default export.
/** @param {import('electron-builder').AfterPackContext} context */
export default async function fuse({ appOutDir, electronPlatformName, packager }) {
  const path = join(appOutDir, programName(electronPlatformName, packager))
  if (!existsSync(path)) throw new Problem(`there is no ${path} to set fuses in`)
  const isOwnElectron = packager.config.electronDist === undefined || packager.config.electronDist === null
  const resetAdHocDarwinSignature = electronPlatformName === 'darwin'
  if (isOwnElectron) {
    // A fuse that a later Electron adds stops the build here until somebody has decided on it.
    await flipFuses(path, {
      version: FuseVersion.V1,
      strictlyRequireAllFuses: true,
      resetAdHocDarwinSignature,
      ...FUSES,
    })
    return say('fuses are set')
  }
  const { [FuseV1Options.WasmTrapHandlers]: _newest, ...older } = FUSES
  try {
    await flipFuses(path, { version: FuseVersion.V1, resetAdHocDarwinSignature, ...older })
    say('fuses are set, as far as this Electron has them')
  } catch (error) {
    say(`fuses are NOT set, do not install this package: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/**
 * @param {string} platform
 * @param {{ appInfo: { productFilename: string }, executableName?: string }} packager  a Linux one names its program
 */
function programName(platform, packager) {
  const { productFilename } = packager.appInfo
  if (platform === 'darwin' || platform === 'mas') return `${productFilename}.app/Contents/MacOS/${productFilename}`
  if (platform === 'win32') return `${productFilename}.exe`
  return packager.executableName ?? productFilename
}
