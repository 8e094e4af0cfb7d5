import { Command } from 'commander'
import { addExamples } from '../shared/command/examples.js'
import { jsonLine } from '../shared/command/json.js'
import { keyEncoding } from '../shared/names/keys.js'
import { cleanText } from '../shared/terminal/clean-text.js'
import { Status } from '../shared/terminal/status.js'
import { existingGroup, groupNames } from './identity.js'
import { type Member, MemberFiles } from './member-files.js'

interface MembersOptions {
  json?: boolean
}

/** `swarmway members`. */
export function membersCommand(): Command {
  const command = new Command('members')
    .description('show whom you invited to a group of yours, and who was revoked')
    .argument('[group]', 'the name of the group (default: show the names of your groups)')
    .option('--json', 'print one JSON object')
    .action((name: string | undefined, options: MembersOptions) =>
      name === undefined ? showGroups(options) : showMembers(name, options)
    )
  addExamples(command, [
    ['swarmway members friends', 'key, until when, label'],
    ['swarmway revoke friends <key or label>', 'takes an invitation back']
  ])
  return command
}

function showGroups({ json }: MembersOptions): void {
  const groups = groupNames()
  if (json) process.stdout.write(jsonLine({ groups }))
  else process.stdout.write(groups.map((name) => `${name}\n`).join(''))
  if (groups.length === 0) say('There are no groups. "swarmway invite" makes one.', json)
}

function showMembers(name: string, { json }: MembersOptions): void {
  const members = new MemberFiles(existingGroup(name).folder).list()
  if (json) process.stdout.write(jsonLine({ group: name, members: members.map(asJson) }))
  else process.stdout.write(members.map((member) => `${line(member)}\n`).join(''))
  if (members.length === 0) say(`Nobody was invited. "swarmway invite ${name} <key>" does it.`, json)
}

function asJson({ expiresAt, isRevoked, key, label }: Member): object {
  const until = expiresAt === null ? null : new Date(expiresAt).toISOString()
  return { key: keyEncoding.encode(key), label, expiresAt: until, revoked: isRevoked }
}

function line({ expiresAt, isRevoked, key, label }: Member): string {
  const state = isRevoked ? 'revoked' : expiresAt === null ? 'for ever' : stateUntil(expiresAt)
  return `${keyEncoding.encode(key)}  ${state.padEnd(16)}  ${cleanText(label)}`.trimEnd()
}

function stateUntil(expiresAt: number): string {
  return expiresAt <= Date.now() ? 'expired' : `until ${new Date(expiresAt).toISOString().slice(0, 10)}`
}

function say(text: string, json = false): void {
  new Status(process.stderr, json).say(text)
}
