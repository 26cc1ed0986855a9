import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { alertBoard, type AlertBoard } from '../../relay/domain/alerts.ts'
import type { ChatRow } from '../../relay/domain/chat.ts'
import {
  refusals,
  rejectionList,
  type CommandCheck,
  type DecidedRejection,
  type RejectionRow,
} from '../../relay/domain/rejections.ts'
import { noteList, type NoteRow } from '../../relay/domain/notes.ts'
import { orderList, type OrderRow } from '../../relay/domain/orders.ts'
import { preferences } from '../../relay/domain/prefs.ts'
import { liveChannelsOf, machinesOf } from '../../relay/domain/telemetry.ts'
import { laidCommands, type WindowModel } from '../../relay/domain/window-model.ts'
import { channelName, DOMAINS, URGENT_CHANNEL, type ChannelName, type Domain } from '../../relay/protocol/channels.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type {
  ChannelView,
  FilesView,
  PendingCommand,
  SessionView,
  SettledCommand,
  StatusView,
} from '../../relay/protocol/local.ts'
import type { Language, Theme } from '../../relay/protocol/records.ts'
import { isSupervisor } from '../../relay/protocol/rights.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import type { WindowClient } from '../../relay/window.ts'
import { alarmsOf, type Alarms } from './alarms.ts'
import type { ChosenValues } from './chosen-values.ts'
import type { DeviceMemory } from './device-memory.ts'
import { lateCheck } from './late-check.ts'
import { followPerson, type Begun } from './leaving.ts'
import { MAX_SHOWN_MACHINES } from './shown-machines.ts'
import { paced } from './paced.ts'
import { firstView, placeOf, type Place, type ViewName } from './place.ts'
import { roomChannels, roomsOf, type Look } from './rooms.ts'
import { openRooms, type InRooms } from './rosters.ts'
import { seenAreas } from './seen-areas.ts'
import type { Waiting } from './newcomers.ts'
import { pageClock, Presses, type PressClock } from './presses.ts'
import { isLong } from './long-board.ts'
import { serverClock } from './moments.ts'
import { followQuiet, NEVER_QUIET, type Quiet } from './quiet.ts'
import type { SheetName } from './sheets.ts'
import { openTalk, type Talk } from './talk.ts'
import type { UpdateOffer } from './update-offer.ts'

/** The relay as the screens use it. */
export type Relay = Pick<
  WindowClient,
  | 'model'
  | 'listen'
  | 'listenViews'
  | 'show'
  | 'command'
  | 'signIn'
  | 'signOut'
  | 'displayed'
  | 'notified'
  | 'dismiss'
  | 'retry'
  | 'live'
  | 'listenLive'
  | 'track'
  | 'signal'
  | 'series'
  | 'search'
  | 'past'
  | 'attach'
  | 'file'
  | 'now'
  | 'serverTime'
>

/** Where this window's place stands, so that a reload comes back to it. */
export interface Address {
  hash(): string
  replace(hash: string): void
}

/** What the page gives to the screens; tests and the gallery give something else. */
export interface Surroundings {
  readonly relay: Relay
  readonly memory: DeviceMemory
  readonly address: Address
  readonly now: () => number
  /** Moments of presses, and what follows them; the page's own unless a test drives it. */
  readonly clock?: PressClock
  /** What commands are checked against; loaded when it is needed, unless given. */
  readonly check?: CommandCheck
}

