import type { Server } from 'node:http'
import { isLoopback } from '../shared/network/loopback.js'
import type { ProxySettings } from './config/settings.js'
import { type AdminParts, createAdminServer } from './server/admin-server.js'
import { bind } from './server/bind.js'

/** A listening admin port. */
export interface RunningAdmin {
  readonly server: Server
  readonly port: number
}

/** Listens on the admin port; null if it is off. Rejects with a CliError. */
export async function startAdmin(
  settings: ProxySettings,
  parts: Omit<AdminParts, 'isLocal'>
): Promise<RunningAdmin | null> {
  const { adminHost, adminPort } = settings
  if (adminPort === null) return null
  const server = createAdminServer({ ...parts, isLocal: isLoopback(adminHost) })
  const port = await bind(server, { host: adminHost, port: adminPort, flag: '--admin-port' })
  return { server, port }
}
