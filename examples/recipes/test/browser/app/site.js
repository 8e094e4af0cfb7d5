import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { DriveReader } from '../../../drive/drive-reader.ts'
import { showPage } from '../../../drive/site.js'

globalThis.openSite = async (url, key) => {
  const swarm = new ProxyClient({ connect: websocket(url) })
  const drive = await DriveReader.open(swarm, Uint8Array.from(key))
  await showPage(drive, '/index.html', document.body.appendChild(document.createElement('iframe')))
  return {
    paths: await drive.list(),
    bytes: (await drive.read('/big.bin')).byteLength,
    missing: await drive.read('/none')
  }
}
