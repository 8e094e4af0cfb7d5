// Starts a worker that meets the peer. Its answer comes through a port of its own, the same way for every kind.
const scopes = { web: openWeb, shared: openShared, service: openService }

globalThis.meetIn = async (kind, script, type, request) => {
  const { port1, port2 } = new MessageChannel()
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data)
  })
  const target = await scopes[kind](script, type)
  target.postMessage(request, [port2])
  return answer
}

function openWeb(script, type) {
  return new Worker(script, { type })
}

function openShared(script, type) {
  return new SharedWorker(script, { type }).port
}

async function openService(script, type) {
  await navigator.serviceWorker.register(script, { type })
  return (await navigator.serviceWorker.ready).active
}
