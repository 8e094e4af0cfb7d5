/** Runs in a page, so it must be self-contained: joins, greets the peer it meets, and resolves to the peer's answer. */
export async function talk({ url, name }: { url: string; name: string }): Promise<string> {
  const { ProxyClient, topicFrom, websocket } = globalThis as unknown as typeof import('../../../src/index.js') &
    typeof import('../../../src/transports/websocket.js')
  const swarm = new ProxyClient({ connect: websocket(url) })
  const heard = new Promise<string>((resolve) => {
    swarm.on('connection', (connection) => {
      connection.write(new TextEncoder().encode(`hello from ${name}`))
      connection.once('data', (data) => resolve(new TextDecoder().decode(data)))
    })
  })
  swarm.join(topicFrom('a topic'))
  return heard
}
