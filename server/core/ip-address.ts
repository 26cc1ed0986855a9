/** IP addresses as values, so that two spellings of one address are one (RFC 4291, RFC 5952 §5). Pure. */

/** Eight groups of 16 bits. An IPv4 address is the IPv6 address it is mapped to (`::ffff:a.b.c.d`), as sockets write it. */
export type IpAddress = readonly number[]

/** Every address whose first `bits` (of 128) are those of `address`. */
export interface Network {
  readonly address: IpAddress
  readonly bits: number
}

const GROUPS = 8
const GROUP_BITS = 16
/** The mapped form of IPv4 begins with these. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff] as const
const MAPPED_BITS = MAPPED.length * GROUP_BITS
/** One customer's or one device's IPv6 network; within it addresses cost nothing (RFC 6177, RFC 8981). */
const SOURCE_BITS = 64

/** Null for what is not exactly one address. A zone (`%eth0`) says by which cable, not who, and is left out. */
export function parseIp(text: string): IpAddress | null {
  const [bare = '', ...zones] = text.split('%')
  if (zones.length > 1 || (zones.length === 1 && (zones[0] === '' || !bare.includes(':')))) return null
  return bare.includes(':') ? parseV6(bare) : parseV4(bare)
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Null for anything else, and for a network of everybody. */
export function parseNetwork(text: string): Network | null {
  const [ip = '', length, ...rest] = text.split('/')
  const address = parseIp(ip)
  if (address === null || rest.length > 0) return null
  if (length === undefined) return { address, bits: GROUPS * GROUP_BITS }
  if (!/^[1-9]\d{0,2}$/.test(length)) return null
  const bits = Number(length) + (ip.includes(':') ? 0 : MAPPED_BITS)
  return bits > GROUPS * GROUP_BITS ? null : { address, bits }
}

export function isInNetwork(ip: IpAddress, { address, bits }: Network): boolean {
  return address.every((group, index) => {
    const own = Math.min(GROUP_BITS, Math.max(0, bits - index * GROUP_BITS))
    const rest = GROUP_BITS - own
    return group >> rest === (ip[index] ?? 0) >> rest
  })
}

const LOOPBACK: readonly Network[] = [
  { address: [...MAPPED, 127 << 8, 0], bits: MAPPED_BITS + 8 },
  { address: [0, 0, 0, 0, 0, 0, 0, 1], bits: GROUPS * GROUP_BITS },
]

/** `127.0.0.0/8` and `::1`. */
export function isLoopbackIp(ip: IpAddress): boolean {
  return LOOPBACK.some((network) => isInNetwork(ip, network))
}

/** The same text for the same address, however it was written. */
export function writeIp(ip: IpAddress): string {
  if (!isV4(ip)) return ip.map((group) => group.toString(16)).join(':')
  return ip
    .slice(MAPPED.length)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.')
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address, whose other half its owner may choose freely. */
export function sourceOf(ip: IpAddress): string {
  return isV4(ip) ? writeIp(ip) : `${writeIp(ip.slice(0, SOURCE_BITS / GROUP_BITS))}::/${SOURCE_BITS}`
}

function isV4(ip: IpAddress): boolean {
  return MAPPED.every((group, index) => ip[index] === group)
}

function parseV4(text: string): IpAddress | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number)
  return [...MAPPED, (a << 8) | b, (c << 8) | d]
}

function parseV6(text: string): IpAddress | null {
  const halves = text.split('::').map(groupsOf)
  const [front, back] = halves
  if (halves.length > 2 || front === undefined || front === null || back === null) return null
  if (back === undefined) return front.length === GROUPS ? front : null
  const missing = GROUPS - front.length - back.length
  return missing < 1 ? null : [...front, ...Array.from({ length: missing }, () => 0), ...back]
}

/** Groups of one side of `::`; the last may be an IPv4 address, which is two. */
function groupsOf(text: string, index: number, halves: readonly string[]): readonly number[] | null {
  if (text === '') return halves.length === 1 ? null : []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [place, part] of parts.entries()) {
    const isLast = index === halves.length - 1 && place === parts.length - 1
    const v4 = isLast && part.includes('.') ? parseV4(part) : null
    if (v4 !== null) groups.push(...v4.slice(MAPPED.length))
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}
