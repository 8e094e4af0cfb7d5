/** How much a client accepts from a server that has not greeted it, whatever the link is. */
import { FRAME } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { encodePing } from '../../../proxy-protocol/src/wire/link-frames.js'
import { ProxyClient } from '../../src/index.js'
import { wire } from '../support/wire.js'

/** The header of a frame that claims this length. */
function header(length: number): Uint8Array {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32LE(length)
  bytes[4] = FRAME.WELCOME
  return bytes
}

test.each([
  ['that is its first one', [header(5000)], 'NOT_A_PROXY'],
  ['after others', [encodePing(FRAME.PING, 1), header(5000)], 'FRAME_TOO_LARGE']
])(
  'a frame larger than any answer to a greeting ends the link as soon as its header arrives: one %s',
  async (_, frames, code) => {
    const [ours, theirs] = wire()
    for (const frame of frames) theirs.write(frame)
    const client = new ProxyClient({ connection: ours as never })
    onTestFinished(() => client.destroy())
    expect(await new Promise((resolve) => client.once('disconnected', ({ error }) => resolve(error.code)))).toBe(code)
  }
)
