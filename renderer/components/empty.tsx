import type { ComponentChildren } from 'preact'

/** A list with nothing in it says so in words, and how sure that is. */
export function Empty({ children, more }: { readonly children: ComponentChildren; readonly more?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>{children}</p>
      {more === undefined ? null : <p class="empty-more">{more}</p>}
    </div>
  )
}
