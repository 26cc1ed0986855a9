import { SessionBus, whyNotInstalled } from './session-bus.ts'

/** Why there can be none here; null where there can. */
export function whyNoKeyring(): string | null {
  return whyNotInstalled(['gnome-keyring-daemon'])
}

/** The keyring service of a desktop, unlocked, on a session bus of its own. */
export function startKeyring(folder: string): Promise<SessionBus> {
  return SessionBus.start({
    folder,
    command: 'printf pin | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1',
    name: 'org.freedesktop.secrets',
  })
}
