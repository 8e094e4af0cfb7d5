import type { Readable, Writable } from 'node:stream'
import type { SwarmCore } from '@swarmway/swarm'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { Pairing } from './pairing.js'
import { PipeSession, type SessionOptions, type Totals } from './session.js'

/** What a pipe connects. */
export interface PipeEnds extends SessionOptions {
  readonly input: Readable
  readonly output: Writable
  /** The other side is connected. */
  onPaired(): void
}

/** Waits on `topic` for the other side, and carries bytes until both directions have ended. */
export function runPipe(swarm: SwarmCore, topic: Uint8Array, ends: PipeEnds): Promise<Totals> {
  const { input, output, onPaired } = ends
  return new Promise((resolve, reject) => {
    const pairing = new Pairing(swarm.keyPair.publicKey, {
      onPaired(channel) {
        onPaired()
        const session = new PipeSession(channel, input, output, ends)
        channel.receiver = session
        session.done.then(resolve, reject)
      },
      onTaken: () => reject(takenError())
    })
    swarm.on('connection', (connection) => pairing.add(connection))
    swarm.join(topic)
  })
}

function takenError(): CliError {
  return new CliError('Two others are already connected under this name.', {
    hint: 'A pipe has two ends: use another name, or wait until they are done.',
    exitCode: EXIT.denied
  })
}
