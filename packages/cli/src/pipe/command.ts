import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { withStopHint } from '../shared/command/interrupt.js'
import { generateName, givenName, meetingOf } from '../shared/names/secret-name.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { sayTokenNeeded, typedCommand } from '../shared/network/typed-command.js'
import { announcementOf, sayWhenAnnounced } from '../shared/network/waiting.js'
import { formatBytes } from '../shared/terminal/format.js'
import { Status } from '../shared/terminal/status.js'
import { PipeProgress } from './pipe-progress.js'
import { runPipe } from './run-pipe.js'
import { inputSize, openInput, openOutput } from './stdio.js'

const ABOUT = `
Connects the two sides that give the same name: the input of each becomes the output of the other, unchanged. It ends
when both inputs have ended and everything has been written. A third side is turned away.

The name is the secret: anyone who knows it can connect. Without one, a random name is generated and shown. If you
choose one yourself, make it just as hard to guess: the DHT and proxy servers see a fingerprint of it, and can find a
word, a date or a pet's name by trying likely ones. They cannot read the data. Other users of this machine can see your
command line, but not the variable SWARMWAY_NAME.

Exit codes: 0 everything was transferred; 3 network unreachable; 4 turned away, or refused by the proxy server;
7 connection lost; 130 stopped by Ctrl-C.`

/** `swarmway pipe`. */
export function pipeCommand(): Command {
  const command = new Command('pipe')
    .description('connect standard input and output to the peer that gives the same name')
    .argument('[name]', 'the secret shared by both sides (default: SWARMWAY_NAME, or a new one, which is shown)')
    .option('-q, --quiet', 'no status lines on standard error')
    .action(pipe)
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway pipe < photo.jpg', 'send; shows the name to use on the other side'],
    ['swarmway pipe <name> > photo.jpg', 'receive'],
    ['tar c docs | swarmway pipe <name>', 'pipe anything'],
    ['swarmway pipe --proxy wss://proxy.example <name>', 'from a network without UDP']
  ])
  return command
}

async function pipe(typed: string | undefined, options: NetworkOptions & { quiet?: boolean }): Promise<void> {
  const given = givenName(typed)
  const status = new Status(process.stderr, options.quiet)
  const name = given ?? generateName()
  const { group, topic } = await meetingOf(name, 'pipe')
  if (given === undefined) {
    status.tell(`On the other side: ${typedCommand(['pipe', name], options)}${redirection(name)}`)
    sayTokenNeeded(options, status)
  }
  const input = openInput()
  const progress = new PipeProgress(status, options.quiet !== true)
  let isConnected = false
  try {
    const running = onNetwork(options, { group }, status, async (network, signal) => {
      signal.addEventListener('abort', () => progress.end(), { once: true })
      status.say('Waiting for the other side.')
      const ends = {
        input,
        output: openOutput(),
        inputBytes: inputSize(),
        isTyped: input === process.stdin && process.stdin.isTTY
      }
      const onPaired = () => {
        isConnected = true
        progress.observer.onPaired()
      }
      const carried = runPipe(network.swarm, topic, { ...ends, ...progress.observer, onPaired })
      sayWhenAnnounced(network, () => announcementOf(network.swarm, topic), status)
      const totals = await carried
      progress.end()
      status.say(`Done: ${formatBytes(totals.sentBytes)} sent, ${formatBytes(totals.receivedBytes)} received.`)
    })
    await withStopHint(running, () => (isConnected ? INCOMPLETE : undefined))
  } finally {
    progress.end()
    // An input that never ends, such as a terminal, would keep the process alive.
    input.destroy()
  }
}

const INCOMPLETE = 'Not everything was transferred: to start over, run the command again on both sides.'

/** What the other side types after the command, so that a file does not end up on its terminal. */
function redirection(name: string, { stdin, stdout } = process): string {
  if (!stdin.isTTY) return ` > received-${name.slice(0, 4)}`
  return stdout.isTTY ? '' : ' < file'
}
