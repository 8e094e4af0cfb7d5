/**
 * The status page: shows the state of a server at a glance in a browser.
 *
 * @module
 */
export { isNamedByAddress } from './access.js'
export type { ClientFigures, WatchedClient } from './busiest.js'
export type { Health, Level } from './health.js'
export type { LastMinute, Point } from './history.js'
export { type ListenStatusOptions, listenStatus, type StatusListener } from './listen.js'
export type { StatusPageOptions } from './options.js'
export { combineErrors, type RecentError, RecentErrors } from './recent-errors.js'
export type { Report } from './report.js'
export { type ServerSource, serverSource } from './server-source.js'
export {
  type Counts,
  combineSnapshots,
  type FleetSnapshot,
  type Snapshot,
  type StatusSource,
  type WorkerFigures
} from './snapshot.js'
export { type StatusPage, statusPage } from './status-page.js'
export type { WatchedServer } from './watched-server.js'
