import { Command } from 'commander'
import { addExamples } from '../shared/examples.js'
import { formatBytes } from '../shared/format.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { onNetwork } from '../shared/network-run.js'
import { generateName, givenName, meetingOf } from '../shared/secret-name.js'
import { Status } from '../shared/status.js'
import { runPipe } from './run-pipe.js'
import { openInput, openOutput } from './stdio.js'

const ABOUT = `
The two sides that give the same name are connected: what goes into one comes out of the other, both ways, as it is.
It is over when both inputs have ended and all has been written out. A third who comes is turned away.

The name is the secret: whoever knows it can take a place. Without one, a name that nobody can guess is made and shown.
Choose one yourself only if it is as hard to guess: the DHT and proxy servers see a fingerprint of it, and a word, a
date or a pet can be found by trying what fits. What is sent they cannot read. Other users of this machine see what is
typed; a name in SWARMWAY_NAME they do not see.

Exit codes: 0 all carried over; 3 network unreachable; 4 turned away, or refused by the proxy server;
7 broke off; 130 interrupted.`

/** `swarmway pipe`. */
export function pipeCommand(): Command {
  const command = new Command('pipe')
    .description('connect standard input and output to whoever gives the same name')
    .argument('[name]', 'the secret that both sides know (default: SWARMWAY_NAME, or a new one, which is shown)')
    .option('-q, --quiet', 'no status lines on standard error')
    .action(pipe)
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway pipe < photo.jpg', 'send; shows the name to use on the other side'],
    ['swarmway pipe <name> > photo.jpg', 'receive'],
    ['tar c docs | swarmway pipe <name>', 'anything that can be piped'],
    ['swarmway pipe --proxy wss://proxy.example <name>', 'from where there is no UDP']
  ])
  return command
}

async function pipe(typed: string | undefined, options: NetworkOptions & { quiet?: boolean }): Promise<void> {
  const given = givenName(typed)
  const status = new Status(process.stderr, options.quiet)
  const name = given ?? generateName()
  const { group, topic } = await meetingOf(name, 'pipe')
  if (given === undefined) status.tell(`On the other side: swarmway pipe ${name}`)
  const input = openInput()
  try {
    await onNetwork(options, { group }, status, async ({ swarm }) => {
      status.say('Waiting for the other side.')
      const onPaired = () => status.say('Connected.')
      const totals = await runPipe(swarm, topic, { input, output: openOutput(), onPaired })
      status.say(`Done: ${formatBytes(totals.sentBytes)} sent, ${formatBytes(totals.receivedBytes)} received.`)
    })
  } finally {
    // An input that nobody ends, such as a terminal, would keep the process alive.
    input.destroy()
  }
}
