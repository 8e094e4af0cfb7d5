// For runtimes with a command line: prints the answer.
import { meet } from './meet.js'

const [url, name] = process.argv.slice(2)
console.log(await meet(url, name))
