import type { Room } from '../room/room.ts'
import { h, set } from './dom.ts'

/** Offers files from this computer to the room. */
export async function shareFiles(room: Room, files: readonly File[], onProblem: (text: string) => void): Promise<void> {
  for (const file of files) {
    const read = async (start: number, end: number) => new Uint8Array(await file.slice(start, end).arrayBuffer())
    const source = { name: file.name, mediaType: file.type, sizeBytes: file.size, read }
    await room.share(source).catch((error: Error) => onProblem(`${file.name}: ${error.message}`))
  }
}

/** Accepts files dropped anywhere on the page until the signal aborts. Returns the overlay shown while dragging. */
export function acceptDrops(signal: AbortSignal, onFiles: (files: File[]) => void): HTMLElement {
  const veil = h('div', { class: 'veil', hidden: true, 'aria-hidden': 'true' }, h('p', {}, 'Drop to share'))
  // Every element reports when the pointer leaves it; it has left the page when no element has it.
  let depth = 0
  const move = (step: number) => {
    depth = step === 0 ? 0 : Math.max(0, depth + step)
    set(veil, { hidden: depth === 0 })
  }
  const listen = (type: string, run: (event: DragEvent) => void) =>
    addEventListener(type, (event) => hasFiles(event as DragEvent) && run(event as DragEvent), { signal })
  listen('dragenter', () => move(1))
  listen('dragleave', () => move(-1))
  listen('dragover', (event) => event.preventDefault())
  listen('drop', (event) => {
    event.preventDefault()
    move(0)
    onFiles([...(event.dataTransfer?.files ?? [])])
  })
  return veil
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false
}
