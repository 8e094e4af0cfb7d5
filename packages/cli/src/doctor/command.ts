import { Command } from 'commander'
import { addExamples } from '../shared/examples.js'
import { interruptible, unlessAborted } from '../shared/interrupt.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { Status } from '../shared/status.js'
import { colorsFor } from '../shared/terminal.js'
import { checkDht } from './check-dht.js'
import { checkProxy } from './check-proxy.js'
import { conclude } from './conclude.js'
import { type Finding, findingsJson, findingText } from './finding.js'

const ABOUT = `
Looks whether the DHT answers over UDP, what kind of NAT is in between, and, for each --proxy, whether it lets us in,
has a DHT, and how fast two clients of it get through to each other (4 MB are sent).

Exit codes: 0 peers can be reached, directly or through a proxy server that was given; 3 no way was found, or a proxy
server that was given does not answer; 4 it refuses us; 7 it carries nothing.`

interface DoctorOptions extends NetworkOptions {
  json?: boolean
}

/** `swarmway doctor`. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('see what this network allows: the DHT, the NAT, proxy servers')
    .option('--json', 'print one JSON object')
    .action((options: DoctorOptions) => interruptible(({ signal }) => doctor(options, signal)))
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway doctor', 'the DHT and the NAT'],
    ['swarmway doctor --proxy wss://proxy.example', 'and a proxy server'],
    ['swarmway doctor --json | jq .healthy', 'for programs']
  ])
  return command
}

async function doctor(options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const { json = false, proxy = [], token } = options
  const status = new Status(process.stderr, json || !process.stderr.isTTY)
  const show = (found: readonly Finding[]) => {
    const colors = colorsFor(process.stdout)
    if (!json) process.stdout.write(found.map((finding) => findingText(finding, colors)).join(''))
    return found
  }
  status.say('Asking the DHT; this takes up to 15 seconds.')
  const findings = [...show(await unlessAborted(checkDht(options, signal), signal))]
  for (const url of proxy) findings.push(...show(await unlessAborted(checkProxy(url, token, signal), signal)))
  if (json) process.stdout.write(findingsJson(findings))
  conclude(findings)
}
