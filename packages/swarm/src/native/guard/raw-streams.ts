import { SwarmError } from '../../errors.js'
import { override } from './override.js'

/** A UDX stream, by what is guarded of it. */
interface UdxStream {
  readonly destroying: boolean
  connect(...args: never[]): void
  changeRemote(...args: never[]): Promise<unknown>
  destroy(error: Error): void
  on(event: 'error', listener: () => void): unknown
}

type Firewall = (...args: never[]) => boolean
type CreateRawStream = (options?: { firewall?: Firewall }) => UdxStream

/**
 * A UDX stream throws when it is told to connect to port 0, or on a socket that is closed. HyperDHT calls it with
 * addresses that remotes name, where nobody catches: in promises that nobody awaits and in listeners. So the stream of
 * a connection fails instead, which is the end of that one connection.
 */
export function guardRawStreams(node: object): boolean {
  return override<CreateRawStream>(node, 'createRawStream', (create) => (options = {}) => {
    const { firewall } = options
    // Others than HyperDHT, who make streams without one, may rely on what is thrown.
    if (firewall === undefined) return create(options)
    const stream = create({ ...options, firewall: (...args) => refuses(stream, firewall, args) })
    stream.on('error', ignore)
    guardConnect(stream)
    return stream
  })
}

function guardConnect(stream: UdxStream): void {
  override<UdxStream['connect']>(stream, 'connect', (connect) => (...args) => {
    try {
      connect(...args)
    } catch (cause) {
      stream.destroy(cannotConnect(cause))
    }
  })
  // Fails when the stream is connected through a relay already, and stays so.
  override<UdxStream['changeRemote']>(stream, 'changeRemote', (changeRemote) => (...args) => {
    try {
      return changeRemote(...args)
    } catch (cause) {
      return rejected(cannotConnect(cause))
    }
  })
}

/** UDX asks this hook about a packet of a new remote, and HyperDHT connects the stream in it: true drops the packet. */
function refuses(stream: UdxStream, firewall: Firewall, args: never[]): boolean {
  try {
    return firewall(...args) || stream.destroying
  } catch (cause) {
    // It came before the handshake was finished. Not at once: UDX is at work on the stream.
    setTimeout(() => stream.destroy(cannotConnect(cause)), 0)
    return true
  }
}

function cannotConnect(cause: unknown): SwarmError {
  return new SwarmError('HANDSHAKE_INVALID', 'the peer, or a node on the way to it, gave an unusable address', {
    cause
  })
}

function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error)
  promise.catch(ignore)
  return promise
}

function ignore(): void {}
