/** A DHT of several hosts on the public internet. */
import type { Address } from '../../../bench/lib/modules.ts'
import type { Worker } from '../../../bench/lib/worker.ts'
import type { DhtParams } from '../agents/dht.ts'
import type { Host, Lab, Link } from './lab.ts'

const NODES_A_HOST = 3

/** A machine with some nodes of the DHT, all in one process. */
interface DhtHost {
  readonly host: Host
  readonly agent: Worker
}

export class DhtNetwork {
  /** One node of each of the first hosts. */
  readonly bootstrap: Address[] = []
  readonly #lab: Lab
  readonly #link: Link
  readonly #hosts: DhtHost[] = []
  #lastHost = 0

  private constructor(lab: Lab, link: Link) {
    this.#lab = lab
    this.#link = link
  }

  static async start(lab: Lab, { hostCount = 4, link = { delayMs: 5 } } = {}): Promise<DhtNetwork> {
    const dht = new DhtNetwork(lab, link)
    for (let index = 0; index < hostCount; index++) dht.bootstrap.push(await dht.#addHost())
    return dht
  }

  /** Takes all nodes off the network, or brings them back. */
  async setDark(isDark: boolean): Promise<void> {
    await Promise.all(this.#hosts.map(({ host }) => this.#lab.setDark(host, isDark)))
  }

  /** Ends the processes of half of the nodes, and starts as many on other addresses. */
  async replaceHalf(): Promise<void> {
    const gone = this.#hosts.splice(0, this.#hosts.length / 2)
    await Promise.all(gone.map(({ agent }) => agent.end()))
    for (const _ of gone) await this.#addHost()
  }

  /** Resolves to the address of its first node. */
  async #addHost(): Promise<Address> {
    const addresses = Array.from({ length: NODES_A_HOST }, () => this.#lab.publicAddress())
    const host = await this.#lab.host(`dht${++this.#lastHost}`, this.#link, addresses)
    const agent = this.#lab.agent(host, 'dht')
    this.#hosts.push({ host, agent })
    const params: DhtParams = { addresses, bootstrap: this.bootstrap }
    return agent.call<Address>('start', params)
  }
}
