import { useLayoutEffect } from 'preact/hooks'
import type { SheetName } from './sheets.ts'
import { useApp } from './use-app.ts'

/** Says what the open form holds, as it would be opened again; null while nobody wrote in it. Whoever has to leave finds it again. */
export function useOpenForm(form: SheetName | null): void {
  const { openForm } = useApp()
  useLayoutEffect(() => {
    openForm.value = form
  })
  useLayoutEffect(() => () => void (openForm.value = null), [openForm])
}
