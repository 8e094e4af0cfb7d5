/**
 * Creates an element. Everything from the server is set as text, never as HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ className?: string, text?: string }} [options]
 * @param {Node[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, { className, text } = {}, ...children) {
  const element = document.createElement(tag)
  if (className !== undefined) element.className = className
  if (text !== undefined) element.textContent = text
  element.append(...children)
  return element
}

/**
 * The element of the page with that id.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no element ${id}`)
  return element
}

/**
 * Sets the text only if it differs, because setting it again would end a selection.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * A table across the page, hidden until it has something to show.
 * @param {string[]} titles
 * @param {HTMLElement} body
 */
export function wideTable(titles, body) {
  const columns = titles.map((text) => {
    // A column of buttons has no title.
    if (text === '') return make('td')
    const cell = make('th', { text })
    cell.scope = 'col'
    return cell
  })
  const element = make('table', { className: 'wide' }, make('thead', {}, make('tr', {}, ...columns)), body)
  element.hidden = true
  return element
}

/**
 * A row of such a table. On a narrow screen each cell shows the title of its column.
 * @param {string[]} titles
 * @param {string[]} texts
 * @param {Node[]} more
 */
export function wideRow(titles, texts, ...more) {
  const row = make('tr', {}, ...texts.map(() => make('td')), ...more)
  fillRow(row, titles, texts)
  return row
}

/**
 * Sets the texts of a row; null leaves one as it is.
 * @param {HTMLTableRowElement} row
 * @param {string[]} titles
 * @param {(string | null)[]} texts
 */
export function fillRow(row, titles, texts) {
  for (const [column, text] of texts.entries()) {
    const cell = row.cells[column]
    if (cell === undefined || text === null) continue
    setText(cell, text)
    if (column > 0 && text !== '') cell.dataset['title'] = titles[column] ?? ''
    else delete cell.dataset['title']
  }
}
