/**
 * `swarmway ... | head` closes our output early. That is not an error: the reader has seen enough, so the process
 * ends quietly, as other programs do on SIGPIPE.
 */
export function endQuietlyOnBrokenPipe(stream: NodeJS.WritableStream, end: () => void = () => process.exit(0)): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    end()
  })
}
