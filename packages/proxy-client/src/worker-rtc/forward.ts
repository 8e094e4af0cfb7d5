import type { DataChannel, Incoming, Outgoing, Port } from './messages.js'

/** Bytes that wait in the channel from which on the worker hears only when there are fewer. */
const LOW_BYTES = 256 * 1024

/** In a page: passes what a channel carries on to a worker that cannot have the channel. */
export function forward(channel: DataChannel, port: Port): void {
  let passedBytes = 0
  const report = (message: Incoming) => port.postMessage(message)
  const reportLeft = () => report(passedBytes - channel.bufferedAmount)
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = LOW_BYTES
  channel.onbufferedamountlow = reportLeft
  channel.onopen = () => report('open')
  channel.onmessage = ({ data }: { data: unknown }) => {
    if (data instanceof ArrayBuffer) port.postMessage(data, [data])
  }
  channel.onclose = () => {
    report('closed')
    port.close()
  }
  port.onmessage = ({ data }: { data: Outgoing }) => {
    if (data === null) channel.close()
    else if (send(channel, new Uint8Array(data))) {
      passedBytes += data.byteLength
      if (channel.bufferedAmount <= LOW_BYTES) reportLeft()
    }
  }
  if (channel.readyState === 'open') report('open')
}

/** A channel that cannot send closes, and with it the path that it carries. */
function send(channel: DataChannel, data: Uint8Array<ArrayBuffer>): boolean {
  try {
    channel.send(data)
    return true
  } catch {
    channel.close()
    return false
  }
}
