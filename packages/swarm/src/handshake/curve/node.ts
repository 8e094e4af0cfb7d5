import curve from 'noise-curve-ed'

/** Ed25519 for a Noise handshake, by libsodium. */
export default curve
