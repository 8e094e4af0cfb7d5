import { createInterface } from 'node:readline/promises'

/** Where a question is asked. */
export interface Asker {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/**
 * Asks on the terminal. Resolves to null at the end of the input, such as Ctrl-D. Ctrl-C stops the process as usual; rejects
 * with the signal's reason once that fires.
 */
export async function ask(question: string, signal: AbortSignal, { input, output }: Asker): Promise<string | null> {
  const terminal = createInterface({ input, output })
  // Readline takes Ctrl-C for itself.
  terminal.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  const ended = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)))
  try {
    const answer = await Promise.race([terminal.question(question, { signal }), ended])
    if (answer === null) output.write('\n')
    return answer?.trim() ?? null
  } catch (error) {
    // Readline rejects with an error of its own.
    signal.throwIfAborted()
    throw error
  } finally {
    terminal.close()
  }
}

/** Asks a question that Enter answers with yes, and the end of the input with no. */
export async function confirm(question: string, signal: AbortSignal, asker: Asker): Promise<boolean> {
  for (;;) {
    const answer = (await ask(`${question} [Y/n] `, signal, asker))?.toLowerCase()
    if (answer === '' || answer === 'y' || answer === 'yes') return true
    if (answer === undefined || answer === 'n' || answer === 'no') return false
  }
}
