import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { dataFolder } from '../shared/files/data-folder.js'
import { makeFolder } from '../shared/files/make-folder.js'
import { shortHash } from '../shared/files/short-hash.js'
import { keyEncoding } from '../shared/names/keys.js'

/** The longest path of a socket that all systems take. */
const MAX_PATH_BYTES = 100

/**
 * Notes that this process connects with our key to that of a service, until the function that is returned is called. The
 * service keeps one connection to each key, so those of two processes would replace each other for ever. The first one keeps
 * it: programs use its connections. Throws a `CliError` if there is one. What notes it is a socket: that goes with its process,
 * however it ends. Where no socket can be made, nothing is noted.
 */
export async function claimService(ownKey: Uint8Array, serviceKey: Uint8Array): Promise<() => void> {
  const path = socketPath(ownKey, serviceKey)
  const release = await listenAt(path)
  if (release !== null) return release
  if (!(await isAnswered(successor(path))) && !(await isAnswered(path))) return () => {}
  throw new CliError('Another "swarmway connect" of yours uses this service, and only one at a time can.', {
    hint: 'Use the port of that one, or stop it. Or take another key: set XDG_DATA_HOME to another folder.',
    exitCode: EXIT.unusable
  })
}

/** Null if it is in use, or if none can be made there. */
async function listenAt(path: string): Promise<(() => void) | null> {
  try {
    const server = await listen(path)
    return () => server.close()
  } catch (error) {
    return isInUse(error) && !(await isAnswered(path)) ? takeOver(path) : null
  }
}

/**
 * The process at the path was killed. Of several that find that at the same time, the one that gets the second path takes over:
 * the dead socket is replaced, never removed, so that nobody removes one that lives. It may be another user's, where folders of
 * temporary files are shared.
 */
async function takeOver(path: string, mayRetry = true): Promise<(() => void) | null> {
  let server: Server | null = null
  try {
    server = await listen(successor(path))
    if (!(await isAnswered(path))) {
      renameSync(successor(path), path)
      return releaseOf(server, path)
    }
  } catch (error) {
    // Somebody else takes over, or was killed while doing so, or none can be made there.
    const isDead = mayRetry && isInUse(error) && !(await isAnswered(successor(path)))
    if (isDead && remove(successor(path))) return takeOver(path, false)
  }
  server?.close()
  return null
}

function successor(path: string): string {
  return `${path}+`
}

/** `close` removes the path that the server was bound to, which is not `path` after a rename. */
function releaseOf(server: Server, path: string): () => void {
  return () => {
    // The next one may have the path by now.
    if (server.listening) remove(path)
    server.close()
  }
}

/** Whether there is nothing at the path any more. */
function remove(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}

function isInUse(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}

async function listen(path: string): Promise<Server> {
  if (process.platform !== 'win32') makeFolder(dirname(path), 0o700)
  const server = createServer((socket) => socket.destroy()).listen(path)
  await once(server, 'listening')
  return server.unref()
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function socketPath(ownKey: Uint8Array, serviceKey: Uint8Array): string {
  const name = `swarmway-${shortHash(`${keyEncoding.encode(ownKey)} ${keyEncoding.encode(serviceKey)}`)}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  const path = join(dataFolder(), 'connect', name)
  return Buffer.byteLength(path) <= MAX_PATH_BYTES ? path : join(tmpdir(), name)
}
