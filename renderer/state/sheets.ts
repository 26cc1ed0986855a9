import type { CommandId } from '../../relay/protocol/ids.ts'
import type { OrderFields, Priority } from '../../relay/protocol/records.ts'

export interface RaiseDraft {
  readonly priority: Priority | null
  readonly area: string
  readonly title: string
  readonly body: string
}

/** What lies over the view; one at a time. The P0 overlay is not among them: it needs nobody to open it. */
export type SheetName =
  | { readonly kind: 'area' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'connection' }
  | { readonly kind: 'outbox' }
  | { readonly kind: 'raise'; readonly draft: RaiseDraft }
  /** `draft`: values to start from instead of the order's own, after a refusal. */
  | { readonly kind: 'order'; readonly id: CommandId; readonly draft: Partial<OrderFields> }
  | { readonly kind: 'conflict'; readonly id: CommandId }
