/** One event of a stream, as far as our server sends any (PROTOCOL N8). */
export interface StreamEvent {
  /** `message` unless it has a name. */
  readonly name: string
  readonly data: string
}

/**
 * Reads server-sent events (HTML, 9.2.6) out of a stream as it comes. Pure of input and output: `push` takes text and gives the
 * events that are whole with it.
 */
export class EventStream {
  #rest = ''
  #name = ''
  #data: string[] = []

  /** Characters of the event that is not whole. */
  get pending(): number {
    return this.#rest.length + this.#data.reduce((sum, line) => sum + line.length, 0)
  }

  push(text: string): readonly StreamEvent[] {
    const events: StreamEvent[] = []
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line)
      if (event !== null) events.push(event)
    }
    return events
  }

  #line(line: string): StreamEvent | null {
    if (line !== '') {
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
      if (field === 'event') this.#name = value
      else if (field === 'data') this.#data.push(value)
      return null
    }
    const event = { name: this.#name === '' ? 'message' : this.#name, data: this.#data.join('\n') }
    const isEmpty = this.#data.length === 0
    this.#name = ''
    this.#data = []
    return isEmpty ? null : event
  }
}
