// Shows a site that is in a drive: its page in a frame, with the pictures and style sheets of the drive.

const TYPES = {
  css: 'text/css',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp'
}

/** Loads a page of the drive into an `<iframe>`, without its scripts: the site is a stranger's. */
export async function showPage(drive, path, frame) {
  const bytes = await drive.read(path)
  if (bytes === null) throw new Error(`the drive has no ${path}`)
  const page = new DOMParser().parseFromString(new TextDecoder().decode(bytes), 'text/html')
  for (const element of page.querySelectorAll('img[src], link[rel=stylesheet][href]'))
    await inline(drive, path, element)
  frame.sandbox = ''
  frame.srcdoc = page.documentElement.outerHTML
}

/** Puts a file of the drive in place of its address. */
async function inline(drive, path, element) {
  const name = element.hasAttribute('src') ? 'src' : 'href'
  const { origin, pathname } = new URL(element.getAttribute(name), `http://drive${path}`)
  const bytes = origin === 'http://drive' ? await drive.read(decodeURIComponent(pathname)) : null
  // What is not in the drive is not loaded from elsewhere either.
  if (bytes === null) element.removeAttribute(name)
  else element.setAttribute(name, await dataUrl(bytes, TYPES[pathname.split('.').at(-1)]))
}

function dataUrl(bytes, type = 'application/octet-stream') {
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result)
    reader.readAsDataURL(new Blob([bytes], { type }))
  })
}
