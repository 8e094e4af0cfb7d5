import { isBootstrapNode } from '@swarmway/swarm/hyperdht'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** How a peer command reaches other peers, as commander gives it. */
export interface NetworkOptions {
  /** URLs of proxy servers, tried in turn. Without any the command is a native peer. */
  proxy?: string[] | undefined
  /** What the proxy server's `authenticate` gets. */
  token?: string | undefined
  /** Bootstrap nodes of a private DHT, `host:port`. */
  bootstrap?: string[] | undefined
  /** The local address to bind. */
  host?: string | undefined
}

/** Adds the options of the network to a command. */
export function addNetworkOptions(command: Command): Command {
  const proxy = new Option('-p, --proxy <url>', 'go through this proxy server; repeat it to have others tried in turn')
  const token = new Option(
    '--token <text>',
    'show this token to the proxy server; in the environment other users here do not see it'
  )
  const bootstrap = new Option('--bootstrap <host:port>', 'use a private DHT; repeat it for each node known')
  return command
    .addOption(proxy.argParser(collect(proxyUrl)).env('SWARMWAY_PROXY'))
    .addOption(token.env('SWARMWAY_TOKEN'))
    .addOption(bootstrap.argParser(collect(hostAndPort)).env('SWARMWAY_BOOTSTRAP'))
    .option('--host <address>', 'bind to this local address (default: all)')
}

/** Repeated options add up; several in one text, as in an environment variable, are separated by commas. */
function collect(check: (text: string) => string): (text: string, earlier?: string[]) => string[] {
  return (text, earlier = []) => [...earlier, ...text.split(',').map((part) => check(part.trim()))]
}

function proxyUrl(text: string): string {
  if (/^wss?:\/\/./.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('A proxy server is named by a URL such as wss://proxy.example.')
}

function hostAndPort(text: string): string {
  if (isBootstrapNode(text)) return text
  throw new InvalidArgumentError('A bootstrap node is named by its host and port, such as 192.0.2.7:49737.')
}
