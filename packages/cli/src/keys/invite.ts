import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { printOne } from '../shared/command/json.js'
import { positiveNumber } from '../shared/command/option-values.js'
import { usageError } from '../shared/errors/cli-error.js'
import { parseKey } from '../shared/names/keys.js'
import { hasHiddenMeaning } from '../shared/terminal/clean-text.js'
import { Status } from '../shared/terminal/status.js'
import { ownGroup } from './identity.js'
import { MemberFiles } from './member-files.js'

const DAY_MS = 86_400_000

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
  addAbout(
    command,
    `
Prints an invitation, which works only together with the secret key of that person, so it may travel in the open. The
secret key of the group stays in your data folder. "swarmway members" shows whom you invited, and "swarmway revoke" takes
an invitation back. After "revoke", a new invitation lets that person in again, and earlier ones work again too.`
  )
  addExamples(command, [
    ['swarmway invite friends <key> --label anna --days 90', 'prints the invitation'],
    ['swarmway serve 22 --group friends', 'lets in those who have one'],
    ['swarmway revoke friends anna', 'takes it back']
  ])
  return command
}

interface InviteOptions {
  label?: string
  days?: number
  json?: boolean
}

function invite(name: string, text: string, { days, json, label = '' }: InviteOptions): void {
  const expiresAt = days === undefined ? null : Date.now() + days * DAY_MS
  if (hasHiddenMeaning(label)) throw usageError('The label has characters that do not show.', 'Type it again.')
  const key = parseKey(text, 'A key is the 52 letters (or 64 hex digits) that "swarmway key" prints.')
  const { folder, group } = ownGroup(name)
  const invitation = String(group.invite(key, { label, expiresAt: expiresAt ?? undefined }))
  const wasRevoked = new MemberFiles(folder).invite({ key, label, expiresAt })
  printOne('invitation', invitation, json)
  if (wasRevoked) new Status(process.stderr, json).say('This key was revoked; it may come in again.')
}
