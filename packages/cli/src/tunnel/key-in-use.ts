import { createHash } from 'node:crypto'
import { createKeyPair, type KeyPair, type SwarmCore } from '@swarmway/swarm/core'
import { unlessAborted } from '../shared/command/interrupt.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { openNetwork } from '../shared/network/open.js'
import type { NetworkOptions } from '../shared/network/options.js'

/** Milliseconds for another process to answer. One that was killed is still announced for a while, and never does. */
const ANSWER_MS = 5000

/** Outcomes of a dial that the holder of the dialled key has answered. */
const ANSWERS: readonly unknown[] = ['NOT_A_MEMBER', 'REMOTE_FULL', 'DUPLICATE', 'KEY_IN_USE']

/**
 * The key pair with which a process asks whether another one serves with a key: that one has to let it in, and a swarm ignores
 * its own key. Only the holder of the key can make it.
 */
export function askingKeyPair({ secretKey }: KeyPair): KeyPair {
  const seed = createHash('sha256').update('swarmway serve: is this key in use?').update(secretKey).digest()
  return createKeyPair(new Uint8Array(seed))
}

/** Whether a peer is a process that asks whether we serve with this key. */
export function isAsking(remotePublicKey: Uint8Array, keyPair: KeyPair | undefined): boolean {
  return keyPair !== undefined && Buffer.from(remotePublicKey).equals(askingKeyPair(keyPair).publicKey)
}

/** Throws a `CliError` if another process serves with this key: those who connect would reach either of the two. */
export async function assertKeyUnused(keyPair: KeyPair, options: NetworkOptions, signal: AbortSignal): Promise<void> {
  const network = await openNetwork(options, { keyPair: askingKeyPair(keyPair), dialTimeoutMs: ANSWER_MS })
  try {
    // A proxy server may refuse a second client of ours: then nobody can be asked.
    const isReady = await unlessAborted(network.ready(), signal).then(
      () => true,
      () => false
    )
    if (!isReady || !(await answers(network.swarm, keyPair.publicKey, signal))) return
  } finally {
    await network.destroy()
  }
  throw new CliError('Another "swarmway serve" uses your key already, and the others would reach either of the two.', {
    hint: 'Stop that one. Or leave out --allow and --group to serve by a name, or take another key: set XDG_DATA_HOME to another folder.',
    exitCode: EXIT.unusable
  })
}

async function answers(swarm: SwarmCore, publicKey: Uint8Array, signal: AbortSignal): Promise<boolean> {
  try {
    await swarm.connect(publicKey, { signal })
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && ANSWERS.includes(error.code)
  }
}
