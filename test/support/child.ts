import type { ChildProcess } from 'node:child_process'

/** The first message of a forked program. Rejects if the program ends before it. */
export function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    child.once('exit', (code) => reject(new Error(`the program ended early, with code ${code}`)))
  })
}

/** Lets a forked program end on its own, and resolves to its exit code. */
export function end(child: ChildProcess): Promise<number | null> {
  child.removeAllListeners('exit')
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.send('end')
  })
}
