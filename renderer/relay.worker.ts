/** The relay of this browser profile: one SharedWorker for all windows of one build. */
import { version } from '../package.json'
import { serveWindows } from '../relay/adapters/browser.ts'

serveWindows(self, { build: version, serverUrl: location.origin })
