import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { Readable, Writable } from 'node:stream'

/**
 * Standard input. If it is a terminal and the output goes elsewhere, as in `swarmway pipe name > file`, nobody means to
 * type: the input is then empty, and the pipe ends with the other side's input.
 */
export function openInput({ stdin, stdout } = process): Readable {
  return stdin.isTTY && !stdout.isTTY ? Readable.from([]) : stdin
}

/** Standard output. Unlike `process.stdout`, it is closed when it ends, so its reader sees the end at once. */
export function openOutput({ stdout } = process): Writable {
  const output = new Writable({
    write: (chunk, _encoding, callback) => void stdout.write(chunk, callback),
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
