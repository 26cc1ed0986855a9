/** The relay of this browser profile: one SharedWorker for all windows of one build. */
import { version } from '../package.json'
import { serveWindows } from '../relay/adapters/browser.ts'

// Two builds of one version are two builds: the older one steps down.
serveWindows(self, { build: `${version}+${import.meta.env.ANDON_BUILD}`, serverUrl: location.origin })
