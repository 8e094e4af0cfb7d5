import { systemClock } from '../clock.js'
import { createChannel, type TraceChannel } from './channel.js'
import { formatTrace, isNamed } from './debug.js'
import type { TraceArea, TraceEvents, TraceListener } from './events.js'
import { environment, writeLine } from './platform.js'
import { shownFields } from './shown.js'

/** Reports an event of an area. */
export type Tracer<Events> = <E extends keyof Events & string>(event: E, fields: Events[E] & object) => void

class Area<A extends TraceArea> {
  readonly channel: TraceChannel
  readonly #publish: Tracer<TraceEvents[A]>

  constructor(area: A) {
    const name = `swarmway:${area}`
    const channel = createChannel(name)
    this.channel = channel
    this.#publish = (event, fields) =>
      channel.publish({ area, event, timeMs: systemClock.now(), fields: shownFields(fields) })
    if (isNamed(name, environment('DEBUG'))) channel.subscribe((record) => writeLine(formatTrace(record)))
  }

  get tracer(): Tracer<TraceEvents[A]> | undefined {
    return this.channel.hasSubscribers ? this.#publish : undefined
  }
}

const areas = {
  dial: new Area('dial'),
  accept: new Area('accept'),
  direct: new Area('direct'),
  query: new Area('query'),
  link: new Area('link'),
  session: new Area('session'),
  stream: new Area('stream'),
  client: new Area('client'),
  server: new Area('server')
}

/**
 * The tracer of each area, undefined while nobody listens to it. Call it as `trace.dial?.('begin', { ... })`: then the
 * fields are not even built when tracing is off.
 */
export const trace: { readonly [A in TraceArea]: Tracer<TraceEvents[A]> | undefined } = {
  get dial() {
    return areas.dial.tracer
  },
  get accept() {
    return areas.accept.tracer
  },
  get direct() {
    return areas.direct.tracer
  },
  get query() {
    return areas.query.tracer
  },
  get link() {
    return areas.link.tracer
  },
  get session() {
    return areas.session.tracer
  },
  get stream() {
    return areas.stream.tracer
  },
  get client() {
    return areas.client.tracer
  },
  get server() {
    return areas.server.tracer
  }
}

/**
 * Calls `listener` with everything that Swarmway traces, in any environment; returns a function that ends it. In Node it
 * is the same as subscribing to the channels `swarmway:dial`, `swarmway:link` and so on of `node:diagnostics_channel`.
 * The listener is called in the middle of things: it should only take note. What it throws is uncaught.
 */
export function onTrace(listener: TraceListener): () => void {
  // A function of its own for each call, so that each can be ended alone.
  const own: TraceListener = (record) => listener(record)
  const ends = Object.values(areas).map(({ channel }) => channel.subscribe(own))
  return () => {
    for (const end of ends) end()
  }
}
