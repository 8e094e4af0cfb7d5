import type { Hyperdrive } from '../share/packages.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'

/** Resolves when the share's contents are known. Rejects with a `CliError` on timeout; without one, waits for ever. */
export async function findShare(drive: Hyperdrive, timeoutSeconds: number | undefined): Promise<void> {
  if (timeoutSeconds === undefined) return found(drive)
  const failure = new CliError(`Nobody who shares this was found within ${timeoutSeconds} s.`, {
    hint: 'Check the key, and check that "swarmway share" is still running on the other side.',
    exitCode: EXIT.notFound
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(failure), timeoutSeconds * 1000)
  })
  await Promise.race([found(drive), late]).finally(() => clearTimeout(timer))
}

/** Peers that are looking for it as well are also connected, and know no more than we do. */
async function found(drive: Hyperdrive): Promise<void> {
  await somebody(drive)
  await drive.update({ wait: true })
  await drive.getBlobs()
}

/** Resolves when a peer that has the drive is connected. */
function somebody(drive: Hyperdrive): Promise<void> {
  if (drive.core.peers.length > 0) return Promise.resolve()
  return new Promise((resolve) => drive.core.on('peer-add', resolve))
}
