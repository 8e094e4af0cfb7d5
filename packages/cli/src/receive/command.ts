import { resolve } from 'node:path'
import { Command } from 'commander'
import { codeMeeting } from '../send/code.js'
import { parseCode, WORD_COUNT } from '../send/code-words.js'
import { type OfferedFile, sizeOf } from '../send/offer.js'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { interruptible, unlessAborted, withStopHint } from '../shared/command/interrupt.js'
import { jsonLine } from '../shared/command/json.js'
import { folderPath, positiveNumber } from '../shared/command/option-values.js'
import { CliError, usageError } from '../shared/errors/cli-error.js'
import { EXIT, type ExitCode } from '../shared/errors/exit-codes.js'
import { realPath } from '../shared/files/real-path.js'
import { refusalJson } from '../shared/files/refusal.js'
import { assertTarget } from '../shared/files/stat-of.js'
import { keepLooking } from '../shared/network/keep-looking.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { PATIENCE_MS } from '../shared/network/waiting.js'
import { ask } from '../shared/terminal/ask.js'
import { Status } from '../shared/terminal/status.js'
import { Acceptance } from './acceptance.js'
import type { DiskTarget } from './disk-target.js'
import { ReceiveView } from './receive-view.js'
import { FileReceiver } from './receiver.js'
import { TransferError, type TransferErrorCode } from './transfer-error.js'

const ABOUT = `
Shows what is offered and asks before it writes anything. Files that exist are never replaced without --overwrite: they
are listed, and nothing is received. Names that begin with a dot, at any level, are skipped without --hidden, because
programs obey such files. Nothing is written through a link or outside of the folder, and nothing is made executable.

A file gets its name only when it is whole. If the connection breaks, it resumes as soon as the sender is back. If you
stop it, run it again: it fetches only what is missing, even with a new code. Nothing is stored twice.

Without a code on the command line, it takes the one in SWARMWAY_CODE, which other users of this machine do not see, or
asks for it. Capitals and spaces do not matter, and four letters of each word are enough. The link or the whole command
that the sender shows works as well. The times of files are kept, their permissions are not.

Exit codes: 0 received, or you declined; 2 not a code; 3 network unreachable; 4 the code is used up, or refused by the
proxy server; 5 no sender was found within --timeout; 6 a file is in the way or cannot be written, or the disk is full;
7 a file was changed by the sender meanwhile; 130 stopped by Ctrl-C.`

interface ReceiveOptions extends NetworkOptions {
  yes?: boolean
  overwrite?: boolean
  hidden?: boolean
  timeout?: number
  json?: boolean
  quiet?: boolean
}

/** `swarmway receive`. */
export function receiveCommand(): Command {
  const command = new Command('receive')
    .description('receive what somebody sends you with "swarmway send"')
    .argument('[code]', 'the words that the sender tells you (default: SWARMWAY_CODE, or asked for)')
    // The words of the code may be an argument each.
    .argument('[folder...]', 'where to write the files (default: the current folder)')
    .usage('[options] [code] [folder]')
    .option('-y, --yes', 'write without asking')
    .option('--overwrite', 'replace files that exist')
    .option('--hidden', 'also receive names that begin with a dot')
    .option('-t, --timeout <seconds>', 'give up if the sender is not found (default: wait)', positiveNumber)
    .option('--json', 'print one JSON object')
    .option('-q, --quiet', 'no progress and no status lines on standard error')
    .action((typed: string | undefined, others: string[], options: ReceiveOptions) =>
      receive(...codeAndFolder(typed, others), options)
    )
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway receive <code>', 'shows what it is, and asks'],
    ['swarmway receive <code> downloads --yes', 'into a folder, without asking'],
    ['swarmway receive <code> --proxy wss://proxy.example', 'from a network without UDP']
  ])
  return command
}

/** The code and the folder: the code is one argument, or its words are one each. */
function codeAndFolder(
  typed: string | undefined,
  others: readonly string[]
): [code: string | undefined, folder: string | undefined] {
  const isSplit = others.length > 1
  const folder = others[isSplit ? WORD_COUNT - 1 : 0]
  const code = isSplit ? [typed, ...others.slice(0, WORD_COUNT - 1), ...others.slice(WORD_COUNT)].join(' ') : typed
  return [code, folder === undefined ? undefined : folderPath(folder)]
}

