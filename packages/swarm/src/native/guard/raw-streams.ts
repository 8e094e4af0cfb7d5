import { SwarmError } from '../../errors.js'
import { override } from './override.js'

/** The guarded part of a UDX stream. */
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
 * A UDX stream throws when it is told to connect to port 0 or on a closed socket. HyperDHT calls it with
 * addresses that remotes name, where nothing catches: in promises that nobody awaits, in listeners. Therefore the
 * stream of the connection fails instead, which ends only that connection.
 */
export function guardRawStreams(node: object): boolean {
  return override<CreateRawStream>(node, 'createRawStream', (create) => (options = {}) => {
    const { firewall } = options
    // Code other than HyperDHT makes streams without one, and may rely on the error being thrown.
    if (firewall === undefined) return create(options)
    const stream = create({ ...options, firewall: (...args) => refuses(stream, firewall, args) })
    stream.on('error', ignore)
    guardConnect(stream)
    return stream
  })
}

/** With functions that all streams share, since there may be thousands. */
function guardConnect(stream: UdxStream): void {
  stream.connect = connect
  stream.changeRemote = changeRemote
}

function connect(this: UdxStream, ...args: never[]): void {
  try {
    classOf(this).connect.apply(this, args)
  } catch (cause) {
    this.destroy(cannotConnect(cause))
  }
}

/** Fails if the stream is already connected through a relay, and stays so. */
function changeRemote(this: UdxStream, ...args: never[]): Promise<unknown> {
  try {
    return classOf(this).changeRemote.apply(this, args)
  } catch (cause) {
    return rejected(cannotConnect(cause))
  }
}

/** The methods of a stream's class, without what is added here. */
function classOf(stream: UdxStream): UdxStream {
  return Object.getPrototypeOf(stream)
}

/** UDX asks this hook about a packet of a new remote, and HyperDHT connects the stream in it: true drops the packet. */
function refuses(stream: UdxStream, firewall: Firewall, args: never[]): boolean {
  try {
    return firewall(...args) || stream.destroying
  } catch (cause) {
    // The packet came before the handshake was finished. Deferred, because UDX is at work on the stream.
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
