import { createKeyPair } from '@swarmway/swarm'
import { Command } from 'commander'
import { usageError } from '../shared/cli-error.js'
import { addExamples } from '../shared/examples.js'
import { aborted, untilInterrupted } from '../shared/interrupt.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { onNetwork } from '../shared/network-run.js'
import { generateName, givenName, type Meeting, meetingOf } from '../shared/secret-name.js'
import { Status } from '../shared/status.js'
import { InteractiveChat } from './interactive.js'
import { runPlainChat } from './plain.js'
import { defaultNick } from './room.js'
import { cleanNick } from './wire.js'

const ABOUT = `
Everyone who gives the same name is in one room; there is no server that keeps what is said. /who, /nick and /quit work
on a terminal, where Ctrl-C leaves as well. In a pipe each line of the input is said once somebody is there, and the end
of the input leaves; what others say comes out as "nick: text", and who comes and goes is told on standard error.

The name is the secret: whoever knows it can join. Without one, a name that nobody can guess is made and shown. Choose
one yourself only if it is as hard to guess: the DHT and proxy servers see a fingerprint of it, and a word, a date or a
pet can be found by trying what fits. Other users of this machine see what is typed; a name in SWARMWAY_NAME they do
not see.

Exit codes: 0 left; 3 network unreachable; 4 refused by the proxy server.`

interface ChatOptions extends NetworkOptions {
  nick?: string
  listen?: boolean
  quiet?: boolean
}

/** `swarmway chat`. */
export function chatCommand(): Command {
  const command = new Command('chat')
    .description('talk, line by line, with everyone who gives the same name')
    .argument('[name]', 'the secret that all of you know (default: SWARMWAY_NAME, or a new one, which is shown)')
    .option('-n, --nick <nick>', 'what others see you as (default: guest-, and four letters of your key)')
    .option('-l, --listen', 'in a pipe: only listen, and do not read the input')
    .option('-q, --quiet', 'in a pipe: do not tell who comes and goes')
    .action(chat)
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway chat --nick anna', 'opens a room; shows the name for the others'],
    ['swarmway chat <name> --nick ben', 'joins it'],
    ['echo "backup is done" | swarmway chat <name>', 'says a line and leaves'],
    ['swarmway chat <name> --listen >> log.txt', 'keeps what is said']
  ])
  return command
}

async function chat(typed: string | undefined, options: ChatOptions): Promise<void> {
  const given = givenName(typed)
  const nick = options.nick === undefined ? undefined : cleanNick(options.nick)
  if (nick === '') throw usageError('The nick is empty.', 'Leave out --nick, and you are a guest.')
  const name = given ?? generateName()
  const meeting = await meetingOf(name, 'chat')
  if (given === undefined) process.stderr.write(`For the others: swarmway chat ${name}\n`)
  const { stdin, stdout } = process
  const isInteractive = stdin.isTTY && stdout.isTTY && options.listen !== true
  await untilInterrupted(isInteractive ? chatAtTerminal(meeting, nick, options) : chatInPipe(meeting, nick, options))
}

/** A key of our own is made here, as the nick that nobody gave is shown before there is a network. */
async function chatAtTerminal({ group, topic }: Meeting, given: string | undefined, options: ChatOptions) {
  const keyPair = createKeyPair()
  // On a terminal that is read key by key Ctrl-C is a key, and no signal.
  const leave = () => process.emit('SIGINT')
  const chat = new InteractiveChat(given ?? defaultNick(keyPair.publicKey), process, leave)
  const status = new Status({ write: (text) => chat.tell(text.trimEnd()) })
  try {
    await onNetwork(options, { group, keyPair }, status, ({ swarm }, signal) => {
      chat.enter(swarm, topic)
      return aborted(signal)
    })
  } finally {
    chat.close()
  }
}

async function chatInPipe({ group, topic }: Meeting, given: string | undefined, options: ChatOptions) {
  const { stderr, stdin, stdout } = process
  const status = new Status(stderr, options.quiet)
  try {
    await onNetwork(options, { group }, status, ({ swarm }) => {
      const nick = given ?? defaultNick(swarm.keyPair.publicKey)
      const input = options.listen === true ? null : stdin
      return runPlainChat(swarm, topic, { nick, input, output: stdout, status })
    })
  } finally {
    stdin.destroy()
  }
}
