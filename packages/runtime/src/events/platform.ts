/** Node's own in Node, the package of this name elsewhere. */
export { EventEmitter } from 'events'