/** Everything the screens read, as signals: sources first, what follows from them below. */
export interface App extends InRooms {
  readonly relay: Relay
  readonly memory: DeviceMemory
  readonly address: Address
  /** Which presses of this window count, and whether a hand is at it. Listens once the screens are there. */
  readonly presses: Presses
  /** This device's clock, moved once a second: for moments of this device, and for nothing that the server has dated. */
  readonly now: Signal<number>
  /** What time it is at the server, moved with it; this device's clock while nobody has heard (P7). */
  readonly serverNow: ReadonlySignal<number>
  readonly place: Signal<Place>
  /** What is shown there: what was chosen, or what whoever is there begins with. */
  readonly view: ReadonlySignal<ViewName>
  readonly sheet: Signal<SheetName | null>
  /** Rows of the shown list that wait until the hand is away from it; null while none does. */
  readonly newcomers: Signal<Waiting | null>
  /** The alert or order that its list is to bring into sight; null once it has. */
  readonly reveal: Signal<string | null>
  /** P0 alerts a person turned into a banner on this window; the overlay comes back for any other. */
  readonly aside: Signal<ReadonlySet<string>>
  /** Channels that the view of the moment shows besides those of the area. */
  readonly alsoShown: Signal<readonly ChannelName[]>
  /** Values that somebody has chosen to stand for lines on this device. */
  readonly chosenValues: Signal<ChosenValues>
  /** Since when lines that this window looks at have no alert. */
  readonly quiet: Signal<Quiet>
  /** What is being written: per line its message, per closed note (`area/note`) its addendum. */
  readonly drafts: Signal<Readonly<Record<string, string>>>
  /** Per line or closed note the refused message or addendum that its draft takes up. */
  readonly chatAgain: Signal<Readonly<Record<string, SettledCommand>>>
  /** What gathers words gives them to the relay now, before their person leaves; each resolves once they are taken. */
  readonly gathering: Set<() => Promise<unknown>>
  /** By person who has left what they were writing. */
  readonly begun: Map<string, Begun>
  /** The open form as it could be opened again; null while there is none, or nothing in it. */
  readonly openForm: Signal<SheetName | null>
  /** A form that was closed with something in it, as it can be opened again for a while; null while there is none. */
  readonly closedForm: Signal<SheetName | null>
  /** Refusals that are discarded in a while, each with what prevents it. */
  readonly discarding: Signal<ReadonlyMap<CommandId, () => void>>
  /** Why the last intention was not even saved; null when read. */
  readonly notice: Signal<string | null>
  /** Why this terminal's relay has stopped for now; null while it works. */
  readonly halted: Signal<Halted | null>
  /** A newer Andon waits to be started; null while there is none. */
  readonly update: Signal<UpdateOffer | null>

  /** The language of this device: for everybody who never chose one, and while nobody is signed in. */
  readonly deviceLanguage: Signal<Language>

  readonly model: ReadonlySignal<WindowModel>
  readonly status: ReadonlySignal<StatusView>
  readonly session: ReadonlySignal<SessionView | null>
  /** The person's; the terminal's own (`system`) while nobody is signed in. */
  readonly theme: ReadonlySignal<Theme>
  readonly language: ReadonlySignal<Language>
  readonly isLive: ReadonlySignal<boolean>
  readonly area: ReadonlySignal<string>
  /** Areas this window may show: those of the person, or of the site while nobody is signed in. */
  readonly areas: ReadonlySignal<readonly string[]>
  readonly pending: ReadonlySignal<readonly PendingCommand[]>
  /** Refusals of this device, and of this person on others, that wait for a person. */
  readonly rejected: ReadonlySignal<readonly SettledCommand[]>
  /** How many of them nobody has decided about, not even by discarding them a moment ago, and files that are lost. */
  readonly undecided: ReadonlySignal<number>
  /** What others decided about refusals of this person, the latest first. */
  readonly decided: ReadonlySignal<readonly DecidedRejection[]>
  /** Whether this person answers for what others do in the shown area. */
  readonly supervises: ReadonlySignal<boolean>
  /** What was rejected in the shown area, for those who supervise it. */
  readonly rejections: ReadonlySignal<readonly RejectionRow[]>
  readonly board: ReadonlySignal<AlertBoard>
  readonly alarms: ReadonlySignal<Alarms>
  /** Machines of the shown area, while this window shows them. */
  readonly machines: ReadonlySignal<readonly MachineRecord[]>
  /** Those of them that the equipment view has on its screen; null: the first ones. */
  readonly shownMachines: Signal<readonly MachineRecord[] | null>
  readonly orders: ReadonlySignal<readonly OrderRow[]>
  readonly chat: ReadonlySignal<readonly ChatRow[]>
  readonly talk: Talk
  /** Photos and files on this device. */
  readonly files: ReadonlySignal<FilesView>
  /** Handover notes of the shown area. */
  readonly notes: ReadonlySignal<readonly NoteRow[]>
  /** The channels of the shown area, null where the relay holds none. */
  readonly channels: ReadonlySignal<Readonly<Record<'urgent' | AreaDomain, ChannelView | null>>>
}

/** Stands for the area while nobody knows one yet; no channel has it. */
const NO_AREA = '-'

/** How often such a board is worked out anew, milliseconds; what is urgent is over it or on it at once. */
const LONG_BOARD_MS = 250

