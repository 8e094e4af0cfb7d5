import { withoutStack } from '../errors.js'
import type { NoticeOperation, NoticeTable, RequestOperation, RequestTable } from './operation.js'

/** What the body of an operation is decoded to. */
export type DecodedBody<Operation> = Operation extends { readonly body: { decode(body: Uint8Array): infer T } }
  ? T
  : never

/** What the answer to an operation is encoded from. */
export type GivenAnswer<Operation> = Operation extends { readonly answer: { encode(value: infer T): Uint8Array } }
  ? T
  : never

/** A handler for every request of a table. What one throws is the answer. */
export type RequestAnswers<Table extends RequestTable, Context> = {
  readonly [Name in keyof Table]: (
    context: Context,
    body: DecodedBody<Table[Name]>
  ) => GivenAnswer<Table[Name]> | Promise<GivenAnswer<Table[Name]>>
}

/** A handler for every notification of a table. */
export type NoticeListeners<Table extends NoticeTable, Context> = {
  readonly [Name in keyof Table]: (context: Context, body: DecodedBody<Table[Name]>) => void
}

type Handler<Context> = (context: Context, body: unknown) => unknown

/**
 * Decodes requests, has them answered and encodes the answers. The result rejects with `NOT_FOUND` for a number that is
 * not in the table, with `PROTOCOL_ERROR` for a body that cannot be read, and with what the handler throws.
 * `side` names who answers, in the message of `NOT_FOUND`.
 */
export function requestDispatch<Table extends RequestTable, Context>(
  table: Table,
  answers: RequestAnswers<Table, Context>,
  side: string
): (context: Context, op: number, body: Uint8Array) => Promise<Uint8Array> {
  const handlers = byNumber<RequestOperation, Context>(table, answers)
  return async (context, op, body) => {
    const found = handlers.get(op)
    if (found === undefined) throw withoutStack('NOT_FOUND', `this ${side} knows no request ${op}`)
    const { operation, handler } = found
    return operation.answer.encode(await handler(context, operation.body.decode(body)))
  }
}

/**
 * Decodes notifications and hands them on. Returns false for a number that is not in the table, and throws
 * `PROTOCOL_ERROR` for a body that cannot be read.
 */
export function noticeDispatch<Table extends NoticeTable, Context>(
  table: Table,
  listeners: NoticeListeners<Table, Context>
): (context: Context, op: number, body: Uint8Array) => boolean {
  const handlers = byNumber<NoticeOperation, Context>(table, listeners)
  return (context, op, body) => {
    const found = handlers.get(op)
    found?.handler(context, found.operation.body.decode(body))
    return found !== undefined
  }
}

/** The types of the two dispatchers have paired each handler with its operation; a map by number cannot say so. */
function byNumber<Operation extends NoticeOperation, Context>(
  table: Readonly<Record<string, Operation>>,
  handlers: object
): Map<number, { operation: Operation; handler: Handler<Context> }> {
  const named = handlers as Readonly<Record<string, Handler<Context>>>
  return new Map(
    Object.entries(table).map(([name, operation]) => [
      operation.number,
      { operation, handler: named[name] as Handler<Context> }
    ])
  )
}
