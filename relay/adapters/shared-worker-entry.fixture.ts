// A worker entry as the renderer has one; the test names the worker after the build it stands for.
import { serveWindows } from './shared-worker-relay.ts'

serveWindows(self, { build: self.name, serverUrl: location.origin, name: 'Test browser', log: () => undefined })
