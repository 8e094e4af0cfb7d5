/** Tables for the reference pages. Biome aligns them afterwards. */
import type { Member } from './source.ts'

/** A table of options: name, type, default, what it does. Throws an error if a comment does not state the default. */
export function optionsTable(members: readonly Member[]): string {
  const silent = members.filter(({ doc, isOptional }) => isOptional && doc.default === null)
  if (silent.length > 0) {
    throw new Error(`no "Default: ..." in the doc comment of ${silent.map(({ path }) => path).join(', ')}`)
  }
  const rows = members.map((member) => [code(member.name), code(member.type), member.doc.default ?? '', said(member)])
  return table(['option', 'type', 'default', 'what it does'], rows)
}

/** A table of fields or properties: name, type, what it is. */
export function fieldsTable(members: readonly Member[], heading = 'property'): string {
  const rows = members.map((member) => [code(nameOf(member)), code(member.signature ? '' : member.type), said(member)])
  return table([heading, 'type', 'what it is'], rows)
}

/** A table of events: name, the listener's arguments, when. */
export function eventsTable(members: readonly Member[]): string {
  const rows = members.map((member) => [code(member.name), code(listenerOf(member.type)), said(member)])
  return table(['event', 'listener gets', 'when'], rows)
}

/** A table of methods: signature, what it does. */
export function methodsTable(members: readonly Member[]): string {
  return table(
    ['method', 'what it does'],
    members.map((member) => [code(member.signature ?? member.name), said(member)])
  )
}

/** A list of types, functions and the like: name, declaration, what it is. */
export function definitions(members: readonly Member[]): string {
  return members
    .map(
      (member) =>
        `- ${code(member.signature ?? (member.type ? `${member.name}: ${member.type}` : member.name))}: ${said(member)}`
    )
    .join('\n')
}

/** The text of its comment. Throws an error if there is no comment. */
export function said({ doc, path }: Member): string {
  if (doc.text === '') throw new Error(`${path} has no doc comment`)
  return doc.text.replace(/\bdocs\/([\w-]+\.md)\b/g, '[$1](../$1)')
}

function nameOf({ isOptional, name, signature }: Member): string {
  return signature ?? (isOptional ? `${name}?` : name)
}

/** The types in an event's tuple, by name: `[info: PeerInfo]` is `info: PeerInfo`. */
function listenerOf(tuple: string): string {
  return tuple.replace(/^\[(.*)\]$/, '$1') || 'nothing'
}

function table(heads: readonly string[], rows: readonly string[][]): string {
  const lines = [heads, heads.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}
