import { useRef } from 'preact/hooks'
import { useCover } from '../state/use-moved.ts'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'

/**
 * `3 new`: what waits until the hand is away from the list (`state/held-order.ts`). It lies over the list and takes no room,
 * because what makes room moves what is pressed; when it comes or goes, what is there takes no press for a moment [F3].
 */
export function Newcomers({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  const cover = useRef<HTMLDivElement>(null)
  useCover(cover, count > 0)
  return (
    <div class="newcomers" role="status">
      {count === 0 ? null : (
        <div ref={cover} class="newcomers-cover">
          <Button kind="secondary" onPress={onShow}>
            {text.rows.waiting(count)}
          </Button>
        </div>
      )}
    </div>
  )
}
