/** What both ends of a measured connection do with it, in Node and in browsers. */
import type { AnyConnection } from './modules.ts'

const CHUNK_BYTES = 65_536
const MESSAGE_BYTES = 100

let resolveConnection: (connection: AnyConnection) => void = ignore
const connected = new Promise<AnyConnection>((resolve) => {
  resolveConnection = resolve
})
let onData: (data: Uint8Array) => void = ignore
let received: Promise<number> = Promise.resolve(0)

/** The connection that the calls below are about. */
export function use(connection: AnyConnection): void {
  connection.on('error', ignore)
  connection.on('data', (data) => onData(data))
  resolveConnection(connection)
}

/** Calls that a worker with one end of a connection answers. */
export const traffic = {
  /** Resolves when there is a connection. */
  connected: async (): Promise<void> => {
    await connected
  },
  send,
  expect,
  /** Resolves to the milliseconds from the first byte to the last of what was expected. */
  received: (): Promise<number> => received,
  echo,
  pingPong
}

/** Writes as fast as the connection takes it. */
async function send({ bytes }: { bytes: number }): Promise<void> {
  const connection = await connected
  const chunk = randomBytes(CHUNK_BYTES)
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) {
    if (!connection.write(chunk)) await new Promise<void>((resolve) => connection.once('drain', resolve))
  }
}

/** Begins to count. To be answered before the other end sends. */
async function expect({ bytes }: { bytes: number }): Promise<void> {
  await connected
  let count = 0
  let began = 0
  received = new Promise((resolve) => {
    onData = (data) => {
      if (count === 0) began = performance.now()
      count += data.byteLength
      if (count >= bytes) resolve(performance.now() - began)
    }
  })
}

/** Sends everything back from now on. */
async function echo(): Promise<void> {
  const connection = await connected
  onData = (data) => connection.write(data)
}

/** Resolves to the round trips of `count` messages, one after the other, in milliseconds. */
async function pingPong({ count }: { count: number }): Promise<number[]> {
  const connection = await connected
  const message = randomBytes(MESSAGE_BYTES)
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    connection.write(message)
    await new Promise<void>((resolve) => {
      onData = () => resolve()
    })
    times.push(performance.now() - began)
  }
  return times
}

/** At most 65,536: more the platform does not give at once. */
function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}

function ignore(): void {}
