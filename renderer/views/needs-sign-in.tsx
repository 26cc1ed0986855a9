import { Empty } from '../components/empty.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { text } from '../text/text.ts'

/** Stands where what only people see would be while nobody is signed in. */
export function NeedsSignIn({ view }: { readonly view: 'orders' | 'chat' | 'notes' | 'rejections' }) {
  return (
    <>
      <ViewHeader title={text[view].title} summary="" freshness={null} />
      <Empty>{text.session.neededFor[view]}</Empty>
    </>
  )
}
