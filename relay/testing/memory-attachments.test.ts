import { attachmentStoreContract } from './attachment-store.contract.ts'
import { MemoryAttachments } from './memory-attachments.ts'

attachmentStoreContract('memory', () => {
  const store = new MemoryAttachments()
  return { open: () => store }
})
