import type { ContentHash } from '../../relay/protocol/attachments.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import type { OrderFields, Priority, RejectionEnd } from '../../relay/protocol/records.ts'

export interface RaiseDraft {
  readonly priority: Priority | null
  readonly area: string
  readonly title: string
  readonly body: string
}

/** An order that is not sent yet. */
export interface NewOrder {
  readonly number: string
  readonly values: OrderFields
}

/** What lies over the view; one at a time. The P0 overlay is not among them: it needs nobody to open it. */
export type SheetName =
  | { readonly kind: 'area' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'sign-out-everywhere' }
  | { readonly kind: 'connection' }
  | { readonly kind: 'outbox' }
  /** What is said about an alert. */
  | { readonly kind: 'talk'; readonly id: CommandId }
  /** `q`: what was sought when its person had to leave. */
  | { readonly kind: 'search'; readonly q?: string }
  /** The camera of this terminal, for a message to this line. */
  | { readonly kind: 'camera'; readonly line: string }
  /** A photo of a message of the shown line. */
  | { readonly kind: 'photo'; readonly id: CommandId; readonly hash: ContentHash }
  /** Who is on the shown line. */
  | { readonly kind: 'roster' }
  /** Which values stand for it. */
  | { readonly kind: 'values' }
  /** `again`: the refusal that is taken up in this form, and settled once it is sent. */
  | { readonly kind: 'raise'; readonly draft: RaiseDraft; readonly again?: SettledCommand }
  /** `draft`: values to start from instead of the order's own, after a refusal. */
  | {
      readonly kind: 'order'
      readonly id: CommandId
      readonly draft: Partial<OrderFields>
      readonly again?: SettledCommand
    }
  /** `draft`: null for an empty form. */
  | {
      readonly kind: 'new-order'
      readonly area: string
      readonly draft: NewOrder | null
      readonly again?: SettledCommand
    }
  | { readonly kind: 'conflict'; readonly id: CommandId }
  /** The past of one signal of a machine of the shown area. */
  | { readonly kind: 'trend'; readonly machine: string; readonly signal: string }
  /** A rejected command of the area: to be sent again under this person's name, or discarded for a reason. */
  | { readonly kind: 'rejection'; readonly id: CommandId; readonly how: RejectionEnd['how']; readonly reason?: string }
