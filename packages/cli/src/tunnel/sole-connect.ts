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
  const server = await listenAt(path)
  if (server !== null) return () => release(server, path)
  if (!(await isAnswered(successor(path))) && !(await isAnswered(path))) return () => {}
  throw new CliError('Another "swarmway connect" of yours uses this service, and only one at a time can.', {
    hint: 'Use the port of that one, or stop it. Or take another key: set XDG_DATA_HOME to another folder.',
    exitCode: EXIT.unusable
  })
}

/** Null if it is in use, or if none can be made there. */
async function listenAt(path: string): Promise<Server | null> {
  try {
    return await listen(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || (await isAnswered(path))) return null
    return listenAgain(path)
  }
}

/**
 * The process at the path was killed. Of several that find that at the same time, the one that gets the second path takes over:
 * the dead socket is replaced, never removed, so that nobody removes one that lives. It may be another user's, where folders of
 * temporary files are shared.
 */
async function listenAgain(path: string): Promise<Server | null> {
  let server: Server | null = null
  try {
    server = await listen(successor(path))
    if (!(await isAnswered(path))) {
      renameSync(successor(path), path)
      return server
    }
  } catch {
    // Somebody else takes over, or was killed while doing so, or none can be made there.
    if (!(await isAnswered(successor(path)))) rmSync(successor(path), { force: true })
  }
  server?.close()
  return null
}

function successor(path: string): string {
  return `${path}+`
}

/** Closing removes the path at which it began to listen, which may not be the one where it is now. */
function release(server: Server, path: string): void {
  // The next one may have the path by now.
  if (!server.listening) return
  if (process.platform !== 'win32') rmSync(path, { force: true })
  server.close()
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
