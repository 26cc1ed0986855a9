import type { ComponentChildren } from 'preact'

/** The top of a view: what it is, one line of what it holds, how old that is. */
export function ViewHeader(props: {
  readonly title: string
  readonly summary: ComponentChildren
  readonly freshness: ComponentChildren
  readonly children?: ComponentChildren
}) {
  return (
    <div class="view-header">
      <h1>{props.title}</h1>
      <p class="view-summary">{props.summary}</p>
      {props.freshness}
      {props.children}
    </div>
  )
}
