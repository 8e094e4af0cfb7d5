/** Spans and metrics of OpenTelemetry, from what Swarmway publishes on its diagnostics channels. */
import { type Meter, type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api'
import { onTrace, type TraceRecord } from '@swarmway/swarm'

/** What begins and ends with which events, and the field that tells two of them apart. */
interface Kind {
  readonly area: TraceRecord['area']
  readonly begin: string
  readonly ends: readonly string[]
  readonly id: string
}

const KINDS: readonly Kind[] = [
  { area: 'dial', begin: 'begin', ends: ['opened', 'failed', 'dropped'], id: 'peer' },
  { area: 'accept', begin: 'connection-open', ends: ['connection-closed'], id: 'peer' },
  { area: 'query', begin: 'begin', ends: ['done', 'failed', 'cancelled'], id: 'topic' },
  { area: 'link', begin: 'open', ends: ['closed'], id: 'link' },
  { area: 'server', begin: 'session-open', ends: ['session-closed'], id: 'session' },
  { area: 'server', begin: 'dial', ends: ['dialled', 'dial-failed'], id: 'peer' }
]

/** Spans whose end never came are ended without one, so that they do not add up. */
const MAX_OPEN_SPANS = 10_000

/** Where spans and metrics go. */
export interface Telemetry {
  readonly tracer: Tracer
  readonly meter: Meter
}

/** Exports what Swarmway does in this process. Returns a function that ends it. */
export function exportTraces({ meter, tracer }: Telemetry): () => void {
  const events = meter.createCounter('swarmway.events', { description: 'What happened, by area, event and code' })
  const durations = meter.createHistogram('swarmway.duration', { unit: 'ms' })
  const spans = new OpenSpans(tracer, (kind, durationMs, code) => {
    durations.record(durationMs, { operation: nameOf(kind), code })
  })
  const stop = onTrace((record) => {
    // Only what has few values: a peer or a topic would make a time series of its own.
    const code = String(record.fields['code'] ?? '')
    events.add(1, { area: record.area, event: record.event, code })
    spans.note(record)
  })
  return () => {
    stop()
    spans.endAll()
  }
}

class OpenSpans {
  readonly #tracer: Tracer
  readonly #onEnd: (kind: Kind, durationMs: number, code: string) => void
  readonly #open = new Map<string, { span: Span; beganMs: number }>()

  constructor(tracer: Tracer, onEnd: (kind: Kind, durationMs: number, code: string) => void) {
    this.#tracer = tracer
    this.#onEnd = onEnd
  }

  note(record: TraceRecord): void {
    for (const kind of KINDS.filter(({ area }) => area === record.area)) {
      if (record.event === kind.begin) this.#begin(kind, record)
      else if (kind.ends.includes(record.event)) this.#end(kind, record)
    }
  }

  endAll(): void {
    for (const { span } of this.#open.values()) span.end()
    this.#open.clear()
  }

  #begin(kind: Kind, { fields, timeMs }: TraceRecord): void {
    const key = keyOf(kind, fields)
    this.#open.get(key)?.span.end()
    this.#open.delete(key)
    const span = this.#tracer.startSpan(nameOf(kind), { startTime: timeOf(timeMs), attributes: attributesOf(fields) })
    this.#open.set(key, { span, beganMs: timeMs })
    const [oldest] = this.#open
    if (this.#open.size <= MAX_OPEN_SPANS || oldest === undefined) return
    oldest[1].span.end()
    this.#open.delete(oldest[0])
  }

  #end(kind: Kind, { event, fields, timeMs }: TraceRecord): void {
    const key = keyOf(kind, fields)
    const open = this.#open.get(key)
    if (open === undefined) return
    this.#open.delete(key)
    const code = String(fields['code'] ?? '')
    open.span.setAttributes({ ...attributesOf(fields), 'swarmway.outcome': event })
    if (event.endsWith('failed')) open.span.setStatus({ code: SpanStatusCode.ERROR, message: code })
    open.span.end(timeOf(timeMs))
    this.#onEnd(kind, timeMs - open.beganMs, code)
  }
}

function nameOf({ area, begin }: Kind): string {
  return begin === 'begin' || begin === 'open' ? `swarmway.${area}` : `swarmway.${area}.${begin}`
}

function keyOf(kind: Kind, fields: TraceRecord['fields']): string {
  return `${nameOf(kind)} ${fields[kind.id]}`
}

function attributesOf(fields: TraceRecord['fields']): Record<string, string | number | boolean> {
  const known = Object.entries(fields).filter(([, value]) => value !== null)
  return Object.fromEntries(known.map(([name, value]) => [`swarmway.${name}`, value ?? '']))
}

/** A record's time is that of the process; a span's is the time of day, in milliseconds. */
function timeOf(timeMs: number): number {
  return performance.timeOrigin + timeMs
}