/** Channels of the person who is signed in, whatever the window shows. */
const OWN_DOMAINS = ['inbox', 'prefs'] as const
type OwnDomain = (typeof OWN_DOMAINS)[number]
/** In words, and the one thing a person can do about it here. */
export interface Halted {
  readonly title: string
  readonly sentence: string
  /** Another tab has it: bring it to this one. Null where loading again is the way. */
  readonly useHere: (() => void) | null
}

/** What a window shows of an area, each as far as whoever looks may read it. */
const AREA_DOMAINS = [
  'alerts',
  'equipment',
  'orders',
  'chat',
  'notes',
  'rejections',
] as const satisfies readonly Domain[]
type AreaDomain = (typeof AREA_DOMAINS)[number]

/** Builds the signals over a relay that has its first model. Returns the release with it. */
export function createApp(
  { relay, memory, address, now, clock = pageClock(relay), check = null }: Surroundings,
  first: WindowModel,
): [App, () => void] {
  const model = signal(first)
  const place = signal(placeOf(address.hash()))
  const aside = signal<ReadonlySet<string>>(new Set())
  const discarding = signal<ReadonlyMap<CommandId, () => void>>(new Map())

  const session = computed(() => model.value.session)
  const person = computed(() => session.value?.id ?? null)
  const status = computed(() => model.value.status)
  const areas = seenAreas(model)
  const area = computed(() => {
    const known = areas.value
    // What was chosen in this window, or a link that was followed; a person's own line, which their account names first; for who
    // has none, and while nobody is signed in, the last of this terminal. The site's first line is nobody's in particular.
    const wanted = [place.value.area, ...(session.value?.areas ?? []), memory.area()]
    return wanted.find((name) => name !== null && known.includes(name)) ?? known[0] ?? firstOf(wanted) ?? NO_AREA
  })
  const channels = computed(() => {
    const held = (domain: AreaDomain): ChannelView | null =>
      model.value.channels.get(channelName(domain, area.value)) ?? null
    const urgent = model.value.channels.get(URGENT_CHANNEL) ?? null
    const ofArea = Object.fromEntries(AREA_DOMAINS.map((domain) => [domain, held(domain)]))
    return { urgent, ...(ofArea as Readonly<Record<AreaDomain, ChannelView | null>>) }
  })
  const laid = computed(() => laidCommands(model.value))
  const sources = computed(() => {
    const { urgent, alerts } = channels.value
    return { urgent, areas: alerts === null ? [] : [alerts], pending: laid.value }
  })
  const [listed, stopListing] = paced(sources, { isDear: isLong, paceMs: LONG_BOARD_MS, clock })
  const board = computed(() => alertBoard(listed.value))
  // What is urgent goes its own way, past the long list of everything [F4].
  const urgentBoard = computed(() => alertBoard({ ...sources.value, areas: [] }))
  const supervises = computed(() => session.value !== null && isSupervisor(session.value.role))
  const own = (domain: OwnDomain): ChannelView | null => {
    const operator = session.value?.operator
    return operator === undefined ? null : (model.value.channels.get(channelName(domain, operator)) ?? null)
  }
  const inbox = computed(() => own('inbox'))
  const deviceLanguage = signal(memory.language())
  const chosen = computed(() => preferences(session.value?.operator ?? null, own('prefs'), laid.value))
  const hasRefusals = computed(() => {
    const { rejections } = channels.value
    return (inbox.value?.events ?? []).length > 0 || Object.keys(rejections?.records ?? {}).length > 0
  })
  const [lanes, stopChecking] = lateCheck(check, hasRefusals)
  const looked = computed(() => ({ pending: laid.value, check: lanes.value }))
  const refused = computed(() => refusals(model.value.rejected, inbox.value, looked.value))
  const rejected = computed(() => refused.value.open)

  const view = computed(() => place.value.view ?? firstView(supervises.value && areas.value.length > 1))
  const showsMachines = computed(() => view.value === 'equipment' || view.value === 'line')
  const alsoShown = signal<readonly ChannelName[]>([])
  const equipment = computed(() => channels.value.equipment)
  const machines = computed(() => {
    // Made anew when the channel changes, and not at every other news of the relay.
    return equipment.value === null || !showsMachines.value ? [] : machinesOf(model.peek(), area.value)
  })

  const orders = computed(() =>
    orderList({ channel: channels.value.orders, area: area.value, pending: laid.value, rejected: rejected.value }),
  )
  const sheet = signal<SheetName | null>(null)
  const time = signal(now())
  const look = computed<Look>(() => {
    const open = sheet.value
    const order = open?.kind === 'order' ? orders.value.find(({ id }) => id === open.id) : undefined
    return {
      area: area.value,
      place: { ...place.value, view: view.value },
      sheet: open,
      orderNumber: order?.number ?? null,
    }
  })
  const isLive = computed(() => status.value.state === 'live')
  const ofPerson = { session, pending: laid, prefs: () => own('prefs'), inbox }
  const talk = openTalk({ area, areas, channel: () => channels.value.chat, ...ofPerson })
  const self = computed(() => session.value?.operator ?? null)
  const [said, stopRooms] = openRooms({ relay, now: time, look, isLive, self, clock })

  const app: App = {
    relay,
    memory,
    address,
    presses: new Presses(clock),
    now: time,
    serverNow: serverClock(relay, time),
    place,
    view,
    sheet,
    newcomers: signal(null),
    reveal: signal(null),
    aside,
    alsoShown,
    chosenValues: signal(memory.values()),
    quiet: signal(NEVER_QUIET),
    drafts: signal({}),
    chatAgain: signal({}),
    gathering: new Set(),
    begun: new Map(),
    openForm: signal(null),
    closedForm: signal(null),
    discarding,
    notice: signal(null),
    halted: signal(null),
    update: signal(null),
    deviceLanguage,
    model,
    status,
    session,
    theme: computed(() => chosen.value.theme ?? 'system'),
    language: computed(() => chosen.value.language ?? deviceLanguage.value),
    isLive,
    area,
    areas,
    pending: computed(() => model.value.pending),
    rejected,
    undecided: computed(
      () =>
        rejected.value.filter(({ command }) => !discarding.value.has(command.id)).length +
        model.value.files.waiting.filter(({ isLost }) => isLost).length,
    ),
    decided: computed(() => refused.value.decided),
    supervises,
    rejections: computed(() => (supervises.value ? rejectionList(channels.value.rejections, looked.value) : [])),
    board,
    alarms: computed(() => alarmsOf(urgentBoard.value, aside.value)),
    machines,
    shownMachines: signal(null),
    orders,
    chat: talk.rows,
    talk,
    files: computed(() => model.value.files),
    notes: computed(() => noteList(channels.value.notes, area.value, laid.value)),
    ...said,
    channels,
  }

  const dismissed = new Set<string>()
  const releases = [
    stopChecking,
    stopListing,
    stopRooms,
    relay.listen((next) => (model.value = next)),
    relay.listenViews(() => (app.halted.value = null)),
    effect(() => {
      const isHere = { device: true, person: session.value !== null, supervisor: supervises.value, owner: false }
      const domains = AREA_DOMAINS.filter((domain) => {
        return domain === 'equipment' ? showsMachines.value : isHere[DOMAINS[domain].readers]
      })
      const operator = session.value?.operator
      const owned = operator === undefined ? [] : OWN_DOMAINS.map((domain) => channelName(domain, operator))
      // Live values come only to windows that show them.
      const shown = view.value === 'equipment' ? (app.shownMachines.value ?? machines.value) : []
      const live = liveChannelsOf(shown.slice(0, MAX_SHOWN_MACHINES))
      const ofArea = area.value === NO_AREA ? [] : domains.map((domain) => channelName(domain, area.value))
      const inRooms = area.value === NO_AREA ? [] : roomChannels(look.value, session.value !== null)
      const all = new Set([...ofArea, ...owned, ...live, ...inRooms, ...alsoShown.value])
      // Nobody reads more than one value a second from across a hall.
      relay.show([...all], view.value === 'wall' ? { maxHz: 1 } : {})
    }),
    followQuiet(app),
    effect(() => relay.track(area.value === NO_AREA ? [] : roomsOf(look.value))),
    // Settled by a supervisor or on another device: this device's own list lets it go, too.
    effect(() => {
      for (const id of refused.value.settledElsewhere) {
        if (dismissed.has(id)) continue
        dismissed.add(id)
        relay.dismiss(id)
      }
    }),
    // Where people of this terminal work: what it shows while nobody is signed in, and first to the next one.
    effect(() => {
      if (person.value !== null && area.value !== NO_AREA) memory.rememberArea(area.value)
    }),
    followPerson(app),
  ]
  return [app, () => releases.forEach((release) => release())]
}

function firstOf(names: readonly (string | null)[]): string | undefined {
  return names.find((name) => name !== null && name !== '*') ?? undefined
}
