// A worker entry as the renderer has one; the test names the worker after the build and the path of the floor it stands for.
import { serveWindows } from './shared-worker-relay.ts'

const [build = '', path = '/'] = self.name.split('@')

serveWindows(self, { build, serverUrl: new URL(path, location.href).href, name: 'Test browser', log: () => undefined })
