// What React Native gives an application, by messages to the test. Nothing else is there: no WebAssembly, no Node.
;((global) => {
  const started = Date.now()
  const runs = new Map()
  const sockets = new Map()
  let lastId = 0

  const send = (message) => global.print(`@${JSON.stringify(message)}`)
  const guarded = (run) => {
    try {
      run()
    } catch (error) {
      const { cause } = error
      send({ uncaught: `${error.stack}${cause ? `, because of ${cause.stack}` : ''}` })
    }
  }
  const toHex = (bytes) => {
    let hex = ''
    for (const byte of bytes) hex += (byte + 256).toString(16).slice(1)
    return hex
  }
  const fromHex = (hex) => {
    const bytes = new Uint8Array(hex.length / 2)
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
    return bytes
  }

  // Today's Hermes has these; npm has its command line in a version of 2022 only.
  const typed = Object.getPrototypeOf(Uint8Array.prototype)
  for (const prototype of [Array.prototype, String.prototype, typed]) {
    if (prototype.at === undefined) {
      const at = function (index) {
        return this[index < 0 ? this.length + index : index]
      }
      Object.defineProperty(prototype, 'at', { value: at, configurable: true, writable: true })
    }
  }

  // React Native's promises have it.
  if (Promise.allSettled === undefined) {
    const fulfilled = (value) => ({ status: 'fulfilled', value })
    const rejected = (reason) => ({ status: 'rejected', reason })
    Promise.allSettled = (all) => Promise.all(Array.from(all, (one) => Promise.resolve(one).then(fulfilled, rejected)))
  }

  global.window = global
  global.performance = { now: () => Date.now() - started }
  global.console = { log: (text) => send({ log: `${text}` }), warn() {}, error: (text) => send({ log: `${text}` }) }
  global.queueMicrotask = (run) => void Promise.resolve().then(() => guarded(run))
  global.setTimeout = (run, delayMs) => {
    const id = ++lastId
    runs.set(id, run)
    send({ timer: id, delayMs: delayMs || 0 })
    return id
  }
  global.clearTimeout = (id) => void runs.delete(id)
  global.setInterval = (run, everyMs) => {
    const id = ++lastId
    const again = () => {
      runs.set(id, again)
      send({ timer: id, delayMs: everyMs })
      run()
    }
    runs.set(id, again)
    send({ timer: id, delayMs: everyMs })
    return id
  }
  global.clearInterval = global.clearTimeout
  global.setImmediate = (run) => global.setTimeout(run, 0)

  // An application adds it: react-native-get-random-values.
  global.crypto = {
    getRandomValues(bytes) {
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256
      return bytes
    }
  }

  // Without `bufferedAmount`, as there. Not a class: this version of Hermes has none, and Metro does not compile this file.
  global.WebSocket = function (url) {
    this.id = ++lastId
    this.listeners = {}
    sockets.set(this.id, this)
    send({ open: this.id, url })
  }
  global.WebSocket.prototype = {
    addEventListener(type, listener) {
      this.listeners[type] = (this.listeners[type] || []).concat(listener)
    },
    send(bytes) {
      send({ write: this.id, hex: toHex(bytes) })
    },
    close(code) {
      send({ close: this.id, code: code || 1000 })
    },
    hear(type, event) {
      for (const listener of this.listeners[type] || []) guarded(() => listener(event))
    }
  }

  // The event of AppState.
  const states = []
  global.AppState = { addEventListener: (_, listener) => states.push(listener) }

  global.hear = ({ fire, socket, type, event, hex, state, call, args }) => {
    if (fire !== undefined) {
      const run = runs.get(fire)
      runs.delete(fire)
      if (run !== undefined) guarded(run)
    }
    if (socket !== undefined) sockets.get(socket).hear(type, hex === undefined ? event : { data: fromHex(hex).buffer })
    if (state !== undefined) for (const listener of states) guarded(() => listener(state))
    if (call !== undefined) guarded(() => global[call](...args))
  }
  global.report = (what, value) => send({ report: what, value })
})(globalThis)
