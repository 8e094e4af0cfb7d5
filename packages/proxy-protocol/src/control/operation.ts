import type { BodyCodec } from './body-codec.js'

/** A message without an answer. The table that it is in says its name and who sends it. */
export interface NoticeOperation {
  /** On the wire. A number, once released, keeps its meaning for ever. */
  readonly number: number
  /** What it carries. */
  readonly body: BodyCodec<unknown>
  /** Limits that concern it, by name, beside those of the session on all messages of its kind. */
  readonly limits: readonly string[]
}

/** A message that is answered. */
export interface RequestOperation extends NoticeOperation {
  /** What the answer carries, if it is not an error. */
  readonly answer: BodyCodec<unknown>
}

/** Messages without an answer, by name. */
export type NoticeTable = Readonly<Record<string, NoticeOperation>>

/** Messages that are answered, by name. */
export type RequestTable = Readonly<Record<string, RequestOperation>>

/** The numbers of a table, by name. */
export type NumbersOf<Table extends NoticeTable> = { readonly [Name in keyof Table]: Table[Name]['number'] }

/** The numbers of a table, by name. */
export function numbersOf<Table extends NoticeTable>(table: Table): NumbersOf<Table> {
  return Object.fromEntries(Object.entries(table).map(([name, { number }]) => [name, number])) as NumbersOf<Table>
}
