import { systemClock } from '../../../runtime/src/index.js'
import { type Control, encodeControl } from '../../src/paths/control.js'
import { FRAME_KIND, frameHeader } from '../../src/paths/frame-reader.js'
import { PathStream } from '../../src/paths/path-stream.js'
import { PathSeal } from '../../src/paths/seal.js'
import { asRaw, type MemoryRaw, rawPair, secretsPair } from './memory-paths.js'

/** A peer that holds the keys of a connection, and sends on its first path what it likes. */
export class PathForger {
  readonly victim: PathStream
  readonly raw: MemoryRaw
  readonly #seal: PathSeal

  constructor() {
    const [theirs, ours] = rawPair()
    const [secrets, ownSecrets] = secretsPair()
    this.victim = new PathStream(asRaw(theirs), { secrets, clock: systemClock })
    this.raw = ours
    this.raw.resume()
    this.#seal = new PathSeal(ownSecrets, 0)
  }

  /** The frame of a control message. */
  frame(control: Control): Uint8Array {
    return this.frameOf(encodeControl(control))
  }

  /** The frame of any bytes, sealed as a control message is. */
  frameOf(message: Uint8Array): Uint8Array {
    const sealed = this.#seal.seal(message)
    return concat(frameHeader(FRAME_KIND.control, sealed.byteLength), sealed)
  }

  send(control: Control): void {
    this.raw.write(this.frame(control))
  }

  sendData(bytes: Uint8Array): void {
    this.raw.write(concat(frameHeader(FRAME_KIND.data, bytes.byteLength), bytes))
  }

  /** Resolves to the code of the error that ends the victim's connection. */
  async failure(): Promise<unknown> {
    const { victim } = this
    let code: unknown = null
    victim.on('error', (error) => {
      code = (error as { code?: unknown }).code
    })
    if (!victim.destroyed) await new Promise<void>((resolve) => victim.on('close', resolve))
    return code
  }
}

/** Both, one after the other. */
function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const joined = new Uint8Array(one.byteLength + other.byteLength)
  joined.set(one)
  joined.set(other, one.byteLength)
  return joined
}
