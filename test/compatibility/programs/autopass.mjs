// A password manager: a second device is invited, and both write.
import { createFolder, installed, pass, until } from './support.mjs'

const Autopass = installed('autopass')
const Corestore = installed('corestore')

const first = new Autopass(new Corestore(createFolder()))
await first.add('from the first', 'one')
const invite = await first.createInvite()
const second = await Autopass.pair(new Corestore(createFolder()), invite).finished()
await second.ready()
await until(async () => (await second.get('from the first'))?.value === 'one')
await second.add('from the second', 'two')
await until(async () => (await first.get('from the second'))?.value === 'two')

await second.suspend()
await first.add('written meanwhile', 'three')
await second.resume()
await until(async () => (await second.get('written meanwhile'))?.value === 'three')
pass()
