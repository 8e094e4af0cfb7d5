/** Calls of a suite: by global name in a page, by messages in a worker. */
type Functions = Record<string, (argument: never) => unknown>

/** A call to a worker, and its answer. */
export interface Call {
  id: number
  method: string
  argument: unknown
}

interface WorkerScope {
  document?: object
  addEventListener(type: 'message', listener: (event: { data: Call }) => void): void
  postMessage(message: unknown): void
}

/** Answers calls from the page that this code runs in, or from the page that owns this worker. */
export function serveSuite(functions: object): void {
  const scope = globalThis as unknown as WorkerScope
  Object.assign(scope, { suite: functions })
  if (scope.document !== undefined) return
  scope.addEventListener('message', async ({ data: { argument, id, method } }) => {
    const result = await (functions as Functions)[method]?.(argument as never)
    scope.postMessage({ id, result })
  })
  scope.postMessage({ ready: true })
}
