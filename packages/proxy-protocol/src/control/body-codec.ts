import { ByteReader, ByteWriter } from '../wire/bytes.js'

/** Encodes and decodes one kind of body. `decode` throws PROTOCOL_ERROR on anything that is not one. */
export interface BodyCodec<T, Given = T> {
  /** The bytes in order, as docs/protocol.md writes them. */
  readonly layout: string
  encode(value: Given): Uint8Array
  decode(body: Uint8Array): T
}

/** A part of a body. */
export interface Field<T, Given = T> {
  /** As docs/protocol.md writes it. */
  readonly layout: string
  write(writer: ByteWriter, value: Given): unknown
  /** @throws ProxyError `PROTOCOL_ERROR` */
  read(reader: ByteReader): T
}

/** The fields of a record, by the names of its properties. */
type Fields<T, Given extends { [K in keyof T]: unknown }> = { readonly [K in keyof T]-?: Field<T[K], Given[K]> }

/**
 * Fields one after the other, in the order in which they are given. `absent` are the values of the last ones if the body
 * ends before them, as that of an older version does.
 */
export function record<T extends object, Given extends { [K in keyof T]: unknown } = T>(
  fields: Fields<T, Given>,
  absent: Partial<T> = {}
): Field<T, Given> {
  const names = Object.keys(fields) as (keyof T & string)[]
  return {
    layout: names.map((name) => `${name} ${fields[name].layout}`).join(', '),
    write(writer, value) {
      for (const name of names) fields[name].write(writer, value[name])
    },
    read(reader) {
      const value: Partial<T> = {}
      for (const name of names)
        value[name] = reader.left === 0 && name in absent ? absent[name] : fields[name].read(reader)
      return value as T
    }
  }
}

/** A field as a whole body; `what` names it in errors. */
export function bodyOf<T, Given = T>(what: string, field: Field<T, Given>): BodyCodec<T, Given> {
  return {
    layout: field.layout,
    encode(value) {
      const writer = new ByteWriter()
      field.write(writer, value)
      return writer.finish()
    },
    decode(body) {
      const reader = new ByteReader(body, what)
      const value = field.read(reader)
      reader.end()
      return value
    }
  }
}

/** The same, for a body to which a later version may append fields: `decode` ignores what it does not know. */
export function growingBodyOf<T, Given = T>(what: string, field: Field<T, Given>): BodyCodec<T, Given> {
  return { ...bodyOf(what, field), decode: (body) => field.read(new ByteReader(body, what)) }
}

/** The same codec, with a name for the value in its layout. */
export function named<T, Given>(name: string, codec: BodyCodec<T, Given>): BodyCodec<T, Given> {
  return { ...codec, layout: `${name} ${codec.layout}` }
}
