import curve from 'noise-curve-ed'

/** Ed25519 for a Noise handshake, using libsodium. */
export default curve
