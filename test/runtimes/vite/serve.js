// The development server: it bundles dependencies on its own when it first sees them.
import { createServer } from 'vite'

const server = await createServer({ logLevel: 'silent', server: { host: '127.0.0.1', port: 0 } })
await server.listen()
console.log(`http://127.0.0.1:${server.httpServer.address().port}/`)
