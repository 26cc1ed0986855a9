import { computed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { isWrong, worstFirst, type LineState } from '../../relay/domain/line-state.ts'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { wallPage, type WallPage, type WallPlaces } from '../../relay/domain/wall-page.ts'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { paced } from './paced.ts'
import { leaveQuiet, lookAtQuiet, quietLook } from './quiet.ts'
import { followedLines, linesOf, siteChannels, siteValues } from './site-lines.ts'
import { useApp } from './use-app.ts'

/** More records than this in all channels are a flood, of which nobody reads each change. */
const MANY_RECORDS = 200
const MANY_RECORDS_MS = 250

/** All lines of the site that whoever looks may see, and which of them the screen has room for. */
export interface Site {
  /** Every line, in the floor's own order. */
  readonly lines: readonly LineState[]
  /** The same, the worst first. */
  readonly ranked: readonly LineState[]
  readonly page: WallPage
  readonly values: ReadonlyMap<string, readonly LineValue[]>
  /** Lines of which only P0 and P1 are asked for: there are more than a device may follow. */
  readonly unfollowed: number
}

interface SitePlaces extends Omit<WallPlaces, 'wrong' | 'sizeOf'> {
  /** How many places a line takes; one unless said. */
  readonly sizeOf?: (line: LineState) => number
}

/** Follows all lines for as long as it is drawn. */
export function useSite({ sizeOf, ...places }: SitePlaces): Site {
  const app = useApp()
  const { alsoShown, areas, chosenValues, quiet, relay, session } = app
  const [followed, release] = useMemo(
    () =>
      paced(
        computed(() => app.model.value),
        { isDear: hasMany, paceMs: MANY_RECORDS_MS, clock: app.presses.clock },
      ),
    [app],
  )
  useEffect(() => release, [release])
  const model = followed.value
  const all = areas.value
  const lines = useMemo(() => linesOf(model, all), [model, all])
  const ranked = useMemo(() => worstFirst(lines), [lines])
  const sizes = new Map(sizeOf === undefined ? [] : lines.map((line) => [line.area, sizeOf(line)]))
  const page = wallPage(
    ranked.map(({ area }) => area),
    { ...places, sizeOf: (area) => sizes.get(area) ?? 1, wrong: lines.filter(isWrong).length },
  )
  const pageKey = page.areas.join()
  const chosen = chosenValues.value
  const values = useMemo(() => siteValues(model, page.areas, chosen), [model, pageKey, chosen])
  const isPerson = session.value !== null
  const shown = siteChannels({ areas: all, page: page.areas, values: values.values(), isPerson })
  const shownKey = shown.join()
  useEffect(() => {
    alsoShown.value = shown
  }, [shownKey, alsoShown])
  useEffect(() => () => void (alsoShown.value = []), [alsoShown])
  useEffect(() => {
    const urgent = model.channels.get(URGENT_CHANNEL) ?? null
    const looks = lines.map(({ area, alerts: rows }) => {
      const alerts = model.channels.get(channelName('alerts', area)) ?? null
      return quietLook(area, { rows, channels: { urgent, alerts }, isLive: model.status.state === 'live' })
    })
    lookAtQuiet(quiet, looks, relay.now())
  }, [lines, model, quiet, relay])
  useEffect(
    () => () =>
      leaveQuiet(
        quiet,
        // The window itself goes on looking at its own.
        areas.peek().filter((area) => area !== app.area.peek()),
      ),
    [app, areas, quiet],
  )
  const unfollowed = all.length - followedLines({ areas: all, page: page.areas }).size
  return { lines, ranked, page, values, unfollowed }
}

function hasMany({ channels }: WindowModel): boolean {
  let records = 0
  for (const { records: held } of channels.values()) records += Object.keys(held ?? {}).length
  return records > MANY_RECORDS
}
