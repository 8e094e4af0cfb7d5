import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { printOne } from '../shared/command/json.js'
import { keyEncoding } from '../shared/names/keys.js'
import { ownKeyPair } from './identity.js'

/** `swarmway key`. */
export function keyCommand(): Command {
  const command = new Command('key')
    .description('show the public key of this user on this machine, for "serve --allow" and "invite"')
    .option('--json', 'print one JSON object')
    .action(({ json }: { json?: boolean }) => printOne('key', keyEncoding.encode(ownKeyPair().publicKey), json))
  addAbout(
    command,
    `
The public key is not a secret. The secret key beside it is made at the first use and stays in your data folder
(~/.local/share/swarmway/identity.seed on Linux).`
  )
  addExamples(command, [['swarmway serve 22 --allow <key>', 'what the other side does with it']])
  return command
}
