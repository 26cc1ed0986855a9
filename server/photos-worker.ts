import { servePhotos } from './adapters/files/photo-work.ts'

// The process that looks at what was uploaded: whatever it is, it harms nobody else.
servePhotos(process)
