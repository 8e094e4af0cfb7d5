/**
 * The status page: shows the state of a server at a glance in a browser.
 *
 * @module
 */
export { isNamedByAddress } from './access/access.js'
export type { ClientFigures, WatchedClient } from './figures/busiest.js'
export type { FleetServerFigures, FleetSnapshot } from './figures/fleet-figures.js'
export { combineErrors, type RecentError, RecentErrors } from './figures/recent-errors.js'
export { type ServerSource, serverSource } from './figures/server-source.js'
export {
  type Counts,
  combineSnapshots,
  type Snapshot,
  type StatusSource,
  type WorkerFigures
} from './figures/snapshot.js'
export type { WatchedServer } from './figures/watched-server.js'
export { createStatusServer } from './http/status-server.js'
export { type ListenStatusOptions, listenStatus, type StatusListener } from './listen.js'
export type { StatusPageOptions } from './options.js'
export type { Health, Level } from './recording/health.js'
export type { LastMinute, Point } from './recording/history.js'
export type { Report } from './recording/report.js'
export { type StatusPage, statusPage } from './status-page.js'
