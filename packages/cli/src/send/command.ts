import type { SwarmCore } from '@swarmway/swarm'
import { Command, Option } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { untilInterrupted, withStopHint } from '../shared/command/interrupt.js'
import { jsonLine } from '../shared/command/json.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { sayTokenNeeded, typedCommand } from '../shared/network/typed-command.js'
import type { Network } from '../shared/network/types.js'
import { sayWhenAnnounced } from '../shared/network/waiting.js'
import { showsUnicode } from '../shared/terminal/abilities.js'
import { Status } from '../shared/terminal/status.js'
import { codeMeeting, generateCode } from './code.js'
import { linkTo, pageOf, pageUrl } from './link.js'
import { sizeOf } from './offer.js'
import { SendView } from './send-view.js'
import { Sender } from './sender.js'
import { readSource, type Source } from './source-files.js'

const ABOUT = `
Prints a code on standard output, and sends the files to the peer that gives it to "swarmway receive". The code is then used
up. With --keep, it sends to everyone who has the code, until Ctrl-C. Tell the code only to those who should have
the files, by phone or in a message. Each run makes a new one, which cannot be guessed while it is in use.

If the proxy server has a page that receives (swarmway proxy --site), a link to it is shown as well, for people who have
only a browser; --link names such a page, and the picture is of that link. The code is in the part of the link that
browsers send to nobody, but the server serves the page: give the link only if you trust the server with the files.

Nothing is copied: the files are read while they are sent. If the receiver leaves before it has everything, it can run
its command again, and only what is missing is sent. If you start again, the new code resumes as well.

Folders are sent without what "swarmway share --help" lists, such as .git, node_modules and keys, and without links. A
file that you name is always sent.

Exit codes: 0 sent, or with --keep stopped by Ctrl-C; 3 network unreachable; 4 refused by the proxy server; 6 a file
cannot be read; 7 a file was changed while it was sent; 130 stopped by Ctrl-C.`

interface SendOptions extends NetworkOptions {
  keep?: boolean
  ignore: boolean
  qr: boolean
  link?: string
  json?: boolean
  quiet?: boolean
}

/** `swarmway send`. */
export function sendCommand(): Command {
  const command = new Command('send')
    .description('send files or folders to anyone you give the code')
    .argument('<path...>', 'files and folders')
    .option('-k, --keep', 'send to everyone who has the code, until Ctrl-C')
    .option('--no-ignore', 'also send what is left out of folders: secrets, .git, node_modules')
    .option('--no-qr', 'do not show the code as a picture')
    .addOption(
      new Option(
        '--link <url>',
        'also show a link to this page, which receives in a browser (see "swarmway proxy --site")'
      )
        .argParser(pageUrl)
        .env('SWARMWAY_LINK')
    )
    .option('--json', 'print JSON: a line with the code, one with the link if there is a page, one at the end')
    .option('-q, --quiet', 'print only the code, no status lines on standard error')
    .action(send)
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway send photo.jpg', 'send a file; shows the code'],
    ['swarmway send photos notes.txt', 'send a folder and a file'],
    ['swarmway receive <code>', 'on the other side'],
    ['swarmway send --keep slides.pdf', 'to a whole class'],
    ['swarmway send photo.jpg --link https://proxy.example', 'to somebody who has only a browser']
  ])
  return command
}

async function send(paths: readonly string[], options: SendOptions): Promise<void> {
  const source = readSource(paths, options.ignore)
  const isQuiet = options.quiet === true || options.json === true
  const status = new Status(process.stderr, isQuiet)
  const view = new SendView(status, isQuiet)
  view.source(source)
  const work = run(source, view, status, options)
  await (options.keep ? untilInterrupted(work) : withStopHint(work, () => AGAIN)).finally(() => view.endProgress())
  const { changed, receivers } = view
  const count = {
    receivers,
    files: source.files.length - changed.length,
    bytes: sizeOf(source.files) - sizeOf(changed)
  }
  const names = changed.map(({ key }) => key.slice(1))
  if (options.json) print({ event: 'end', ...count, changed: names })
  if (changed.length === 0) return
  const hint = 'Send those listed above again.'
  throw new CliError('Not all files were sent.', { hint, exitCode: EXIT.broken, isInJson: true })
}

const AGAIN =
  'The code no longer works. To continue, send again: with the new code, a receiver resumes where it stopped.'

async function run(source: Source, view: SendView, status: Status, options: SendOptions): Promise<void> {
  const code = generateCode()
  const { group, topic } = await codeMeeting(code)
  await onNetwork(options, { group }, status, async (network, signal) => {
    signal.addEventListener('abort', () => view.endProgress(), { once: true })
    const sender = new Sender(source.files, options.keep === true, view)
    const announced = announce(network.swarm, topic, sender)
    if (options.json) print({ event: 'code', code })
    else process.stdout.write(`${code}\n`)
    status.say(`On the other side: ${typedCommand(['receive', code], options)}`)
    sayTokenNeeded(options, status)
    if (options.qr && showsUnicode(process.stderr)) {
      view.picture(options.link === undefined ? code : linkTo(options.link, code), process.stderr.columns || 80)
    }
    sayWhenAnnounced(network, announced, status)
    const finished = new AbortController()
    void showLink(network, code, options, AbortSignal.any([signal, finished.signal]), status)
    await sender.done.finally(() => finished.abort())
  })
}

/** Returns what asks whether it is in the DHT. Receivers do not announce themselves, so they do not meet each other. */
function announce(swarm: SwarmCore, topic: Uint8Array, sender: Sender): () => Promise<boolean> {
  swarm.on('connection', (connection) => sender.add(connection))
  const session = swarm.join(topic, { server: true, client: false })
  return () => session.flushed()
}

/** The server may take a moment to say whether it has a page. Nothing is shown once `signal` fires. */
async function showLink(
  network: Network,
  code: string,
  { json, link: given }: SendOptions,
  signal: AbortSignal,
  status: Status
): Promise<void> {
  const server = network.serverUrl()
  const page = given ?? (server && (await pageOf(server, signal)))
  if (page === null || signal.aborted) return
  const link = linkTo(page, code)
  if (json) print({ event: 'link', link })
  status.say(`Or in a browser: ${link} (that server must be trusted: it serves the page)`)
}

function print(value: object): void {
  process.stdout.write(jsonLine(value))
}
