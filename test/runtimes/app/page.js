// For pages: a test calls it when the page has loaded.
import { meet } from './meet.js'

globalThis.meet = meet
