import { hideUselessWebAssembly } from '#wasm-guard'

// A module of its own, so that importing it is enough, and so that no declaration has a `#` import: those lead nowhere
// without support for `imports` and `exports`.
hideUselessWebAssembly()
