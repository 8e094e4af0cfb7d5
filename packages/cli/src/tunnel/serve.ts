import { connect } from 'node:net'
import type { CoreOptions, KeyPair, SwarmCore } from '@swarmway/swarm'
import { Command } from 'commander'
import { type OwnGroup, ownGroup, ownKeyPair } from '../keys/identity.js'
import { RevocationWatch } from '../keys/revocation-watch.js'
import { Channel } from '../shared/channel/channel.js'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { aborted, untilInterrupted } from '../shared/command/interrupt.js'
import { jsonLine } from '../shared/command/json.js'
import { usageError } from '../shared/errors/cli-error.js'
import { keyEncoding, parseKey } from '../shared/names/keys.js'
import { generateName, givenName, meetingOf } from '../shared/names/secret-name.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { sayTokenNeeded, typedCommand } from '../shared/network/typed-command.js'
import { sayWhenAnnounced } from '../shared/network/waiting.js'
import { Status } from '../shared/terminal/status.js'
import { askingKeyPair, assertKeyUnused, isAsking } from './key-in-use.js'
import { type HostAndPort, parseTarget, portProblem } from './target.js'
import { Tunnels } from './tunnels.js'

const ABOUT = `
Makes a TCP service of this machine, such as SSH or a web server, reachable for people of your choice, and for no others:

- With a name, for everyone who gives the same name. The name is the secret; without one, a random name is shown.
- With --allow, for the holders of these keys. "swarmway key" shows everyone their own. Tell them yours.
- With --group, for those whom you have invited to it with "swarmway invite". "swarmway revoke" takes that back, and
  closes their connections.

With --allow and --group, this machine keeps its key, so the command for the others stays the same, and only one port can be
served at a time. Anyone who may connect can send anything to the service, so it must still protect itself as it would from
users of this machine.

Exit codes: 0 stopped by Ctrl-C; 2 wrong usage; 3 network unreachable; 4 refused by the proxy server; 6 another
"swarmway serve" uses the key.`

interface ServeOptions extends NetworkOptions {
  allow?: string[]
  group?: string
  json?: boolean
  quiet?: boolean
}

/** Those that may connect, and how they find us. */
interface Access {
  readonly swarmOptions: CoreOptions
  /** What the others give to `connect`. */
  readonly address: string
  /** What they add to it. */
  readonly extra: readonly string[]
  /** The group whose members may connect, if it is a group. */
  readonly ownGroup?: OwnGroup
  /** Our own key pair, if the others find us by it. */
  readonly keyPair?: KeyPair
  /** Returns what asks whether it is announced. */
  enter(swarm: SwarmCore): () => Promise<unknown>
}

