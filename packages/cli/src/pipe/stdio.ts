import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { Readable, Writable } from 'node:stream'

/**
 * Standard input. With a terminal before it and an output that goes elsewhere, as in `swarmway pipe name > file`, nobody
 * means to type: then the input is empty, and the pipe ends when the other side's input does.
 */
export function openInput({ stdin, stdout } = process): Readable {
  return stdin.isTTY && !stdout.isTTY ? Readable.from([]) : stdin
}

/** Standard output, which, other than `process.stdout`, is closed when it ends: its reader sees the end at once. */
export function openOutput({ stdout } = process): Writable {
  const output = new Writable({
    write: (chunk, _encoding, callback) => void stdout.write(chunk, callback),
    final(callback) {
      if (!stdout.isTTY && process.platform !== 'win32') closeStandardOutput()
      callback()
    }
  })
  // The session tells the other side, which the process-wide rule, ending at once, would not.
  stdout.removeAllListeners('error')
  stdout.on('error', (error) => output.destroy(error))
  return output
}

/** Node never closes its standard output. What is opened next gets the lowest number free, so 1 stays taken. */
function closeStandardOutput(): void {
  closeSync(1)
  openSync(devNull, 'w')
}
