/** How much of something is done; its words stand beside it. */
export function DoneBar({ done, total }: { readonly done: number; readonly total: number }) {
  const share = total === 0 ? 0 : Math.min(1, done / total)
  return (
    <span class="done-bar" aria-hidden="true">
      <span style={{ width: `${100 * share}%` }} />
    </span>
  )
}
