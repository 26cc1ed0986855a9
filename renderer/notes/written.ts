import { ySyncPluginKey } from 'y-prosemirror'
import type * as Y from 'yjs'

/**
 * Whether somebody wrote what this changes. What the editor cannot show, y-prosemirror takes out of the document by itself: said
 * to others, that would delete what they wrote, in the name of whoever looks at it. What is written there says whether it can be
 * undone; what is taken out does not.
 */
export function isWritten({ origin, meta }: Pick<Y.Transaction, 'origin' | 'meta'>): boolean {
  return origin !== ySyncPluginKey || meta.has('addToHistory')
}
