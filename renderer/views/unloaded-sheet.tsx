import type { ComponentChildren } from 'preact'
import { Sheet } from '../components/sheet.tsx'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** Stands where a sheet was to be that could not be loaded; it can be closed like any other. */
export function UnloadedSheet({ children }: { readonly children: ComponentChildren }) {
  const { sheet } = useApp()
  return (
    <Sheet title={text.later.title} onClose={() => (sheet.value = null)}>
      <div role="alert">{children}</div>
    </Sheet>
  )
}
