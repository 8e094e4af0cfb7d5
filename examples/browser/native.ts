/** A native peer in the page's rooms: chats line by line, offers files, and saves files of others. See `--help`. */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Swarm } from '@swarmway/swarm'
import { onStop, runCommand } from './command.ts'
import { openFileSource } from './native/file-source.ts'
import { saveInto } from './native/save.ts'
import { Room, type RoomSwarm } from './room/room.ts'
import type { SharedFile } from './room/shared-file.ts'

const HELP = `npm run example:browser:native -- <name of the room> [options]

  --nickname <name>       your name in the room; default "native"
  --share <file>          offer a file; may be repeated
  --save <folder>         fetch every offered file and save it there
  --bootstrap <host:port> a node of a private DHT; default the public DHT
  --host <address>        address to bind the UDP socket to; default all
  --help                  show this help

Each line you type is sent to everyone. Ctrl-C leaves.
`

const OPTIONS = {
  nickname: { type: 'string', default: 'native' },
  share: { type: 'string', multiple: true, default: [] as string[] },
  save: { type: 'string' },
  bootstrap: { type: 'string', multiple: true },
  host: { type: 'string' },
  help: { type: 'boolean', default: false }
} as const

type Values = ReturnType<typeof readArguments>['values']

await runCommand(async () => {
  const { positionals, values } = readArguments()
  const [name] = positionals
  if (values.help) console.log(HELP)
  else if (name === undefined) throw new Error('Give the name of a room.')
  else await enter(name, values)
})

function readArguments() {
  return parseArgs({ allowPositionals: true, options: OPTIONS })
}

async function enter(name: string, values: Values): Promise<void> {
  const { bootstrap, host, nickname, save } = values
  const swarm = new Swarm({ ...(bootstrap && { bootstrap }), ...(host && { host }) })
  const room = new Room(swarm as RoomSwarm, {
    name,
    nickname,
    reach: 'udp',
    onChange: () => {},
    onLine: (line) => print(`${line.nickname}: ${line.text}`),
    onOffer: (file, peer) => void onOffer(room, file, peer.nickname ?? 'somebody', save)
  })
  const input = createInterface({ input: process.stdin })
  input.on('line', (text) => text.trim() !== '' && room.say(text.trim()))
  onStop(async () => {
    input.close()
    await swarm.destroy()
    await room.close()
  })
  for (const path of values.share) await share(room, path)
  await room.discovery.flushed()
  console.log(`In the room "${name}".`)
}

async function share(room: Room, path: string): Promise<void> {
  const source = await openFileSource(path)
  const { offer } = await room.share(source)
  await source.close()
  console.log(`You share ${offer.name}.`)
}

async function onOffer(room: Room, file: SharedFile, from: string, folder: string | undefined): Promise<void> {
  print(`${from} offers ${file.offer.name} (${file.offer.sizeBytes} bytes)`)
  if (folder === undefined) return
  try {
    await room.fetch(file)
    if (file.state === 'complete') print(`Saved ${await saveInto(folder, file)}`)
    else print(`${file.offer.name}: ${file.failure}`)
  } catch (error) {
    print(`${file.offer.name} could not be saved: ${(error as Error).message}`)
  }
}

/** Prints text from strangers without its control characters, which a terminal would obey. */
function print(text: string): void {
  console.log(text.replace(/\p{Cc}/gu, ' '))
}
