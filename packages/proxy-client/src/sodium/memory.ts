import type { Libsodium } from 'libsodium'

/** The most that one call needs: the longest message of a secret stream, and its overhead. */
const MAX_BYTES = 17 * 1024 * 1024
const MIN_BYTES = 128 * 1024

/** The part of libsodium's memory for arguments and results. Calls use it one at a time. */
export class SharedMemory {
  readonly #libsodium: Libsodium
  #address = 0
  #bytes = 0

  constructor(libsodium: Libsodium) {
    this.#libsodium = libsodium
  }

  /** The address of this much memory, for one call. 0 if there is not enough. */
  reserve(bytes: number): number {
    if (bytes <= this.#bytes) return this.#address
    if (bytes > MAX_BYTES) return 0
    // Grows in few steps, as memory never shrinks.
    const size = Math.min(MAX_BYTES, Math.max(MIN_BYTES, bytes, 2 * this.#bytes))
    if (this.#address !== 0) this.#libsodium._free(this.#address)
    this.#address = this.#libsodium._malloc(size)
    this.#bytes = this.#address === 0 ? 0 : size
    return this.#address
  }

  write(address: number, bytes: Uint8Array): void {
    // The view is replaced whenever the memory grows.
    this.#libsodium.HEAPU8.set(bytes, address)
  }

  read(address: number, out: Uint8Array, bytes = out.byteLength): void {
    out.set(this.#libsodium.HEAPU8.subarray(address, address + bytes))
  }
}

/**
 * Whether all are byte arrays. Any other value might be written only in part, and the rest would be what earlier calls,
 * perhaps of other streams, have left there.
 */
export function areBytes(...values: readonly unknown[]): boolean {
  return values.every((value) => value instanceof Uint8Array)
}
