import { expect, test } from 'vitest'
import { uncaught } from '../../../../runtime/test/support/uncaught.js'
import { until } from '../../../../runtime/test/support/until.js'
import type { PeerStream, SessionOptions } from '../../../src/index.js'
import { Rig } from '../../support/helpers.js'

const fail = () => {
  throw new Error('of the application')
}

/** When a listener of one stream threw, the session ended, and all other streams with it. */
test.each(['data', 'end', 'close'] as const)(
  'a %s listener of one stream that throws does not affect the session',
  async (event) => {
    const taken: PeerStream[] = []
    const rig = new Rig({}, { onStream: (stream) => taken.push(stream) }).connect()
    const errors = await uncaught(async () => {
      const [one, other] = [rig.a.openStream(new Uint8Array(0)), rig.a.openStream(new Uint8Array(0))]
      await until(() => taken.length === 2)
      const [broken, whole] = taken as [PeerStream, PeerStream]
      const heard: number[] = []
      broken.resume().once(event, fail)
      whole.on('data', (data) => heard.push(data.byteLength))
      one.end(new Uint8Array(3))
      broken.end()
      other.write(new Uint8Array(5))
      await until(() => heard.length > 0 && broken.destroyed)
    })
    expect(errors.map(String)).toEqual(['Error: of the application'])
    expect(rig.b.error).toBe(null)
    rig.destroy()
  }
)

test.each(['onDetach', 'onClose'] as const)('a session whose %s throws completes its work', async (name) => {
  const options: Partial<SessionOptions> = { [name]: fail }
  const rig = new Rig(options).connect()
  const stream = rig.a.openStream(new Uint8Array(0))
  const errors = await uncaught(async () => {
    rig.cut()
    await until(() => !rig.a.attached)
    rig.connect()
    rig.a.destroy()
    await until(() => stream.destroyed && rig.b.destroyed)
  })
  expect(errors.map(String)).toEqual(['Error: of the application'])
  rig.destroy()
})
