/**
 * A local network of network namespaces: hosts with one address each on one bridge, and no way out. Needs root and
 * iproute2.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FIXTURE = fileURLToPath(new URL('./fixtures/lan-peer.mjs', import.meta.url))

/** A line that the fixture prints. */
export interface PeerLine {
  event: 'ready' | 'connection' | 'flushed' | 'destroyed'
  key?: string
  remote?: string
  local?: boolean
  connections?: number
}

/** A swarm on a host of the lab. */
export class LabPeer {
  readonly lines: PeerLine[] = []
  readonly #process: ChildProcess
  readonly #ended: Promise<number | null>
  #errors = ''

  constructor(namespace: string, topic: string, options: object) {
    this.#process = spawn('ip', ['netns', 'exec', namespace, process.execPath, FIXTURE, topic, JSON.stringify(options)])
    if (this.#process.stdout === null) throw new Error('the process has no output')
    createInterface(this.#process.stdout).on('line', (line) => this.lines.push(JSON.parse(line)))
    this.#process.stderr?.on('data', (data) => {
      this.#errors += data
    })
    this.#ended = new Promise((resolve) => this.#process.once('exit', resolve))
  }

  get key(): string | undefined {
    return this.of('ready')[0]?.key
  }

  get errors(): string {
    return this.#errors
  }

  of(event: PeerLine['event']): PeerLine[] {
    return this.lines.filter((line) => line.event === event)
  }

  /** Destroys the swarm. Resolves to the exit code, which is 0 if the process ended on its own. */
  async end(): Promise<number | null> {
    this.#process.stdin?.write('end\n')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 60_000)
    const code = await this.#ended
    clearTimeout(timer)
    return code
  }
}

/** Hosts 10.78.0.1 and up on one bridge. */
export class LanLab {
  readonly #prefix = `lan${process.pid}_`
  readonly #namespaces: string[] = []

  /** Null if the lab can be made here, otherwise the reason why not. */
  static obstacle(): string | null {
    if (process.platform !== 'linux') return 'network namespaces need Linux'
    if (process.getuid?.() !== 0) return 'making network namespaces needs root'
    const lab = new LanLab(0)
    try {
      lab.build(1)
      return null
    } catch (error) {
      return `network namespaces cannot be made: ${error instanceof Error ? error.message.split('\n')[0] : error}`
    } finally {
      lab.destroy()
    }
  }

  constructor(hosts: number) {
    if (hosts > 0) this.build(hosts)
  }

  build(hosts: number): void {
    const hub = this.#add('hub')
    run(`ip -n ${hub} link add br0 type bridge`)
    run(`ip -n ${hub} link set br0 up`)
    for (let host = 1; host <= hosts; host++) {
      const namespace = this.#add(String(host))
      run(`ip -n ${hub} link add v${host} type veth peer name eth0 netns ${namespace}`)
      run(`ip -n ${hub} link set v${host} master br0 up`)
      run(`ip -n ${namespace} addr add 10.78.0.${host}/24 dev eth0`)
      run(`ip -n ${namespace} link set lo up`)
      run(`ip -n ${namespace} link set eth0 up`)
    }
  }

  /** Unplugs the host's cable, or plugs it in again. */
  plug(host: number, isIn: boolean): void {
    const namespace = `${this.#prefix}${host}`
    if (!isIn) run(`ip -n ${namespace} addr flush dev eth0`)
    run(`ip -n ${namespace} link set eth0 ${isIn ? 'up' : 'down'}`)
    if (isIn) run(`ip -n ${namespace} addr add 10.78.0.${host}/24 dev eth0`)
  }

  peer(host: number, topic: string, options: object): LabPeer {
    return new LabPeer(`${this.#prefix}${host}`, topic, options)
  }

  destroy(): void {
    for (const namespace of this.#namespaces.splice(0)) run(`ip netns del ${namespace}`)
  }

  #add(name: string): string {
    const namespace = `${this.#prefix}${name}`
    run(`ip netns add ${namespace}`)
    this.#namespaces.push(namespace)
    return namespace
  }
}

function run(command: string): void {
  const [program = '', ...args] = command.split(' ')
  execFileSync(program, args, { stdio: 'pipe' })
}
