import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'

/** Milliseconds to wait for an answer before asking again, and in total. */
const RETRY_MS = 500
const DEADLINE_MS = 2500

const REQUEST_HEADER = Buffer.from('000100002112a442', 'hex')
const SUCCESS = 0x0101
/** An attribute XOR-MAPPED-ADDRESS of an IPv4 address, which comes first. */
const MAPPED_IPV4 = Buffer.from('002000080001', 'hex')
const ANSWER_BYTES = 32

/**
 * Our address as the STUN server at this URL (`stun:host:port`) sees it over IPv4, as host:port; null if it does not answer.
 */
export async function askStun(url: string): Promise<string | null> {
  const [, host, port] = /^stun:(.+):(\d+)$/.exec(url) ?? []
  if (host === undefined || port === undefined) return null
  const found = await lookup(host, { family: 4 }).catch(() => null)
  return found && exchange(found.address, Number(port))
}

function exchange(address: string, port: number): Promise<string | null> {
  const request = Buffer.concat([REQUEST_HEADER, randomBytes(12)])
  const socket = createSocket('udp4')
  const ask = () => socket.send(request, port, address, () => {})
  return new Promise((resolve) => {
    const end = (result: string | null) => {
      clearInterval(retry)
      clearTimeout(deadline)
      socket.close()
      resolve(result)
    }
    const retry = setInterval(ask, RETRY_MS)
    const deadline = setTimeout(() => end(null), DEADLINE_MS)
    socket.on('error', () => {})
    socket.on('message', (answer) => {
      const mapped = readAnswer(answer, request)
      if (mapped !== null) end(mapped)
    })
    ask()
  })
}

/** Null unless it answers this request. */
function readAnswer(answer: Buffer, request: Buffer): string | null {
  const isAnswer = answer.byteLength >= ANSWER_BYTES && answer.readUInt16BE(0) === SUCCESS
  if (!isAnswer || !answer.subarray(4, 20).equals(request.subarray(4))) return null
  if (!answer.subarray(20, 26).equals(MAPPED_IPV4)) return null
  const unmasked = answer
    .subarray(26, 32)
    .map((byte, index) => byte ^ (request[4 + (index < 2 ? index : index - 2)] ?? 0))
  return `${unmasked.subarray(2).join('.')}:${Buffer.from(unmasked).readUInt16BE(0)}`
}
