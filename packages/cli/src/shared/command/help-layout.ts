import { Help, type HelpConfiguration } from 'commander'

/** A description in a narrower column is on lines of its own. */
const MIN_DESCRIPTION_COLUMNS = 24
const GAP_COLUMNS = 4
const INDENT = ' '.repeat(6)

/** How the help of all commands is laid out: also on narrow terminals, every line fits. */
export const HELP_LAYOUT: HelpConfiguration = {
  sortOptions: false,
  showGlobalOptions: false,
  minWidthToWrap: MIN_DESCRIPTION_COLUMNS,
  // Each has options.
  subcommandTerm: (command) => Help.prototype.subcommandTerm.call(new Help(), command).replace(' [options]', ''),
  formatItem(term, termWidth, description, helper) {
    const columns = (helper.helpWidth ?? 80) - INDENT.length
    if (columns + INDENT.length - termWidth - GAP_COLUMNS >= MIN_DESCRIPTION_COLUMNS) {
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper)
    }
    return `  ${term}\n${INDENT}${helper.boxWrap(description, columns).replaceAll('\n', `\n${INDENT}`)}`
  }
}
