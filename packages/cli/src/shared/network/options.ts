import { isBootstrapNode } from '@swarmway/swarm/hyperdht'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** Network options of a peer command, as commander returns them. */
export interface NetworkOptions {
  /** URLs of proxy servers, tried in turn. Without one, the command is a native peer. */
  proxy?: string[] | undefined
  /** Passed to the proxy server's `authenticate`. */
  token?: string | undefined
  /** Bootstrap nodes of a private DHT, `host:port`. */
  bootstrap?: string[] | undefined
  /** The local address to bind to. */
  host?: string | undefined
}

/** Adds the network options to a command. */
export function addNetworkOptions(command: Command): Command {
  const proxy = new Option('-p, --proxy <url>', 'connect through this proxy server; repeat it to add fallbacks')
  const token = new Option(
    '--token <text>',
    'access token for the proxy server; set the variable instead to hide it from other users of this machine'
  )
  const bootstrap = new Option('--bootstrap <host:port>', 'use a private DHT; repeat it for each known node')
  return command
    .addOption(proxy.argParser(collect(proxyUrl)).env('SWARMWAY_PROXY'))
    .addOption(token.env('SWARMWAY_TOKEN'))
    .addOption(bootstrap.argParser(collect(hostAndPort)).env('SWARMWAY_BOOTSTRAP'))
    .option('--host <address>', 'local address to bind to (default: all)')
}

/** Repeated options add up; commas separate several values in one text, as in an environment variable. */
function collect(check: (text: string) => string): (text: string, earlier?: string[]) => string[] {
  return (text, earlier = []) => [...earlier, ...text.split(',').map((part) => check(part.trim()))]
}

function proxyUrl(text: string): string {
  if (/^wss?:\/\/./.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('Give the URL of the proxy server, such as wss://proxy.example.')
}

function hostAndPort(text: string): string {
  if (isBootstrapNode(text)) return text
  throw new InvalidArgumentError('Give the host and port of the node, such as 192.0.2.7:49737.')
}
