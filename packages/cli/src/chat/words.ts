import type { Colors } from '../shared/terminal/colors.js'

/** Colours for nicks that are readable on light and dark backgrounds. */
const PALETTE = ['cyan', 'green', 'yellow', 'magenta', 'blue'] as const

/** A member's message. */
export function saidLine(name: string, text: string, colors: Colors): string {
  return `${nickColor(name, colors)(name)}: ${text}`
}

/** A line about an event. */
export function eventLine(text: string, colors: Colors): string {
  return colors.dim(`* ${text}`)
}

/** What is said of a member that leaves. */
export function leftText(name: string, isUnheard: boolean): string {
  return isUnheard ? `${name} left before everything you said had arrived` : `${name} left`
}

/** What `/who` shows. */
export function whoLine(names: readonly string[], self: string): string {
  if (names.length === 0) return `You are ${self}, and nobody else is here.`
  return `You are ${self}, with ${names.join(', ')}.`
}

function nickColor(name: string, colors: Colors): (text: string) => string {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return colors[PALETTE[sum % PALETTE.length] ?? 'cyan']
}
