import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type CoreOptions, Membership, type SwarmCore } from '@swarmway/swarm/core'
import { Command } from 'commander'
import { ownKeyPair } from '../keys/identity.js'
import { Channel } from '../shared/channel/channel.js'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { aborted, untilInterrupted } from '../shared/command/interrupt.js'
import { jsonLine } from '../shared/command/json.js'
import { CliError, usageError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { keyEncoding, parseKey } from '../shared/names/keys.js'
import { givenName, meetingOf } from '../shared/names/secret-name.js'
import { keepLooking } from '../shared/network/keep-looking.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { seenText } from '../shared/terminal/invisible.js'
import { Status } from '../shared/terminal/status.js'
import { Entrance } from './entrance.js'
import { claimService } from './sole-connect.js'
import { parseListenPort, portProblem } from './target.js'

const ABOUT = `
Brings the service of "swarmway serve" to a port of this machine, for the programs of this machine. Take the name or the
key that the other side shows.

With a key, the other side knows you by yours: "swarmway key" shows it. If you have an invitation, give it with
--invitation, or in SWARMWAY_INVITATION.

Programs that connect while the other side is away wait for it. Connections that are open when it leaves are reset.

Exit codes: 0 stopped by Ctrl-C; 2 wrong usage; 3 network unreachable; 4 refused; 6 the port cannot be used, or
another "swarmway connect" of this user uses the service.`

/** A full 52 letters of z-base-32, or 64 hex digits. */
const KEY = /^(?:[ybndrfg8ejkmcpqxot1uwisza345h769]{52}|[0-9a-f]{64})$/i

const WHICH =
  'Give the name or the key that "swarmway serve" shows on the other side: swarmway connect <name or key> 8000'

interface ConnectOptions extends NetworkOptions {
  invitation?: string
  json?: boolean
  quiet?: boolean
}

/** How to find the other side. */
interface Way {
  readonly swarmOptions: CoreOptions
  enter(swarm: SwarmCore): void
  /** Throws a `CliError` if another process goes this way. Returns what lets others go. */
  claim(): Promise<() => void>
}

/** `swarmway connect`. */
export function connectCommand(): Command {
  const command = new Command('connect')
    .description('bring the port of "swarmway serve" to this machine')
    .argument('[name-or-key]', 'what the other side shows (default: SWARMWAY_NAME)')
    .argument('[port]', 'the port here (default: any free one, which is shown)')
    .option('-i, --invitation <text>', 'the invitation to the group that the other side serves')
    .option('--json', 'print one JSON object when it is ready')
    .option('-q, --quiet', 'print only the address, no status lines on standard error')
    .action((typed: string | undefined, port: string | undefined, options: ConnectOptions) =>
      untilInterrupted(connect(typed, port, options))
    )
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway connect <name> 8000', 'then open http://127.0.0.1:8000'],
    ['swarmway connect <key> 2222', 'then ssh -p 2222 127.0.0.1'],
    ['swarmway connect <key> 2222 --proxy wss://proxy.example', 'from a network without UDP']
  ])
  return command
}

async function connect(typed: string | undefined, port: string | undefined, options: ConnectOptions): Promise<void> {
  const address = seenText(givenName(typed) ?? '')
  if (address === '') throw usageError('A name or a key is missing.', WHICH)
  const status = new Status(process.stderr, options.quiet === true || options.json === true)
  const way = KEY.test(address) ? toKey(address, options) : await byName(address, options)
  const server = await listen(parseListenPort(port ?? '0'))
  let release: () => void = () => {}
  try {
    release = await way.claim()
    await onNetwork(options, way.swarmOptions, status, ({ swarm }, signal) => {
      const entrance = new Entrance(server, status)
      swarm.on('connection', (connection) => entrance.onPeer(new Channel(connection, IGNORE)))
      swarm.on('dial-error', (error) => entrance.onFailed(error))
      way.enter(swarm)
      show(server, options, status)
      status.say('Waiting for the other side.')
      return aborted(signal).finally(() => {
        // First: a command that is started again must not wait for the rest.
        release()
        entrance.close()
      })
    })
  } finally {
    release()
    server.close()
  }
}

const IGNORE = { onMessage: () => {}, onClose: () => {} }

function show(server: Server, { json }: ConnectOptions, status: Status): void {
  const { address: host, port } = server.address() as AddressInfo
  process.stdout.write(json ? jsonLine({ host, port }) : `${host}:${port}\n`)
  status.say('Ctrl-C stops it.')
}

/** Only programs of this machine can connect. */
async function listen(port: number): Promise<Server> {
  // A program that has sent everything may still want the answer. It is read once there is a peer.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    const hint = 'Take another port, above 1023, or leave it out for any free one.'
    throw new CliError(`Port ${port} cannot be used: ${portProblem(error)}.`, {
      hint,
      exitCode: EXIT.unusable,
      cause: error
    })
  }
}

async function byName(name: string, { invitation }: ConnectOptions): Promise<Way> {
  if (invitation !== undefined) throw usageError('An invitation goes with a key, not with a name.')
  const { group, topic } = await meetingOf(name, 'serve')
  return {
    swarmOptions: { group },
    enter: (swarm) => keepLooking(swarm, swarm.join(topic, { server: false, client: true })),
    // Each process has a key of its own.
    claim: async () => () => {}
  }
}

function toKey(address: string, { invitation = process.env['SWARMWAY_INVITATION'] }: ConnectOptions): Way {
  const key = parseKey(address)
  const keyPair = ownKeyPair()
  const firewall = (remote: Uint8Array) => !Buffer.from(remote).equals(key)
  const membership = invitation ? readInvitation(invitation, keyPair.publicKey) : undefined
  return {
    swarmOptions: membership === undefined ? { keyPair, firewall } : { keyPair, firewall, membership },
    enter: (swarm) => swarm.joinPeer(key),
    claim: () => claimService(keyPair.publicKey, key)
  }
}

function readInvitation(text: string, ownKey: Uint8Array): Membership {
  let membership: Membership
  try {
    membership = Membership.from(seenText(text))
  } catch {
    throw usageError('This is not an invitation.', 'Give the whole text that "swarmway invite" printed.')
  }
  if (!Buffer.from(membership.memberKey).equals(ownKey)) {
    throw usageError('This invitation is for another key.', `It must be for ours: ${keyEncoding.encode(ownKey)}`)
  }
  if (membership.isExpired()) throw usageError('This invitation has expired.', 'Ask for a new one.')
  return membership
}
