import { createInterface } from 'node:readline/promises'

/** Where a question is asked. */
export interface Asker {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/** Asks on the terminal. Resolves to an empty text at the end of the input. Ctrl-C stops the process as usual. */
export async function ask(question: string, signal: AbortSignal, { input, output }: Asker): Promise<string> {
  const terminal = createInterface({ input, output })
  // Readline takes Ctrl-C for itself.
  terminal.on('SIGINT', () => process.emit('SIGINT'))
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  try {
    return (await Promise.race([terminal.question(question, { signal }), ended])).trim()
  } finally {
    terminal.close()
  }
}

/** Asks a question that Enter answers with yes. */
export async function confirm(question: string, signal: AbortSignal, asker: Asker): Promise<boolean> {
  let isEnded = false
  asker.input.once('end', () => {
    isEnded = true
  })
  for (;;) {
    const answer = (await ask(`${question} [Y/n] `, signal, asker)).toLowerCase()
    if (answer === '' ? !isEnded : /^y(es)?$/.test(answer)) return true
    if (isEnded || /^no?$/.test(answer)) return false
  }
}
