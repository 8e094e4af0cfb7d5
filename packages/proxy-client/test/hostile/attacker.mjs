/** Runs one attack, in a process of its own. */
import { ATTACKS } from './attacks.mjs'
import { HALF_OPEN_ATTACKS } from './half-open.mjs'
import { SIGNALLING_ATTACKS } from './signalling.mjs'

const [, , name, target] = process.argv
process.on('unhandledRejection', () => {})
await { ...ATTACKS, ...SIGNALLING_ATTACKS, ...HALF_OPEN_ATTACKS }[name](JSON.parse(target))
process.send('in full force')
setInterval(() => {}, 1000)
