/** What streams and connections in Bare are made of. */
export { EventEmitter } from 'bare-events'
