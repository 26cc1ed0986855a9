/** The relay of this browser profile: one SharedWorker for all windows of one build, or a worker of each tab. */
import { serveWindows } from '../relay/adapters/browser.ts'
import { BUILD } from './state/build.ts'

serveWindows(self, { build: BUILD, serverUrl: location.origin })
