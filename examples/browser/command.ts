/** Runs a program of this example and prints errors as one sentence, without a stack trace. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n--help shows the options.`)
    process.exit(1)
  }
}

/** Runs `stop` once, on Ctrl-C or when the system asks the program to end. */
export function onStop(stop: () => Promise<void>): void {
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      void stop()
    })
  }
}
