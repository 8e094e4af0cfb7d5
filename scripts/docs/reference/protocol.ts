/** The parts of docs/protocol.md that are made from the tables of the protocol and from its test vectors. */
import {
  CLIENT_NOTICES,
  CLIENT_REQUESTS,
  FRAME,
  type NoticeOperation,
  type NoticeTable,
  SERVER_NOTICES,
  SERVER_REQUESTS,
  WIRE_CODES
} from '../../../packages/proxy-protocol/src/index.ts'
import { readText } from '../root.ts'

interface Vector {
  readonly name: string
  readonly part?: string
  readonly seed?: string
  readonly hex: string
  readonly value: unknown
}

/** An operation in a table of the control protocol, with its doc comment. */
const OPERATION = /^ {2}\/\*\* (.+) \*\/\n {2}([A-Z_]+): \{/gm

const VECTORS: Readonly<Record<string, readonly Vector[]>> = JSON.parse(readText('docs/protocol/vectors.json'))

export const clientRequests = (): string => operations(CLIENT_REQUESTS, 'client-requests')
export const clientNotices = (): string => operations(CLIENT_NOTICES, 'client-notices')
export const serverRequests = (): string => operations(SERVER_REQUESTS, 'server-requests')
export const serverNotices = (): string => operations(SERVER_NOTICES, 'server-notices')
export const frameTypes = (): string => numbers('type', FRAME, (value) => `0x${value.toString(16).padStart(2, '0')}`)
export const wireCodes = (): string => numbers('code', WIRE_CODES, String)
export const frameVectors = (): string => vectors('frames')
export const bodyVectors = (): string => vectors('bodies')
export const signatureVectors = (): string => `${vectors('proofs')}\n\n${vectors('signatures')}`

function operations(table: NoticeTable, file: string): string {
  const comments = readDocComments(`packages/proxy-protocol/src/control/${file}.ts`)
  const rows = Object.entries(table).map(([name, operation]) => {
    const cells = [String(operation.number), `\`${name}\``, code(operation.body.layout), answerOf(operation)]
    return `| ${[...cells, limitsOf(operation), comments.get(name) ?? ''].join(' | ')} |`
  })
  return ['| number | name | body | answer | limits | what it is for |', '|---|---|---|---|---|---|', ...rows].join(
    '\n'
  )
}

function answerOf(operation: NoticeOperation): string {
  if (!('answer' in operation)) return 'none'
  const { layout } = operation.answer as NoticeOperation['body']
  return layout === '' ? 'empty' : code(layout)
}

function limitsOf({ limits }: NoticeOperation): string {
  return limits.map(code).join(', ')
}

function numbers(what: string, table: Readonly<Record<string, number>>, format: (value: number) => string): string {
  const rows = Object.entries(table).map(([name, value]) => `| ${format(value)} | \`${name}\` |`)
  return [`| number | ${what} |`, '|---|---|', ...rows].join('\n')
}

function vectors(kind: string): string {
  const blocks = (VECTORS[kind] ?? []).map(({ name, part, seed, hex, value }) => {
    const title = part === undefined ? name : `${name}, ${part}`
    const key = seed === undefined ? '' : `\n  seed   ${seed}`
    return `${title}${key}\n  value  ${print(value)}\n  bytes  ${hex}`
  })
  return `\`\`\`text\n${blocks.join('\n\n')}\n\`\`\``
}

/** Bytes are `{ "hex": "..." }` in the file; here they are plain hex, and runs of one byte are shortened. */
function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const { hex } = value as { hex?: string }
  if (hex !== undefined) return printBytes(hex)
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${print(part)}`)
    .join(', ')} }`
}

function printBytes(hex: string): string {
  const isRun = hex.length > 16 && hex === hex.slice(0, 2).repeat(hex.length / 2)
  if (isRun) return `${hex.length / 2} times ${hex.slice(0, 2)}`
  return hex === '' ? 'no bytes' : hex
}

function code(text: string): string {
  return `\`${text}\``
}

/** The doc comments of the operations in a table of the control protocol, each on one line. */
function readDocComments(path: string): Map<string, string> {
  return new Map([...readText(path).matchAll(OPERATION)].map(([, text = '', name = '']) => [name, text]))
}
