import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { interruptible, unlessAborted } from '../shared/command/interrupt.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { shownUrl } from '../shared/network/shown-url.js'
import { colorsFor } from '../shared/terminal/colors.js'
import { Status } from '../shared/terminal/status.js'
import { checkDht } from './check-dht.js'
import { checkProxy } from './check-proxy.js'
import { type Finding, findingsJson, findingText } from './finding.js'

const ABOUT = `
Checks whether the DHT answers over UDP and what kind of NAT this machine is behind. For each --proxy, it checks whether
the server accepts us and has a DHT, how fast it connects two clients to each other (by sending 4 MB), and whether
direct paths between tabs can work here. It also says which HTTP proxy was used, if HTTPS_PROXY (for wss://),
HTTP_PROXY (for ws://) or ALL_PROXY names one that NO_PROXY does not rule out.

Exit codes: 0 peers can be reached, directly or through a given proxy server; 3 neither way works, or a given proxy
server does not answer; 4 it refuses us; 7 it carries no data.`

interface DoctorOptions extends NetworkOptions {
  json?: boolean
}

/** `swarmway doctor`. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check what this network allows: the DHT, the NAT, proxy servers')
    .option('--json', 'print one JSON object')
    .action((options: DoctorOptions) => interruptible(({ signal }) => doctor(options, signal)))
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway doctor', 'check the DHT and the NAT'],
    ['swarmway doctor --proxy wss://proxy.example', 'check a proxy server too'],
    ['swarmway doctor --json | jq .healthy', 'for scripts']
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
  const isRandomized = findings.some(({ data }) => data?.['randomized'] === true)
  for (const url of proxy) {
    status.say(`Asking ${shownUrl(url)}; this takes up to a minute.`)
    findings.push(...show(await unlessAborted(checkProxy(url, token, isRandomized, signal), signal)))
  }
  if (json) process.stdout.write(findingsJson(findings))
  conclude(findings)
}

/** An unreachable DHT is not a failure if a proxy server makes up for it. Throws a `CliError` if anything failed. */
export function conclude(findings: readonly Finding[]): void {
  const failed = findings.filter(({ level }) => level === 'fail')
  const isProxied = findings.some(({ check, level }) => check === 'proxy' && level === 'ok')
  const serious = failed.filter(({ check }) => check === 'proxy' || !isProxied)
  const [first] = serious
  if (first === undefined) return
  throw new CliError(serious.length === 1 ? 'One check failed.' : `${serious.length} checks failed.`, {
    exitCode: first.exitCode ?? EXIT.unexpected,
    isInJson: true
  })
}
