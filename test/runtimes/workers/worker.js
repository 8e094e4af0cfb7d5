import { meet } from '../app/meet.js'

if ('SharedWorkerGlobalScope' in globalThis) addEventListener('connect', ({ ports: [port] }) => listen(port))
else addEventListener('message', onMessage)

function listen(port) {
  port.addEventListener('message', onMessage)
  port.start()
}

async function onMessage(event) {
  const { name, url } = event.data
  const answer = meet(url, name).catch((error) => `failed: ${error.stack}`)
  // A service worker may be ended when it has nothing to wait for.
  event.waitUntil?.(answer)
  event.ports[0].postMessage(await answer)
}
