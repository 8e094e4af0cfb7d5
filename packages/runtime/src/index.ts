/**
 * What the packages of Swarmway share: time, rate limits, and safe calls to application code. Runs in a
 * browser.
 * @packageDocumentation
 */
export * from './application.js'
export * from './clock.js'
export * from './emitter.js'
export * from './rate-limit.js'
