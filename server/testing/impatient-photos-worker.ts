import { servePhotos } from '../adapters/files/photo-work.ts'

// As the process of photos, with less patience than a large photo needs.
servePhotos(process, { maxCpuMs: 50, lookMs: 5 })
