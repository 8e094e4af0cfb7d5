import type { DhtNode } from '@swarmway/swarm'
import { topicFrom } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { Argument, Command, Option } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { jsonLine } from '../shared/command/json.js'
import { CliError, usageError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { discoveryKey, parseKey } from '../shared/names/keys.js'
import { meetingOf } from '../shared/names/secret-name.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { sayIfLate } from '../shared/network/waiting.js'
import { Status } from '../shared/terminal/status.js'

/** What the text can be. */
const KINDS = ['topic', 'pipe', 'chat', 'share'] as const
type Kind = (typeof KINDS)[number]

/** The topic that a text denotes. Throws a usage error. */
async function topicOf(text: string, kind: Kind): Promise<Uint8Array> {
  if (kind === 'share') return discoveryKey(parseKey(text))
  if (kind !== 'topic') return (await meetingOf(text, kind)).topic
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(b4a.from(text, 'hex'))
  if (text === '') throw usageError('The topic is empty.', 'Give a name, or the 64 hex digits of a topic.')
  return topicFrom(text)
}

const ABOUT = `
Prints one line per peer: its public key in hex, and the DHT nodes that can reach it. A crashed peer stays announced for
up to 20 minutes. A peer that looks for others without announcing itself is not shown.

Exit codes: 0 at least one peer was found; 3 network unreachable; 4 refused by the proxy server; 5 no peer was found.`

interface LookupOptions extends NetworkOptions {
  as: Kind
  json?: boolean
}

/** `swarmway lookup`. */
export function lookupCommand(): Command {
  const command = new Command('lookup')
    .description('show who is on a topic')
    .addArgument(new Argument('<topic>', 'a name, or the 64 hex digits of a topic'))
    .addOption(new Option('-a, --as <kind>', 'what the name or key belongs to').choices(KINDS).default('topic'))
    .option('--json', 'print one JSON object')
    .action(lookup)
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway lookup my-app', 'peers that joined topicFrom("my-app")'],
    ['swarmway lookup <key> --as share', 'peers that share a folder'],
    ['swarmway lookup <name> --as chat --json | jq', 'peers in a chat room']
  ])
  return command
}

async function lookup(text: string, options: LookupOptions): Promise<void> {
  const topic = await topicOf(text, options.as)
  const status = new Status(process.stderr)
  const peers = await onNetwork(options, {}, status, ({ swarm }, signal) =>
    sayIfLate(findPeers(swarm.dht, topic), 'Still asking the DHT.', status, signal)
  )
  process.stdout.write(options.json === true ? jsonText(topic, peers) : peers.map(peerLine).join(''))
  if (peers.length > 0) return
  throw new CliError('No peer is announced on this topic.', {
    hint:
      options.as === 'topic'
        ? 'If it is the name of a pipe or a chat, or the key of a share, add --as.'
        : 'Try again in a few seconds.',
    exitCode: EXIT.notFound,
    isInJson: true
  })
}

function peerLine({ publicKey, relayAddresses }: AnnouncedPeer): string {
  return `${[publicKey, ...relayAddresses].join(' ')}\n`
}

function jsonText(topic: Uint8Array, peers: readonly AnnouncedPeer[]): string {
  return jsonLine({ topic: b4a.toString(topic, 'hex'), peers })
}

/** A peer that is announced on a topic. */
interface AnnouncedPeer {
  /** In hex. */
  readonly publicKey: string
  /** DHT nodes that can reach it, as `host:port`. */
  readonly relayAddresses: readonly string[]
}

/** Every peer announced on the topic, once each. */
async function findPeers(dht: DhtNode, topic: Uint8Array): Promise<AnnouncedPeer[]> {
  const found = new Map<string, AnnouncedPeer>()
  for await (const { peers } of dht.lookup(topic)) {
    for (const peer of peers) {
      const publicKey = b4a.toString(peer.publicKey, 'hex')
      const relayAddresses = peer.relayAddresses.map(({ host, port }) => `${host}:${port}`)
      found.set(publicKey, { publicKey, relayAddresses })
    }
  }
  return [...found.values()]
}
