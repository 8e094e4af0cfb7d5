/**
 * What the packages of Swarmway have in common: time, rate limits, and how code of the application is called. Runs in a
 * browser.
 * @packageDocumentation
 */
export * from './application.js'
export * from './clock.js'
export * from './emitter.js'
export * from './module-exports.js'
export * from './rate-limit.js'
