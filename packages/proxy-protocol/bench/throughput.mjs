/**
 * Throughput of one stream through two sessions in one process, over an in-memory pair and over TCP on loopback:
 *
 *     npx tsx --conditions=@swarmway/source packages/proxy-protocol/bench/throughput.mjs
 */
import net from 'node:net'
import { Link, Session } from '../src/index.ts'
import { wire } from '../test/support/helpers.ts'

const TRANSPORTS = { memory: async () => wire(), tcp }

for (const [name, connect] of Object.entries(TRANSPORTS)) {
  for (const size of [64 * 1024, 1200]) {
    const results = []
    for (let round = 0; round < 3; round++) results.push(await measure(connect, size, 1e9))
    console.log(`${name} ${size} B writes: ${results.map((mbps) => mbps.toFixed(0)).join(' ')} MB/s`)
  }
}

async function measure(connect, size, total) {
  const [near, far] = await connect()
  const a = new Session({ isInitiator: true })
  const received = deferred()
  const b = new Session({ isInitiator: false, onStream: (stream) => count(stream, total, received.resolve) })
  a.attach(new Link(near), 0)
  b.attach(new Link(far), 0)
  const start = performance.now()
  pump(a.openStream(new Uint8Array(0)), size, total)
  await received.promise
  const ms = performance.now() - start
  a.destroy()
  b.destroy()
  return total / ms / 1000
}

function pump(stream, size, total) {
  const chunk = Buffer.alloc(size, 1)
  let sent = 0
  const more = () => {
    while (sent < total) {
      sent += size
      if (!stream.write(chunk)) return
    }
  }
  stream.on('drain', more)
  more()
}

function count(stream, total, done) {
  stream.on('data', () => {
    if (stream.bytesRead >= total) done()
  })
}

function tcp() {
  return new Promise((resolve) => {
    const server = net.createServer((far) => {
      server.close()
      resolve([near, far])
    })
    let near
    server.listen(0, '127.0.0.1', () => {
      near = net.connect(server.address().port, '127.0.0.1')
    })
  })
}

function deferred() {
  let resolve
  const promise = new Promise((r) => {
    resolve = r
  })
  return { promise, resolve }
}
