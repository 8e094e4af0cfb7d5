import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { decodeRevocation, type RevocationFields } from './statement.js'

interface KeptList {
  readonly number: number
  readonly members: ReadonlySet<PublicKeyHex>
}

/** The former members, by the latest list of each group. */
export class Revocations {
  readonly #lists = new Map<PublicKeyHex, KeptList>()

  /** Takes a signed list; null if it is not later than the current one. Throws MEMBERSHIP_INVALID. */
  add(list: Uint8Array): RevocationFields | null {
    const fields = decodeRevocation(list)
    const group = publicKeyHex(fields.groupKey)
    const kept = this.#lists.get(group)
    if (kept !== undefined && fields.number <= kept.number) return null
    this.#lists.set(group, { number: fields.number, members: new Set(fields.memberKeys.map(publicKeyHex)) })
    return fields
  }

  has(groupKey: Uint8Array, memberKey: Uint8Array): boolean {
    return this.#lists.get(publicKeyHex(groupKey))?.members.has(publicKeyHex(memberKey)) === true
  }
}
