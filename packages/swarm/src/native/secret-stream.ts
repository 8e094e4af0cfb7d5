import NoiseSecretStream from '@hyperswarm/secret-stream'
import { type Clock, systemClock } from '@swarmway/runtime'
import type { CreateSecretStream } from '../network/dht-node.js'
import { type PathHandshake, withPaths } from '../paths/overlay.js'

/** What HyperDHT makes a secret stream of. */
interface SecretStreamOptions {
  readonly handshake?: PathHandshake
}

/** A secret stream over a UDX stream, with paths in between if both sides have them. */
class PathSecretStream extends NoiseSecretStream {
  readonly #clock: Clock

  constructor(isInitiator: boolean, rawStream: object | null, options: SecretStreamOptions, clock: Clock) {
    // It must not start before the clock is here.
    super(isInitiator, null, { ...options, autoStart: false })
    this.#clock = clock
    if (rawStream !== null && options.handshake) this.start(rawStream, { handshake: options.handshake })
  }

  override start(rawStream: object, options: { handshake: PathHandshake }): void {
    super.start(withPaths(rawStream, options.handshake, this.#clock), options)
  }
}

/** Makes secret streams for HyperDHT. */
export function pathSecretStreams(clock: Clock = systemClock): CreateSecretStream {
  return (isInitiator, rawStream, options) => new PathSecretStream(isInitiator, rawStream, options, clock)
}
