import type { Language, Priority, Role, Theme } from '../../relay/protocol/records.ts'
import { attentionEn } from './attention-en.ts'
import { boardsEn } from './boards-en.ts'
import { equipmentEn } from './equipment-en.ts'
import { grouped } from './grouped.ts'
import { ordersEn } from './orders-en.ts'
import { terminalEn } from './terminal-en.ts'
import { refusals } from './refusals-en.ts'

const UNAVAILABLE: Readonly<Record<string, string>> = {
  'other-page': 'Another Andon page of this browser is still closing. This takes a few seconds.',
  'newer-build': 'A newer Andon runs in another page of this browser. Load this page again.',
  'in-use': 'This browser can keep only one tab connected. Used here, the other one waits.',
  'storage-denied':
    'This browser keeps no data of this site. Allow site data (cookies) for this address, then load the page again.',
}

const HALTED: Readonly<Record<string, string>> = {
  'in-use': 'Andon is open in another tab',
  'no-server': 'This terminal does not know its server',
}

/**
 * Every sentence and word a person reads, in English. Another language is another object of the same type (`Text`):
 * `ko.ts`; a word that is added here is added there. Patterns: buttons are verbs, "OK" and codes alone are forbidden, a
 * refusal says what to do.
 */
export const en = {
  language: 'en' as Language,
  /** For times, dates and numbers: 24 hours, day before month. */
  locale: 'en-GB',
  product: 'Andon',

  areaName: (area: string): string => capitalized(area.replaceAll('-', ' ')),
  areaNow: (area: string): string => `Area: ${area}`,
  close: 'Close',
  cancel: 'Cancel',
  /** On the button that scrolls on to what does not fit. */
  moreBelow: 'More below',
  and: (parts: readonly string[]): string => parts.join(' · '),
  /** Of any list that stands still under a finger. */
  rows: {
    waiting: (count: number): string => `${count} new`,
    moved: 'This has just moved, so nothing was pressed. Press again.',
    gone: 'No longer here',
  },
  /** In lists that are longer than a screen. */
  filter: {
    label: 'Find',
    labelOf: (list: string): string => `Find in: ${list}`,
    shown: (shown: number, total: number): string => `${grouped(shown, 'en')} of ${grouped(total, 'en')}`,
    none: (query: string): string => `Nothing matches “${query}”.`,
    all: 'Show all',
  },

  undo: {
    closed: 'Closed without sending.',
    openAgain: 'Back to it',
    discarded: 'Discarded',
    undo: 'Undo',
  },

  nav: {
    label: 'Views',
    line: 'My line',
    site: 'All lines',
    alerts: 'Alerts',
    orders: 'Work orders',
    equipment: 'Equipment',
    chat: 'Line chat',
    notes: 'Handover',
    rejections: 'Not accepted',
    raise: 'Raise alert',
  },
  search: 'Search',
  bars: 'Alarms and connection',
  countOpen: (count: number): string => `${count} not acknowledged`,

  later: {
    coming: 'Loading …',
    title: 'Not loaded',
    failed: 'This part could not be loaded: it is not kept here, and the server does not answer.',
    again: 'Try again',
  },
  start: {
    waiting: 'Starting this terminal',
    slow: 'The relay of this terminal does not answer yet.',
    failed: 'The relay of this terminal could not start.',
    whatToDo: 'Load the page again. If that does not help, close every Andon window of this terminal and open one.',
    reload: 'Load again',
    /** Above the sentence of `unavailable`. */
    halted: (code: string): string => HALTED[code] ?? 'This terminal cannot save anything now',
    useHere: 'Use it here',
  },
  update: {
    ready: 'A new version is ready.',
    started: 'A new version runs in another window.',
    safe: 'Nothing that is saved is lost.',
    restart: 'Restart now',
    not: {
      p0: 'Not while a P0 waits for an answer.',
      unsaved: 'Finish or close first what you have begun here.',
      elsewhere: 'Not yet: another window shows a P0, or something that is not saved.',
    },
  },
  /** Why the relay stands still, by the code of the worker; for the others its own words. */
  /** `kiosk/` goes before the codes of a kiosk's own relay. */
  unavailable: (code: string, said: string): string => UNAVAILABLE[code] ?? said,
  missing: {
    title: 'Andon cannot run in this browser',
    'secure-origin': 'This address is not secure, so nothing could be kept safe here. Open Andon by its https address.',
    locks: 'This browser is too old to keep windows in agreement. Update it, then open Andon again.',
    worker: 'This browser lets nothing work in the background. Update it or use another one, then open Andon again.',
    'broadcast-channel': 'This browser cannot connect windows with each other. Update it, then open Andon again.',
  },

  connection: {
    title: 'Connection',
    live: 'Live',
    starting: 'Connecting',
    reconnecting: 'Reconnecting',
    since: (time: string): string => `offline since ${time}`,
    valuesFromThen: 'values are from then',
    bar: (time: string): string => `Offline since ${time} · values are from then.`,
    barNever: 'Not connected yet.',
    barSaved: 'What you do is saved here and sent later.',
    isLive: 'This terminal is connected. What you see is current.',
    next: (seconds: number): string => (seconds <= 0 ? 'Trying now.' : `Next try in ${seconds} s.`),
    retry: 'Try now',
    device: 'Terminal',
    build: 'Version',
    relayBuild: 'Version of the relay',
    warnings: 'What this terminal cannot promise',
    /** A warning of the relay: it speaks English. */
    warning: (said: string): string => said,
    /** Why it is not live, by the code of the last close or refusal; for others the relay's own words. */
    trouble: (_code: string | null, said: string): string => said,
  },
  storage: {
    failing: 'This terminal cannot save anything now.',
    explain: 'What comes is shown; what you do is not kept. Make room on its disk: it goes on by itself.',
  },
  freshness: {
    asOf: (time: string): string => `As of ${time}`,
    never: 'Never received on this terminal',
    neverMore: 'It comes when the server can be reached again.',
    coming: 'On its way from the server',
    urgentOnly: (why: string): string => `Shown are P0 and P1 only. ${why}`,
    confirmed: (time: string): string => `Confirmed ${time}`,
  },

  outbox: {
    count: (count: number): string => `${grouped(count, 'en')} waiting`,
    sending: (count: number): string => `${grouped(count, 'en')} waiting · sending`,
    refused: (count: number): string => `${count} not accepted`,
    bar: (count: number): string =>
      count === 1 ? 'One thing was not accepted.' : `${count} things were not accepted.`,
    show: 'Show',
  },
  /** A command in words; the title names what it is about where that is known. */

  pending: {
    waiting: 'Waiting for server',
    notSent: 'Not yet sent',
    /** Around the time since when. */
    since: { before: 'since ', after: '' },
    /** What the server said when it put a command off. */
    later: (said: string): string => said,
    ack: 'Saved here, waiting for server',
    resolve: 'Resolved here, waiting for server',
  },

  /** Who did what nobody did; it stands behind "by". */
  system: 'the system',
  /** A browser, which nobody named, by a piece of its id. */
  browser: (piece: string): string => `Browser ${piece}`,
  alerts: {
    title: 'Alerts',
    summary: (total: number, open: number): string =>
      total === 0
        ? 'None active'
        : open === 0
          ? `${total} active, all acknowledged`
          : `${total} active, ${open} not acknowledged`,
    empty: (area: string): string => `No active alerts in ${area}, and nothing urgent anywhere.`,
    priority: { P0: 'Critical', P1: 'High', P2: 'Medium', P3: 'Low' } satisfies Record<Priority, string>,
    meaning: {
      P0: 'Danger to people, or the line stands',
      P1: 'Line at risk, act now',
      P2: 'Act this hour',
      P3: 'Act this shift',
    } satisfies Record<Priority, string>,
    markLabel: (priority: string, name: string): string => `${priority} ${name}`,
    notAcknowledged: 'Not acknowledged',
    acknowledgedBy: (by: string, time: string): string => `✓ ${by} ${time}`,
    cleared: 'Cleared – confirm',
    raisedBy: (by: string): string => `by ${by}`,
    raisedOn: (by: string, on: string): string => `by ${by} on ${on}`,
    acknowledge: 'I have it',
    acknowledgeLabel: (title: string): string => `I have it: ${title}`,
    confirm: 'Confirm',
    confirmLabel: (title: string): string => `Confirm: ${title}`,
    resolve: 'Resolve',
    resolveLabel: (title: string): string => `Resolve: ${title}`,
    announce: (priority: string, area: string, title: string): string => `New ${priority} alert, ${area}: ${title}`,
    more: (count: number): string => `${count} more`,
    whole: 'Read all',
    less: 'Show less',
    wholeLabel: (title: string): string => `All of: ${title}`,
    notYourArea: (area: string): string => `People of ${area} acknowledge this.`,
  },
  overlay: {
    several: (count: number): string =>
      count === 1 ? '1 critical alert nobody has yet' : `${count} critical alerts nobody has yet`,
    all: (count: number): string => `All ${count}`,
    waiting: (count: number): string =>
      count === 1 ? '1 more comes up as one is taken.' : `${count} more come up as these are taken.`,
    newest: (title: string): string => `Newest: ${title}`,
    turn: 'Show others',
    over: 'No longer active',
    acknowledge: 'I have it',
    signIn: 'Sign in to acknowledge',
    signInOffline: 'Signing in needs the server, so it cannot be acknowledged from here now.',
    aside: 'Keep as a banner here',
    raised: 'Raised',
    open: 'Open',
    words: 'What the alert says',
  },

  equipment: equipmentEn,
  boards: boardsEn,
  ...attentionEn,
  ...ordersEn,

  rejections: {
    title: 'Not accepted',
    count: (count: number): string => `${count} not accepted`,
    /** The reason when people discard what they did themselves; kept with the deed, so it is not translated later. */
    byAuthor: 'by the author',
  },

  ...terminalEn,

  notes: { title: 'Handover notes' },
  chat: {
    title: 'Line chat',
    terminal: 'this terminal',
    /** Beside the sign that leads there. */
    news: (count: number): string => (count === 1 ? '1 new message' : `${count} new messages`),
    discuss: 'Discuss',
    /** Of what an alert is about. */
    said: (count: number): string => (count === 1 ? '1 message' : `${count} messages`),
    named: (count: number): string => (count === 1 ? 'one names you' : `${count} name you`),
  },

  session: {
    title: 'Sign in',
    name: 'Name',
    pin: 'PIN',
    digits: 'Digits',
    recent: 'Lately here',
    signIn: 'Sign in',
    signingIn: 'Signing in',
    signOut: 'Sign out',
    switch: 'Switch operator',
    signedIn: (name: string): string => `Signed in: ${name}`,
    notSignedIn: 'Nobody signed in',
    role: { operator: 'Operator', supervisor: 'Supervisor', admin: 'Administrator' } satisfies Record<Role, string>,
    everywhere: 'all areas',
    unconfirmed: 'Not yet confirmed by the server since the connection was lost.',
    offline: 'Signing in needs the server.',
    offlineSwitch: 'Signing in needs the server. If you sign out now, nobody can sign in until it is back.',
    kept: 'What is waiting stays saved and is sent under your name.',
    erase: 'Delete last digit',
    clear: 'Clear',
    missingName: 'Type your name.',
    missingPin: 'Type your PIN.',
    badName: 'A name has the letters a to z, digits and hyphens.',
    /** The keyboard is in Hangul; what its keys stand for. */
    hangulName: (name: string): string => `Typed in Hangul; read as ${name}`,
    neededFor: {
      orders: 'Work orders are shown to people who are signed in.',
      chat: 'Line chat is shown to people who are signed in.',
      notes: 'Handover notes are shown to people who are signed in.',
      rejections: 'What was not accepted is shown to supervisors who are signed in.',
    },
  },
  settings: {
    title: 'Settings',
    theme: 'Appearance',
    themes: { light: 'Light', dark: 'Dark', system: 'As the terminal' } satisfies Record<Theme, string>,
    language: 'Language',
    followsYou: 'Both hold for you on every terminal.',
    everywhere: 'Sign out everywhere',
  },
  area: { title: 'Area', choose: 'Which area does this window show?' },
  refused: {
    'sign-in-needed': 'Sign in to see this.',
    forbidden: 'Only its own people see this area. An administrator gives the right.',
    other: 'The server does not show this here.',
  },
  notice: { title: 'Not saved', dismiss: 'Understood' },
  /** What a refusal tells a person: the words for its code, or what the server said. */
  refusal: (code: string | null, said: string | null): string => said ?? refusals(code),
}

export type Text = typeof en

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
