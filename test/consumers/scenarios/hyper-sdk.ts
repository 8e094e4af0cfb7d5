import { expect, onTestFinished } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { createSdk, type Sdk } from '../support/packages.ts'
import { createFolder } from '../support/storage.ts'

const BEE = { keyEncoding: 'utf-8', valueEncoding: 'utf-8' }

/**
 * hyper-sdk with its option `swarm`: two instances find each other for a core, a drive and a bee, and again after one
 * was suspended.
 */
export async function useHyperSdk(writing: AnySwarm, reading: AnySwarm): Promise<void> {
  const [here, there] = [await open(writing), await open(reading)]
  expect(here.publicKey).toEqual(writing.keyPair.publicKey)

  const core = await here.get('a core')
  await core.append([Buffer.from('a block')])
  expect(String(await (await there.get(core.key)).get(0))).toBe('a block')

  const drive = await here.getDrive('a drive')
  await drive.put('/readme.md', Buffer.from('a file'))
  expect(String(await (await there.getDrive(drive.key)).get('/readme.md'))).toBe('a file')

  const bee = await here.getBee('a bee', BEE)
  await bee.put('name', 'a value')
  expect(await (await there.getBee(bee.core.key, BEE)).get('name')).toMatchObject({ value: 'a value' })
  expect(writing.connections.size).toBe(1)

  await there.suspend()
  await core.append([Buffer.from('written meanwhile')])
  await there.resume()
  expect(String(await (await there.get(core.key)).get(1))).toBe('written meanwhile')
}

async function open(swarm: AnySwarm): Promise<Sdk> {
  const sdk = await createSdk({ storage: createFolder(), swarm })
  onTestFinished(() => sdk.close())
  return sdk
}
