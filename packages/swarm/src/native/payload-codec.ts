import cenc from 'compact-encoding'
import messages from 'hyperdht/lib/messages.js'
import type { PayloadCodec } from '../handshake/noise.js'
import { rememberRelay } from './guard/relays.js'

/** HyperDHT's own encoding of its Noise payloads. Its decoder ignores the bytes that follow. */
export const hyperdhtCodec: PayloadCodec = {
  encode: (payload) => cenc.encode(messages.noisePayload, payload),
  decode: (bytes) => {
    const payload = cenc.decode(messages.noisePayload, bytes)
    rememberRelay(payload)
    return payload
  },
  isOffer: (payload) => 'version' in payload && payload.version === 1 && 'udx' in payload && payload.udx !== null,
  // A server answers a payload that offers no stream with an error.
  refuse: (payload) => Object.assign(payload, { udx: null })
}
