import type { Clock } from '@swarmway/proxy-protocol'
import { type StatusPage, statusPage } from '@swarmway/proxy-server/status'
import type { ProxySettings } from './config/settings.js'
import type { RunningProxy } from './running-proxy.js'
import { closeServer } from './server/close-server.js'
import type { ServerProcess } from './server/create-proxy.js'
import { createMetrics } from './server/metrics.js'
import { RunningServer } from './server/running-server.js'
import { type RunningAdmin, startAdmin } from './start-admin.js'

/** What the process provides. */
type SingleTools = Pick<ServerProcess, 'log' | 'clock' | 'serverClock'>

/** The proxy server and the admin port in this process. Rejects with a CliError and then leaves nothing behind. */
export async function runSingle(settings: ProxySettings, tools: SingleTools): Promise<RunningProxy> {
  const { clock, log } = tools
  const running = await RunningServer.start({ ...tools, settings, worker: null })
  const status = settings.status ? statusPage(running.server, { clients: settings.logAddresses }) : null
  try {
    const admin = await startAdmin(settings, { health: running.health, metrics: metricsOf(running), status, log })
    return new SingleProxy(running, admin, status, clock)
  } catch (error) {
    status?.destroy()
    await running.stop()
    throw error
  }
}

function metricsOf({ server }: RunningServer): () => Promise<string> {
  const registry = createMetrics(() => server.stats, server.limits)
  return () => registry.metrics()
}

class SingleProxy implements RunningProxy {
  readonly #running: RunningServer
  readonly #admin: RunningAdmin | null
  readonly #status: StatusPage | null
  readonly #clock: Clock | undefined

  constructor(running: RunningServer, admin: RunningAdmin | null, status: StatusPage | null, clock: Clock | undefined) {
    this.#running = running
    this.#admin = admin
    this.#status = status
    this.#clock = clock
  }

  get ports() {
    return { ...this.#running.ports, adminPort: this.#admin?.port ?? null }
  }

  async stop(): Promise<void> {
    await this.#running.stop()
    this.#status?.destroy()
    if (this.#admin !== null) await closeServer(this.#admin.server, this.#clock)
  }
}
