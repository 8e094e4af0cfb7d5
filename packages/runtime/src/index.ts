/**
 * What the packages of Swarmway share: time, rate limits, and safe calls to application code. Runs in a
 * browser.
 * @packageDocumentation
 */
export * from './application.js'
export * from './backoff.js'
export { ByteQueue } from './byte-queue.js'
export { ChangeWatch } from './change-watch.js'
export * from './clock.js'
export { deadlineClock } from './deadline-clock.js'
export * from './emitter.js'
export * from './errors.js'
export { Fifo } from './fifo.js'
export * from './fitted-window.js'
export * from './lazy-map.js'
export { LoopWatch } from './loop-watch.js'
export * from './module-exports.js'
export { type PagePermissions, pageHeaders } from './page-headers.js'
export * from './printable.js'
export * from './rate-limit.js'
export * from './rate-limits.js'
export { endsWithin } from './time-limit.js'
export { formatTrace } from './tracing/debug.js'
export type { TraceArea, TraceEvents, TraceListener, TraceRecord } from './tracing/events.js'
export { reasonOf } from './tracing/shown.js'
export { onTrace, type Tracer, trace } from './tracing/trace.js'
