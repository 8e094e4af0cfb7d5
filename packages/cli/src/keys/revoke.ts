import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { jsonLine } from '../shared/command/json.js'
import { usageError } from '../shared/errors/cli-error.js'
import { keyEncoding } from '../shared/names/keys.js'
import { seenText, withoutInvisible } from '../shared/terminal/invisible.js'
import { existingGroup } from './identity.js'
import { type Member, MemberFiles } from './member-files.js'

/** `swarmway revoke`. */
export function revokeCommand(): Command {
  const command = new Command('revoke')
    .description('take back the invitations of a key to a group of yours')
    .argument('<group>', 'the name of the group')
    .argument('<key or label>', 'whose; "swarmway members" shows both')
    .option('--json', 'print one JSON object')
    .action(revoke)
  addAbout(
    command,
    `
A "swarmway serve --group" that runs on this machine closes the connections of that key within a second, and no
longer lets it in. "swarmway invite" lets it in again.`
  )
  addExamples(command, [
    ['swarmway members friends', 'shows whom you invited'],
    ['swarmway revoke friends anna', 'by the label of the invitation'],
    ['swarmway revoke friends <key>', 'by the key']
  ])
  return command
}

function revoke(name: string, text: string, { json }: { json?: boolean }): void {
  const files = new MemberFiles(existingGroup(name).folder)
  const key = keyOf(seenText(text), name, files.list())
  const isNew = files.revoke(key)
  const shown = keyEncoding.encode(key)
  if (json) process.stdout.write(jsonLine({ group: name, key: shown, revoked: true }))
  else process.stdout.write(isNew ? `Revoked: ${shown}\n` : `It was revoked before: ${shown}\n`)
}

/** A key counts whether or not it was invited from this machine. */
function keyOf(text: string, group: string, members: readonly Member[]): Uint8Array {
  try {
    return new Uint8Array(keyEncoding.decode(text))
  } catch {
    const labelled = members.filter(({ label }) => withoutInvisible(label) === text)
    const [first, second] = labelled
    if (first === undefined) throw usageError(`"${text}" is not a key, and nobody in "${group}" has this label.`, LIST)
    if (second === undefined) return first.key
    throw usageError(`${labelled.length} members of "${group}" have the label "${text}".`, `Give the key. ${LIST}`)
  }
}

const LIST = '"swarmway members <group>" shows keys and labels.'
