import { type StatusPage, statusPage } from '@swarmway/proxy-server/status'
import { AggregatorRegistry, Registry } from 'prom-client'
import type { ProxySettings } from '../config/settings.js'
import type { RunningProxy } from '../running-proxy.js'
import { closeServer } from '../server/close-server.js'
import { Health } from '../server/health.js'
import type { Logger } from '../server/log.js'
import { addCounter, addGauge } from '../server/metrics.js'
import type { Ports } from '../server/running-server.js'
import { type RunningAdmin, startAdmin } from '../start-admin.js'
import { WorkerPool } from './pool.js'

/** Several workers behind one port, and the admin port in this process. Rejects with a CliError. */
export async function runPrimary(settings: ProxySettings, log: Logger): Promise<RunningProxy> {
  const pool = new WorkerPool(settings, log)
  // However this process ends, its workers must not outlive it.
  process.once('exit', () => pool.kill())
  try {
    const ports = await pool.ready
    return await Primary.start(settings, pool, ports, log)
  } catch (error) {
    pool.kill()
    throw error
  }
}

class Primary implements RunningProxy {
  readonly #pool: WorkerPool
  readonly #ports: Ports
  readonly #health = new Health(() => this.#pool.dhtWord)
  #status: StatusPage | null = null
  #admin: RunningAdmin | null = null

  static async start(settings: ProxySettings, pool: WorkerPool, ports: Ports, log: Logger): Promise<Primary> {
    const primary = new Primary(pool, ports)
    const source = {
      snapshot: () => pool.snapshot(),
      cutOff: (pid: number, number: number) => pool.cutOff(pid, number)
    }
    primary.#status = settings.status ? statusPage(source) : null
    const parts = { health: primary.#health, metrics: metricsOf(pool), status: primary.#status, log }
    primary.#admin = await startAdmin(settings, parts)
    return primary
  }

  private constructor(pool: WorkerPool, ports: Ports) {
    this.#pool = pool
    this.#ports = ports
  }

  get ports() {
    return { ...this.#ports, adminPort: this.#admin?.port ?? null }
  }

  async stop(): Promise<void> {
    this.#health.isDraining = true
    await this.#pool.stop()
    this.#status?.destroy()
    if (this.#admin !== null) await closeServer(this.#admin.server)
  }
}

/** The sums over the workers, and the primary's own metrics. */
function metricsOf(pool: WorkerPool): () => Promise<string> {
  const workers = new AggregatorRegistry()
  const own = new Registry()
  addGauge(own, 'workers', 'Worker processes', () => pool.size)
  addCounter(own, 'worker_restarts_total', 'Workers that replaced one that died', () => pool.restarts)
  return async () => `${await workers.clusterMetrics()}\n${await own.metrics()}`
}
