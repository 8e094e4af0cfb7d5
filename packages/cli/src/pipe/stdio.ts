import { closeSync, fstatSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { TerminalText } from './terminal-text.js'

/**
 * Standard input. If it is a terminal and the output goes elsewhere, as in `swarmway pipe name > file`, nobody means to
 * type: the input is then empty, and the pipe ends with the other side's input.
 */
export function openInput({ stdin, stdout } = process): Readable {
  return stdin.isTTY && !stdout.isTTY ? Readable.from([]) : stdin
}

/** The size of standard input if it is a file. */
export function inputSize(): number | undefined {
  try {
    const stats = fstatSync(0)
    return stats.isFile() ? stats.size : undefined
  } catch {
    return undefined
  }
}

/** Standard output. Unlike `process.stdout`, it is closed when it ends, so its reader sees the end at once. */
export function openOutput({ stdout } = process): Writable {
  const forTerminal = stdout.isTTY ? new TerminalText() : null
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, callback) {
      const shown = forTerminal === null ? chunk : forTerminal.show(chunk)
      if (shown === null) callback(binaryError())
      else stdout.write(shown, callback)
    },
    final(callback) {
      if (!stdout.isTTY && process.platform !== 'win32') closeStandardOutput()
      callback()
    }
  })
  // The session tells the other side; the process-wide rule would end the process at once.
  stdout.removeAllListeners('error')
  stdout.on('error', (error) => output.destroy(error))
  return output
}

/** Node never closes its standard output. The next file opened gets the lowest free number, so 1 stays taken. */
function closeStandardOutput(): void {
  closeSync(1)
  openSync(devNull, 'w')
}

function binaryError(): CliError {
  return new CliError('The other side sends binary data, which a terminal cannot show.', {
    hint: 'Run the command again on both sides, here with "> file" at its end.',
    exitCode: EXIT.unusable
  })
}
