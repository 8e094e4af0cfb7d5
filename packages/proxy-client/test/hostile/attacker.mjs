/** Runs one attack, in a process of its own. */
import { ATTACKS } from './attacks.mjs'

const [, , name, ports] = process.argv
process.on('unhandledRejection', () => {})
await ATTACKS[name](JSON.parse(ports))
process.send('in full force')
setInterval(() => {}, 1000)
