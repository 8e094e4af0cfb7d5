/** @import { FleetServerFigures, FleetSnapshot } from '../figures/fleet-figures.js' */
import { fillRow, make, wideRow, wideTable } from './dom.js'
import { duration, number } from './format.js'

const TITLES = ['Servers of the fleet', 'Clients', 'Link', 'Last heard']

/** A link is opened when a client needs it, so that none is nothing bad. */
const LINKS = {
  own: 'this server',
  open: 'open',
  opening: 'being opened',
  failed: 'cannot be opened',
  none: 'none needed'
}

/** The servers of the fleet by name: the sums hide one that is silent, or that no link reaches. */
export class FleetTable {
  #body = make('tbody')

  constructor() {
    this.element = wideTable(TITLES, this.#body)
  }

  /** @param {FleetSnapshot | undefined} fleet */
  show(fleet) {
    this.element.hidden = fleet === undefined
    if (fleet === undefined) return
    const { list, servers } = fleet
    const unlisted = servers + 1 - list.length
    const lines = list.map(textsOf)
    this.#fill(unlisted > 0 ? [...lines, [`+${number(unlisted)}`, '', '', '']] : lines)
  }

  /** Keeps the rows, so that a name that is selected stays so. @param {string[][]} lines */
  #fill(lines) {
    for (const [index, texts] of lines.entries()) {
      const row = this.#body.rows[index]
      if (row === undefined) this.#body.append(wideRow(TITLES, texts))
      else fillRow(row, TITLES, texts)
    }
    while (this.#body.rows.length > lines.length) this.#body.deleteRow(-1)
  }
}

/** @param {FleetServerFigures} server */
function textsOf({ clients, isDraining, link, name, silentMs }) {
  const heard = link === 'own' ? '' : `${duration(silentMs)} ago`
  return [name, number(clients), `${LINKS[link]}${isDraining ? ', stopping' : ''}`, heard]
}
