import { createKeyPair } from '@swarmway/swarm/core'
import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { aborted, untilInterrupted } from '../shared/command/interrupt.js'
import { CliError, usageError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { namesText } from '../shared/files/file-texts.js'
import type { Meeting } from '../shared/names/meeting.js'
import { generateName, givenName, meetingOf } from '../shared/names/secret-name.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { sayTokenNeeded, typedCommand } from '../shared/network/typed-command.js'
import { announcementOf, sayWhenAnnounced } from '../shared/network/waiting.js'
import { canRedraw } from '../shared/terminal/abilities.js'
import { Status } from '../shared/terminal/status.js'
import { InteractiveChat } from './interactive.js'
import { plainRoom, sayLines } from './plain.js'
import { defaultNick, type Room } from './room.js'
import { cleanNick } from './wire.js'

const ABOUT = `
Everyone who gives the same name joins the same room. No server stores the messages. On a terminal, use /who, /nick and
/quit; Ctrl-C leaves as well. In a pipe, each input line is sent once somebody has joined, and the end of the input
leaves the room; messages are printed as "nick: text", and joins and leaves are reported on standard error.

The name is the secret: anyone who knows it can join. Without one, a random name is generated and shown. If you choose
one yourself, make it just as hard to guess: the DHT and proxy servers see a fingerprint of it, and can find a word, a
date or a pet's name by trying likely ones. Other users of this machine can see your command line, but not the variable
SWARMWAY_NAME.

Exit codes: 0 you left the room; 3 network unreachable; 4 refused by the proxy server; 7 not everything that you said
reached those who were there.`

interface ChatOptions extends NetworkOptions {
  nick?: string
  listen?: boolean
  quiet?: boolean
}

/** `swarmway chat`. */
export function chatCommand(): Command {
  const command = new Command('chat')
    .description('chat, line by line, with everyone who gives the same name')
    .argument('[name]', 'the secret you share (default: SWARMWAY_NAME, or a new one, which is shown)')
    .option('-n, --nick <nick>', 'the name others see (default: guest- and four letters of your key)')
    .option('-l, --listen', 'in a pipe: only listen; do not read the input')
    .option('-q, --quiet', 'in a pipe: do not report who joins or leaves')
    .action(chat)
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway chat --nick anna', 'open a room; shows the name for the others'],
    ['swarmway chat <name> --nick ben', 'join it'],
    ['echo "backup is done" | swarmway chat <name>', 'send a line and leave'],
    ['swarmway chat <name> --listen >> log.txt', 'log what others say']
  ])
  return command
}

async function chat(typed: string | undefined, options: ChatOptions): Promise<void> {
  const given = givenName(typed)
  const nick = options.nick === undefined ? undefined : cleanNick(options.nick)
  if (nick === '') throw usageError('The nick is empty.', 'Leave out --nick to join as a guest.')
  const name = given ?? generateName()
  const meeting = await meetingOf(name, 'chat')
  if (given === undefined) tellName(name, options)
  const { stdin, stdout } = process
  const isInteractive = stdin.isTTY && canRedraw(stdout) && options.listen !== true
  await (isInteractive ? chatAtTerminal(meeting, nick, options) : chatInPipe(meeting, nick, options))
}

function tellName(name: string, options: ChatOptions): void {
  const status = new Status(process.stderr)
  status.tell(`For the others: ${typedCommand(['chat', name], options)}`)
  sayTokenNeeded(options, status)
}

/** The key is generated here because the default nick, which is derived from it, is shown before there is a network. */
async function chatAtTerminal({ group, topic }: Meeting, given: string | undefined, options: ChatOptions) {
  const keyPair = createKeyPair()
  // On a terminal in raw mode, Ctrl-C arrives as a key, not as a signal.
  const leave = () => process.emit('SIGINT', 'SIGINT')
  const chat = new InteractiveChat(given ?? defaultNick(keyPair.publicKey), process, leave)
  const status = new Status({ write: (text) => chat.tell(text.trimEnd()) })
  const running = onNetwork(options, { group, keyPair }, status, (network, signal) => {
    chat.enter(network.swarm, topic)
    sayWhenAnnounced(network, () => announcementOf(network.swarm, topic), status)
    return aborted(signal)
  })
  await untilInterrupted(running).finally(() => chat.close())
  assertHeard(chat.room)
}

async function chatInPipe({ group, topic }: Meeting, given: string | undefined, options: ChatOptions) {
  const { stderr, stdin, stdout } = process
  const keyPair = createKeyPair()
  const status = new Status(stderr, options.quiet)
  const room = plainRoom(given ?? defaultNick(keyPair.publicKey), { output: stdout, status })
  const running = onNetwork(options, { group, keyPair }, status, (network) => {
    room.enter(network.swarm, topic)
    status.say('Waiting for others.')
    sayWhenAnnounced(network, () => announcementOf(network.swarm, topic), status)
    return sayLines(room, options.listen === true ? null : stdin)
  })
  await untilInterrupted(running).finally(() => stdin.destroy())
  assertHeard(room)
}

function assertHeard({ missed }: Room): void {
  if (missed.length === 0) return
  throw new CliError(`Not everything that was said here reached ${namesText(missed)}.`, {
    hint: 'They left, or did not answer in time. What they missed is not sent again.',
    exitCode: EXIT.broken
  })
}
