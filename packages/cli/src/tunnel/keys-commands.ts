import { Command } from 'commander'
import { addExamples } from '../shared/command/examples.js'
import { jsonLine } from '../shared/command/json.js'
import { positiveNumber } from '../shared/command/option-values.js'
import { keyEncoding, parseKey } from '../shared/names/keys.js'
import { ownGroup, ownKeyPair } from './identity.js'

const DAY_MS = 86_400_000

/** `swarmway key`. */
export function keyCommand(): Command {
  const command = new Command('key')
    .description('show the public key of this user on this machine, for "serve --allow" and "invite"')
    .option('--json', 'print one JSON object')
    .action(({ json }: { json?: boolean }) => print('key', keyEncoding.encode(ownKeyPair().publicKey), json))
  command.addHelpText(
    'after',
    `
The public key is not a secret. The secret key beside it is made at the first use and stays in your data folder
(~/.local/share/swarmway/identity.seed on Linux).`
  )
  addExamples(command, [['swarmway serve 22 --allow <key>', 'what the other side does with it']])
  return command
}

/** `swarmway invite`. */
export function inviteCommand(): Command {
  const command = new Command('invite')
    .description('invite the holder of a key to a group of yours, for "serve --group"')
    .argument('<group>', 'the name of the group; it is made if it does not exist')
    .argument('<key>', 'what "swarmway key" shows the person you invite')
    .option('-l, --label <text>', 'a name for the person, which members can see')
    .option('-d, --days <number>', 'how long it is valid (default: for ever)', positiveNumber)
    .option('--json', 'print one JSON object')
    .action(invite)
  command.addHelpText(
    'after',
    `
Prints an invitation, which works only together with the secret key of that person, so it may travel in the open. The
secret key of the group stays in your data folder. An invitation cannot be withdrawn, so give it a limit in days.`
  )
  addExamples(command, [
    ['swarmway invite friends <key> --label anna --days 90', 'prints the invitation'],
    ['swarmway serve 22 --group friends', 'lets in those who have one']
  ])
  return command
}

interface InviteOptions {
  label?: string
  days?: number
  json?: boolean
}

function invite(group: string, key: string, { days, json, label }: InviteOptions): void {
  const expiresAt = days === undefined ? undefined : Date.now() + days * DAY_MS
  const publicKey = parseKey(key, 'A key is the 52 letters (or 64 hex digits) that "swarmway key" prints.')
  print('invitation', String(ownGroup(group).invite(publicKey, { label, expiresAt })), json)
}

function print(what: string, value: string, isJson = false): void {
  process.stdout.write(isJson ? jsonLine({ [what]: value }) : `${value}\n`)
}