async function receive(typed: string | undefined, target: string | undefined, options: ReceiveOptions): Promise<void> {
  const { stderr, stdin } = process
  const given = typed ?? process.env['SWARMWAY_CODE'] ?? ''
  const known = given === '' ? null : parseCode(given)
  if (known === null && !stdin.isTTY) throw usageError('There is no code, and no terminal to ask for it.', WHICH_CODE)
  if (!options.yes && !stdin.isTTY) {
    throw usageError('There is no terminal to ask whether the files may be written.', 'Add --yes to write them.')
  }
  const code = known ?? (await askCode())
  const folder = realPath(resolve(target ?? '.'))
  assertTarget(folder)
  const isQuiet = options.quiet === true || options.json === true
  const status = new Status(stderr, isQuiet)
  const view = new ReceiveView(status, isQuiet)
  const work = run(code, folder, options, status, view).finally(() => view.endProgress())
  const done = await withStopHint(work, () => (view.hasBegun ? RESUME : 'Nothing was written.'))
  if (options.json) process.stdout.write(jsonLine(summary(folder, done, view)))
  if (done === null) return status.tell('Nothing was written.')
  view.done(folder, done.length)
  if (view.changed.length === 0) return
  const hint = 'Ask the sender for those above.'
  throw new CliError('Not all files were received.', { hint, exitCode: EXIT.broken, isInJson: true })
}

const WHICH_CODE = 'Give the code that "swarmway send" shows: swarmway receive <code> --yes'

async function askCode(): Promise<string> {
  const asker = { input: process.stdin, output: process.stderr }
  const typed = await interruptible(({ signal }) => ask('The code: ', signal, asker))
  if (!typed) throw usageError('There is no code.', 'Give the code that "swarmway send" shows: swarmway receive <code>')
  return parseCode(typed)
}

/** Resolves to the files that are here now, or null if the user declined. */
async function run(code: string, folder: string, options: ReceiveOptions, status: Status, view: ReceiveView) {
  const { group, topic } = await codeMeeting(code)
  let receiver: FileReceiver<DiskTarget> | undefined
  let acceptance: Acceptance | undefined
  try {
    return await onNetwork(options, { group }, status, async ({ swarm }, signal) => {
      signal.addEventListener('abort', () => view.endProgress(), { once: true })
      const accepting = new Acceptance(folder, options, view, signal)
      acceptance = accepting
      receiver = new FileReceiver({
        ...accepting.listener(),
        onLost: () => signal.aborted || view.say(LOST)
      })
      const found = receiver
      swarm.on('connection', (connection) => found.add(connection))
      status.say('Looking for the sender.')
      keepLooking(swarm, swarm.join(topic, { server: false, client: true }))
      const isAccepted = await withinTime(receiver, options.timeout, status, signal)
      return isAccepted ? accepting.files : null
    })
  } catch (error) {
    throw explained(error)
  } finally {
    await receiver?.stop()
    acceptance?.release()
  }
}

const LOST =
  'The connection is lost; trying again. If the sender was started again, it shows another code: stop this with Ctrl-C ' +
  'and receive with that one; what is here is not fetched again.'

const RESUME = 'What has arrived is kept: run the same command again to resume.'

/** What to do about a transfer that failed, and the exit code. */
const REMEDIES: Readonly<Record<TransferErrorCode, { hint: string; exitCode: ExitCode }>> = {
  INVALID_MESSAGE: { hint: 'Check that both sides run the same version of swarmway.', exitCode: EXIT.broken },
  DAMAGED: {
    hint: 'Run the command again. If it happens again, check the disks of both machines.',
    exitCode: EXIT.broken
  },
  TAKEN: { hint: 'If that was not you, tell the sender. Ask for a new code.', exitCode: EXIT.denied }
}

function explained(error: unknown): unknown {
  if (error instanceof TransferError) return new CliError(error.message, REMEDIES[error.code])
  return error
}

async function withinTime(
  receiver: FileReceiver<DiskTarget>,
  seconds: number | undefined,
  status: Status,
  signal: AbortSignal
): Promise<boolean> {
  const remark = setTimeout(() => {
    if (!receiver.isConnected) status.say('No sender yet. Check the code; "swarmway send" must still be running there.')
  }, PATIENCE_MS)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    if (seconds === undefined) return
    timer = setTimeout(() => {
      if (!receiver.isConnected) reject(notFound(seconds))
    }, seconds * 1000)
  })
  try {
    return await unlessAborted(Promise.race([receiver.done, late]), signal)
  } finally {
    clearTimeout(remark)
    clearTimeout(timer)
  }
}

function notFound(seconds: number): CliError {
  return new CliError(`No sender was found within ${seconds} s.`, {
    hint: 'Check the code, and check that "swarmway send" is still running on the other side.',
    exitCode: EXIT.notFound
  })
}

function summary(folder: string, files: readonly OfferedFile[] | null, view: ReceiveView): object {
  const { changed, fetchedBytes, skipped } = view
  return {
    folder,
    declined: files === null,
    files: (files ?? []).map(({ bytes, key }) => ({ path: key.slice(1), bytes })),
    bytes: sizeOf(files ?? []),
    fetchedBytes,
    changed: changed.map(({ offered }) => offered.key.slice(1)),
    skipped: skipped.map(refusalJson)
  }
}
