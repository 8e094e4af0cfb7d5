/** The doc comments of the operations in a table of the control protocol. */
import { readText } from '../root.ts'

const OPERATION = /^ {2}\/\*\* (.+) \*\/\n {2}([A-Z_]+): \{/gm

/** The comments by operation, each on one line. */
export function readDocComments(path: string): Map<string, string> {
  return new Map([...readText(path).matchAll(OPERATION)].map(([, text = '', name = '']) => [name, text]))
}
