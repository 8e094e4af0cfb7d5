/** What a broker asks for: certificates, and JSON Web Tokens of operators, accounts and users, made for one test. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Files of a key and its certificate. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** Why certificates cannot be made; null if they can. */
export function opensslObstacle(): string | null {
  return spawnSync('openssl', ['version']).error === undefined ? null : 'openssl is not installed'
}

/** A folder that is deleted after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-broker-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An authority of its own: its certificate, and what it has signed, by default for `localhost`. */
export function authority(folder: string, name = 'authority') {
  const files = (of: string): Certificate => ({ key: join(folder, `${of}.key`), cert: join(folder, `${of}.pem`) })
  const own = files(name)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', own.key, '-out', own.cert, '-days', '1', '-subj', `/CN=${name}`)
  const sign = (who: string, host = 'DNS:localhost'): Certificate => {
    const { cert, key } = files(`${name}-${who}`)
    const request = join(folder, `${who}.csr`)
    const subject = ['-subj', `/CN=${who}`, '-addext', `subjectAltName=${host}`]
    openssl('req', ...newKey, '-keyout', key, '-out', request, ...subject)
    const by = ['-CA', own.cert, '-CAkey', own.key, '-set_serial', '1', '-days', '1', '-copy_extensions', 'copy']
    openssl('x509', '-req', '-in', request, ...by, '-out', cert)
    return { cert, key }
  }
  return { cert: own.cert, sign }
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`)
}

interface KeyPair {
  getPublicKey(): string
  getSeed(): Uint8Array
  sign(bytes: Uint8Array): Uint8Array
}

const { nkeys } = createRequire(import.meta.url)('@nats-io/transport-node') as {
  nkeys: Record<'createOperator' | 'createAccount' | 'createUser', () => KeyPair>
}

/** The configuration of a broker with one account, and the file of credentials of one of its users. */
export function accountWithUser(): { config: string; creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()]
  const unlimited = { subs: -1, data: -1, payload: -1 }
  const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
  const operatorToken = tokenOf(operator, operator, { type: 'operator' })
  const accountToken = tokenOf(account, operator, { type: 'account', limits })
  const userToken = tokenOf(user, account, { type: 'user', pub: {}, sub: {}, ...unlimited })
  const preload = `resolver_preload: { ${account.getPublicKey()}: ${accountToken} }`
  return {
    config: `operator: ${operatorToken}\nresolver: MEMORY\n${preload}\n`,
    creds: credsOf(userToken, Buffer.from(user.getSeed()).toString())
  }
}

/** Writes a file. Returns its path. */
export function written(folder: string, name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function tokenOf(subject: KeyPair, issuer: KeyPair, nats: object): string {
  const head = { typ: 'JWT', alg: 'ed25519-nkey' }
  const [iss, sub] = [issuer.getPublicKey(), subject.getPublicKey()]
  const claims = { jti: sub, iat: Math.floor(Date.now() / 1000), iss, sub, name: 'test', nats: { version: 2, ...nats } }
  const signed = [head, claims].map((part) => encoded(JSON.stringify(part))).join('.')
  return `${signed}.${encoded(issuer.sign(Buffer.from(signed)))}`
}

function encoded(part: string | Uint8Array): string {
  return Buffer.from(part).toString('base64url')
}

function credsOf(token: string, seed: string): string {
  const block = (kind: string, content: string) => `-----BEGIN ${kind}-----\n${content}\n------END ${kind}------\n`
  return `${block('NATS USER JWT', token)}\n${block('USER NKEY SEED', seed)}`
}