/** `swarmway serve`. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('make a TCP port of this machine reachable for people of your choice')
    .argument('<port>', 'the port of the service; or host:port, of another machine')
    .argument('[name]', 'the secret shared with the others (default: SWARMWAY_NAME, or a new one, which is shown)')
    .option(
      '-a, --allow <key>',
      'only the holder of this key; repeat it for more',
      (key: string, earlier: string[] = []) => [...earlier, key]
    )
    .option('-g, --group <group>', 'only members of this group of yours; it is made if it does not exist')
    .option('--json', 'print one JSON object when it is ready')
    .option('-q, --quiet', 'no status lines on standard error')
    .action((target: string, name: string | undefined, options: ServeOptions) =>
      untilInterrupted(serve(parseTarget(target), name, options))
    )
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway serve 8000', 'a web server of this machine; shows the name'],
    ['swarmway connect <name> 8000', 'on the other side; then open http://127.0.0.1:8000'],
    ['swarmway serve 22 --allow <key>', 'SSH, for one person'],
    ['swarmway serve 22 --group friends', 'SSH, for those with an invitation']
  ])
  return command
}

async function serve(target: HostAndPort, typed: string | undefined, options: ServeOptions): Promise<void> {
  const { allow = [], group } = options
  if (typed !== undefined && (allow.length > 0 || group !== undefined)) {
    throw usageError('A name lets in everyone who knows it.', 'Leave out the name, or --allow and --group.')
  }
  if (allow.length > 0 && group !== undefined) throw usageError('Give --allow or --group, not both.')
  const status = new Status(process.stderr, options.quiet === true || options.json === true)
  const access = await accessOf(typed, allow, group)
  await onNetwork(options, access.swarmOptions, status, async (network, signal) => {
    const { swarm } = network
    if (access.keyPair !== undefined) await assertKeyUnused(access.keyPair, options, signal)
    if (signal.aborted) return
    const watch = access.ownGroup && new RevocationWatch(access.ownGroup, swarm, status)
    swarm.on('connection', (connection) => {
      // It leaves once it knows; closed here at once, it might not see that we answered.
      if (isAsking(connection.remotePublicKey, access.keyPair)) connection.on('error', () => {}).resume()
      else accept(new Channel(connection, IGNORE), target, status)
    })
    const announced = access.enter(swarm)
    const line = typedCommand(['connect', access.address, ...access.extra], options)
    if (options.json) process.stdout.write(jsonLine({ address: access.address, target }))
    else process.stdout.write(`${access.address}\n`)
    status.say(`Serving ${target.host}:${target.port}. On the other side: ${line}`)
    sayTokenNeeded(options, status)
    status.say('Ctrl-C stops it.')
    sayWhenAnnounced(network, announced, status)
    const failed = new Promise<never>((_resolve, reject) => announced().catch(reject))
    return Promise.race([aborted(signal), failed]).finally(() => watch?.close())
  })
}

async function accessOf(typed: string | undefined, allow: readonly string[], group?: string): Promise<Access> {
  if (group !== undefined) return byGroup(group)
  return allow.length > 0 ? byKeys(allow.map(readKey)) : await byName(givenName(typed))
}

const IGNORE = { onMessage: () => {}, onClose: () => {} }

function accept(channel: Channel, target: HostAndPort, status: Status): void {
  const who = keyEncoding.encode(channel.remotePublicKey).slice(0, 8)
  status.say(`Connected: ${who}`)
  new Tunnels(
    channel,
    () => {
      const socket = connect({ ...target, allowHalfOpen: true })
      socket.once('error', (error) =>
        status.say(`${target.host}:${target.port} cannot be reached: ${portProblem(error)}.`)
      )
      return socket
    },
    () => status.say(`Left: ${who}`)
  )
}

async function byName(given: string | undefined): Promise<Access> {
  const address = given ?? generateName()
  const { group, topic } = await meetingOf(address, 'serve')
  return {
    address,
    extra: [],
    swarmOptions: { group },
    enter(swarm) {
      const session = swarm.join(topic, { server: true, client: false })
      return () => session.flushed()
    }
  }
}

function byKeys(allowed: readonly Uint8Array[]): Access {
  const keyPair = ownKeyPair()
  const asking = askingKeyPair(keyPair).publicKey
  const keys = new Set([...allowed, asking].map((key) => Buffer.from(key).toString('hex')))
  const firewall = (key: Uint8Array) => !keys.has(Buffer.from(key).toString('hex'))
  return { ...byOwnKey(keyPair), swarmOptions: { keyPair, firewall } }
}

function byGroup(name: string): Access {
  const keyPair = ownKeyPair()
  const group = ownGroup(name)
  const extra = ['--invitation', '<invitation>']
  return { ...byOwnKey(keyPair), extra, ownGroup: group, swarmOptions: { keyPair, group: group.group } }
}

/** The others find us by our key. */
function byOwnKey(keyPair: KeyPair): Pick<Access, 'address' | 'enter' | 'extra' | 'keyPair'> {
  return {
    address: keyEncoding.encode(keyPair.publicKey),
    extra: [],
    keyPair,
    enter(swarm) {
      const listening = swarm.listen()
      return () => listening
    }
  }
}

function readKey(text: string): Uint8Array {
  return parseKey(text, 'A key is the 52 letters (or 64 hex digits) that "swarmway key" prints.')
}
