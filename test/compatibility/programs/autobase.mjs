// Two writers of one Autobase, with Corestore: each sees what the other appends.
import { createFolder, createSwarm, installed, pass, until } from './support.mjs'

const Autobase = installed('autobase')
const Corestore = installed('corestore')
const HANDLERS = {
  valueEncoding: 'json',
  open: (store) => store.get('view', { valueEncoding: 'json' }),
  async apply(nodes, view, base) {
    for (const { value } of nodes) {
      if (value.add) await base.addWriter(Buffer.from(value.add, 'hex'), { indexer: true })
      else await view.append(value)
    }
  }
}

const first = await open(null)
const second = await open(first.key)
for (const base of [first, second]) {
  const swarm = createSwarm()
  swarm.on('connection', (connection) => base.replicate(connection))
  await swarm.join(base.discoveryKey).flushed()
}
await first.append({ add: second.local.key.toString('hex') })
await until(() => second.writable)
await first.append({ from: 'first' })
await second.append({ from: 'second' })
await until(async () => (await viewOf(first)) === 'first,second' && (await viewOf(second)) === 'first,second')
pass()

async function open(key) {
  const base = new Autobase(new Corestore(createFolder()), key, HANDLERS)
  await base.ready()
  return base
}

async function viewOf({ view }) {
  const blocks = await Promise.all(Array.from({ length: view.length }, (_, index) => view.get(index)))
  return blocks
    .map(({ from }) => from)
    .sort()
    .join()
}
