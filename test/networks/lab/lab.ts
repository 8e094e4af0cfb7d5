/** Hosts, homes behind NATs and processes on a userspace internet. */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from '../../../bench/lib/worker.ts'
import { Router } from './router.ts'

/** By whom a NAT lets in; `router/nat.h` says more. */
export type NatKind = 'full-cone' | 'address-restricted' | 'port-restricted' | 'symmetric'

/** Where a peer lives: on the open internet, or behind a NAT of its own. */
export type HomeKind = 'open' | NatKind

/** The line of a host, which is the same in both directions. Fields that are left out do nothing. */
export interface Link {
  /** One way. The round trip between two hosts is the sum of their delays, twice. */
  readonly delayMs?: number
  readonly jitterMs?: number
  readonly lossPercent?: number
  readonly bitsPerSecond?: number
  readonly queueBytes?: number
}

/** A machine of the lab. */
export interface Host {
  readonly name: string
  readonly addresses: readonly string[]
  /** The box in front of it. */
  readonly nat: string | null
}

/** Packets of a host. */
export interface PacketCounts {
  readonly sent: number
  readonly sentMulticasts: number
}

type AgentName = 'caller' | 'crowd' | 'dht' | 'peer' | 'proxy' | 'topics' | 'traffic' | 'udp'

const PUBLIC_REALM = 0

export class Lab {
  readonly #router: Router
  readonly #agents = new Set<Worker>()
  /** Arguments of nsenter, by name of the host. */
  readonly #namespaces = new Map<string, string>()
  #lastRealm = PUBLIC_REALM
  #lastPublic = 1

  private constructor(router: Router) {
    this.#router = router
  }

  static async open(): Promise<Lab> {
    return new Lab(await Router.start())
  }

  /** An address of the public internet that nothing else here has. */
  publicAddress(): string {
    const number = ++this.#lastPublic
    return `5.9.${number >> 8}.${number & 255}`
  }

  /** A host on the public internet. */
  host(name: string, link: Link = {}, addresses: readonly string[] = [this.publicAddress()]): Promise<Host> {
    return this.#addHost({ name, addresses, nat: null }, PUBLIC_REALM, link)
  }

  /** A host at home. */
  async home(name: string, kind: HomeKind, link: Link = {}): Promise<Host> {
    if (kind === 'open') return this.host(name, link)
    const { address, nat, realm } = await this.#addNat(name, kind)
    return this.#addHost({ name, addresses: [address], nat }, realm, link)
  }

  /** Hosts that share one local network without a way out. */
  async localNetwork(prefix: string, count: number, link: Link = {}): Promise<Host[]> {
    const realm = ++this.#lastRealm
    const hosts: Host[] = []
    for (let index = 1; index <= count; index++) {
      const host = { name: `${prefix}${index}`, addresses: [`192.168.7.${index}`], nat: null }
      hosts.push(await this.#addHost(host, realm, link))
    }
    return hosts
  }

  /** Takes a host to another home: all of its addresses change. */
  async move(host: Host, kind: NatKind): Promise<void> {
    const { address, realm } = await this.#addNat(`${host.name}-away`, kind)
    await this.#router.run(`move ${host.name} ${realm} ${address}`)
    await this.#ip(host.name, ['addr flush dev eth0', ...addressCommands([address])])
  }

  /** Pulls the cable of a host, or puts it back. */
  async setDark(host: Host, isDark: boolean): Promise<void> {
    await this.#router.run(`dark ${host.name} ${isDark ? 1 : 0}`)
  }

  /** Makes the NAT of a host forget its mappings, as a restart does; with another public address if wanted. */
  async forgetMappings(host: Host, changesAddress: boolean): Promise<void> {
    await this.#router.run(`forget ${host.nat} ${changesAddress ? this.publicAddress() : ''}`)
  }

  /** Loses some of the multicasts, for each receiver alone. Unicasts are not concerned. */
  async setMulticastLoss(percent: number): Promise<void> {
    await this.#router.run(`multicast-loss ${percent}`)
  }

  async countPackets(host: Host): Promise<PacketCounts> {
    const [sent = 0, , sentMulticasts = 0] = (await this.#router.run(`count ${host.name}`)).split(' ').map(Number)
    return { sent, sentMulticasts }
  }

  /** Starts a process on a host: a file of `agents/`. */
  agent(host: Host, name: AgentName): Worker {
    const file = fileURLToPath(new URL(`../agents/${name}.ts`, import.meta.url))
    // Should this process be killed, so are its agents, even stopped ones.
    const command = ['setpriv', '--pdeathsig', 'KILL', process.execPath, '--import=tsx', file]
    const options: SpawnOptions = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }
    const start = (): ChildProcess => spawn('nsenter', [this.#enter(host.name), ...command], options)
    const agent = new Worker(`${name} on ${host.name}`, [], start)
    this.#agents.add(agent)
    return agent
  }

  /** Ends all processes, and with the router the whole network. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.end()))
    await this.#router.close()
  }

  async #addNat(name: string, kind: NatKind): Promise<{ realm: number; nat: string; address: string }> {
    const realm = ++this.#lastRealm
    const nat = `${name}-nat`
    await this.#router.run(`nat ${nat} ${kind} ${realm} ${PUBLIC_REALM} ${this.publicAddress()}`)
    // Each home has a network of its own, or two peers would see their own address in the other's.
    return { realm, nat, address: `192.168.${realm & 255}.2` }
  }

  async #addHost(host: Host, realm: number, link: Link): Promise<Host> {
    const descriptor = await this.#router.run(`host ${host.name} ${realm} ${host.addresses.join(' ')}`)
    this.#namespaces.set(host.name, `--net=${this.#router.namespacePath(descriptor)}`)
    const { bitsPerSecond = 0, delayMs = 0, jitterMs = 0, lossPercent = 0, queueBytes = 0 } = link
    await this.#router.run(`link ${host.name} ${delayMs} ${jitterMs} ${lossPercent} ${bitsPerSecond} ${queueBytes}`)
    // Without IPv6, which the router drops.
    const up = ['link set lo up', 'link set eth0 addrgenmode none', 'link set eth0 mtu 1500 txqueuelen 5000 up']
    await this.#ip(host.name, [...up, ...addressCommands(host.addresses)])
    return host
  }

  #enter(hostName: string): string {
    return this.#namespaces.get(hostName) ?? ''
  }

  /** Runs commands of `ip` on a host. */
  #ip(hostName: string, lines: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve() : reject(error))
      const child = execFile('nsenter', [this.#enter(hostName), 'ip', '-batch', '-'], done)
      child.stdin?.end(`${lines.join('\n')}\n`)
    })
  }
}

function addressCommands(addresses: readonly string[]): string[] {
  return [...addresses.map((address) => `addr add ${address}/24 dev eth0`), 'route replace default dev eth0']
}

/** Runs `use` in a lab of its own, of which nothing is left when this settles. */
export async function withLab<Result>(use: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = await Lab.open()
  try {
    return await use(lab)
  } finally {
    await lab.close()
  }
}
