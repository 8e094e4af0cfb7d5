import { STREAM_KIND } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { onTestFinished, vi } from 'vitest'
import { ClientPort } from '../../../proxy-server/src/sessions/client-port.js'
import { FRAME_KIND } from '../../../swarm/src/paths/frame-reader.js'

/** Before the bytes of a frame: their length and kind. */
const HEADER_BYTES = 4
/** Longer than control messages without text, which carry acknowledgements: it is a signal, as a server can tell by its length. */
const MIN_SIGNAL_BYTES = 100

/** A frame of the stream between two peers, as the server between them has it. */
export interface PassingFrame {
  /** Which of the two gets it. */
  readonly to: 'dialling' | 'accepting'
  /** With its header. */
  readonly bytes: Uint8Array
  /** Whether it is a sealed message with a description, a candidate or an id of a host. */
  readonly isSignal: boolean
}

/** What the proxy servers of a test have seen of the connections between their clients, and do with them. */
export interface ServerInTheMiddle {
  /** All that clients have sent each other. */
  readonly seen: PassingFrame[]
  /** What to pass on instead of a frame. Default: the frame. */
  meddle: (frame: PassingFrame) => readonly Uint8Array[]
  /** Sends something on all streams between clients that lead to this side. */
  send(to: PassingFrame['to'], bytes: Uint8Array): void
}

/** Makes running proxy servers look at what they carry between two clients, and change it, for as long as the test runs. */
export function serverInTheMiddle(): ServerInTheMiddle {
  const senders: [PassingFrame['to'], (bytes: Uint8Array) => void][] = []
  const server: ServerInTheMiddle = {
    seen: [],
    meddle: ({ bytes }) => [bytes],
    send(to, bytes) {
      for (const [side, write] of senders) if (side === to) write(bytes)
    }
  }
  const { openChannel } = ClientPort.prototype
  const spy = vi.spyOn(ClientPort.prototype, 'openChannel').mockImplementation(function (
    this: ClientPort,
    shell,
    meta
  ) {
    const channel = openChannel.call(this, shell, meta)
    const to = meta.kind === STREAM_KIND.DIAL ? 'dialling' : 'accepting'
    const write = channel.write.bind(channel)
    const split = splitter(to)
    senders.push([to, (bytes) => write([bytes])])
    channel.write = (chunks) => {
      const frames = split(b4a.concat([...chunks]))
      server.seen.push(...frames)
      const passed = frames.flatMap((frame) => server.meddle(frame))
      if (passed.length > 0) write(passed)
    }
    return channel
  })
  onTestFinished(() => spy.mockRestore())
  return server
}

/** Cuts a stream into its frames; what is not complete waits. */
function splitter(to: PassingFrame['to']): (bytes: Uint8Array) => PassingFrame[] {
  let rest = b4a.alloc(0)
  return (bytes) => {
    const frames: PassingFrame[] = []
    rest = b4a.concat([rest, bytes])
    while (rest.byteLength >= HEADER_BYTES) {
      const [low = 0, middle = 0, high = 0, kind] = rest
      const end = HEADER_BYTES - 1 + low + middle * 0x100 + high * 0x10000
      if (rest.byteLength < end) break
      const frame = rest.subarray(0, end)
      const isSignal = kind === FRAME_KIND.control && frame.byteLength >= MIN_SIGNAL_BYTES
      frames.push({ to, bytes: frame, isSignal })
      rest = rest.subarray(end)
    }
    return frames
  }
}
