import type { JSX } from 'preact'
import type { OrderFields } from '../../relay/protocol/records.ts'

/** How far an order is, as a shape in neutral ink: colours are for alarms only (ISA-101). */
export function StatusSign({ status }: { readonly status: OrderFields['status'] }) {
  return (
    <svg class="sign status-sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SHAPES[status]}
    </svg>
  )
}

const SHAPES: Record<OrderFields['status'], JSX.Element> = {
  open: <circle cx="12" cy="12" r="8" class="sign-line" />,
  running: <path d="M6 3.5 20.5 12 6 20.5z" class="sign-fill" />,
  blocked: <path d="M5 4h5v16H5zM14 4h5v16h-5z" class="sign-fill" />,
  done: <path d="m3.5 12.5 5.5 6L20.5 6" class="sign-line" />,
}
