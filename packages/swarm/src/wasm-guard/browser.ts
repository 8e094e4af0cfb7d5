// sodium-javascript's hashes and ciphers exist in WebAssembly and in JavaScript; which to take they decide when they are
// loaded, by whether WebAssembly is there. But a Content-Security-Policy leaves it there and lets it throw, which would
// end the application before it has begun. So it is put out of sight while they look.

interface Platform {
  WebAssembly?: { Module: new (code: Uint8Array) => object } | undefined
}

/** A module with nothing in it. */
const NOTHING = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

const platform = globalThis as Platform
const { WebAssembly } = platform

if (WebAssembly !== undefined && !isAllowed(WebAssembly)) {
  platform.WebAssembly = undefined
  // Modules that are imported together are run together, in one turn.
  queueMicrotask(() => {
    platform.WebAssembly = WebAssembly
  })
}

function isAllowed({ Module }: { Module: new (code: Uint8Array) => object }): boolean {
  try {
    return new Module(NOTHING) !== null
  } catch {
    return false
  }
}

export {}
