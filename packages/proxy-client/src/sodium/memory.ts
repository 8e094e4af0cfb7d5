import type { Libsodium } from 'libsodium'

/** As much as one call needs at most: the longest message of a secret stream, and what goes with it. */
const MAX_BYTES = 17 * 1024 * 1024
const MIN_BYTES = 128 * 1024

/** The part of libsodium's memory through which arguments and results go. Calls use it one after the other. */
export class SharedMemory {
  readonly #libsodium: Libsodium
  #address = 0
  #bytes = 0

  constructor(libsodium: Libsodium) {
    this.#libsodium = libsodium
  }

  /** Address of this much memory, for one call. 0 if there is not as much. */
  reserve(bytes: number): number {
    if (bytes <= this.#bytes) return this.#address
    if (bytes > MAX_BYTES) return 0
    // It grows in few steps, as it does not shrink.
    const size = Math.min(MAX_BYTES, Math.max(MIN_BYTES, bytes, 2 * this.#bytes))
    if (this.#address !== 0) this.#libsodium._free(this.#address)
    this.#address = this.#libsodium._malloc(size)
    this.#bytes = this.#address === 0 ? 0 : size
    return this.#address
  }

  write(address: number, bytes: Uint8Array): void {
    // The view is another one whenever the memory has grown.
    this.#libsodium.HEAPU8.set(bytes, address)
  }

  read(address: number, out: Uint8Array, bytes = out.byteLength): void {
    out.set(this.#libsodium.HEAPU8.subarray(address, address + bytes))
  }
}

/**
 * Whether all are arrays of bytes. Of anything else not every byte would be written to the memory, and what calls before
 * have left there, of other streams, would be taken for the rest.
 */
export function areBytes(...values: readonly unknown[]): boolean {
  return values.every((value) => value instanceof Uint8Array)
}
