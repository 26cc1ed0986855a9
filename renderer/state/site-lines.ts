import { alertBoard } from '../../relay/domain/alerts.ts'
import { alertsByArea, lineState, type LineState } from '../../relay/domain/line-state.ts'
import { lineValues, type LineValue } from '../../relay/domain/line-values.ts'
import { liveChannelsOf, machinesOf } from '../../relay/domain/telemetry.ts'
import { laidCommands, type WindowModel } from '../../relay/domain/window-model.ts'
import { channelName, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import { VALUES_PER_LINE, type ChosenValues } from './chosen-values.ts'

/** Lines with short names that a wall has room for: so many bands have letters that are read from 8 m. */
export const WALL_PLACES = 8
/** Lines of a page of the same on a terminal, which scrolls. */
export const SITE_PLACES = 24
/**
 * Lines whose P2 and P3 are followed while they are not on the page, so that what is wrong there comes to the front: a
 * device has 256 subscriptions for all its windows. P0 and P1 of every line always come.
 */
export const MAX_FOLLOWED_LINES = 96

/** Every one of these lines as it stands, in their order. */
export function linesOf(model: WindowModel, areas: readonly string[]): readonly LineState[] {
  const held = (name: ChannelName): ChannelView | null => model.channels.get(name) ?? null
  const urgent = held(URGENT_CHANNEL)
  const pending = laidCommands(model)
  const channels = areas.map((area) => held(channelName('alerts', area))).filter((one) => one !== null)
  const byArea = alertsByArea(alertBoard({ urgent, areas: channels, pending }).rows)
  return areas.map((area) =>
    lineState({
      area,
      rows: byArea.get(area) ?? [],
      urgent,
      alerts: held(channelName('alerts', area)),
      orders: held(channelName('orders', area)),
      pending,
      isLive: model.status.state === 'live',
    }),
  )
}

/** The values that stand for each line of the page. */
export function siteValues(
  model: WindowModel,
  page: readonly string[],
  chosen: ChosenValues,
): ReadonlyMap<string, readonly LineValue[]> {
  return new Map(page.map((area) => [area, lineValues(machinesOf(model, area), VALUES_PER_LINE, chosen.get(area))]))
}

interface Shown {
  readonly areas: readonly string[]
  readonly page: readonly string[]
  readonly values: Iterable<readonly LineValue[]>
  /** Work orders need a person. */
  readonly isPerson: boolean
}

/** Lines whose P2 and P3 are asked for: those on the page, and of the others as many as there is room for. */
export function followedLines({ areas, page }: Pick<Shown, 'areas' | 'page'>): ReadonlySet<string> {
  return new Set([...page, ...areas.slice(0, MAX_FOLLOWED_LINES)])
}

/** What to ask for: of every line its alerts, as far as there is room; of those on the page all that a band says. */
export function siteChannels({ areas, page, values, isPerson }: Shown): readonly ChannelName[] {
  return [
    ...[...followedLines({ areas, page })].map((area) => channelName('alerts', area)),
    ...page.map((area) => channelName('equipment', area)),
    ...page.map((area) => channelName('headcount', area)),
    ...(isPerson ? page.map((area) => channelName('orders', area)) : []),
    // At the pace of the window: a wall reads one value a second (`app.ts`).
    ...new Set([...values].flatMap((all) => liveChannelsOf(all.map(({ machine }) => machine)))),
  ]
}
