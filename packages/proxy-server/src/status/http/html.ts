const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Swarmway proxy</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="uplot.css">
<link rel="stylesheet" href="style.css">`

/** The page; its scripts fill it. */
export const PAGE = `${HEAD}
<script src="uplot.js" defer></script>
<script src="main.js" type="module"></script>
</head>
<body>
<header>
<h1 id="name">Swarmway proxy</h1>
<p id="updated"></p>
</header>
<main>
<section id="health" data-level="none" role="status" aria-live="polite"><p>Waiting for figures</p></section>
<noscript><p>This page needs JavaScript. The figures are in <a href="status.json">status.json</a> as well.</p></noscript>
<div id="figures" hidden>
<section id="tiles" aria-label="Figures"></section>
<section id="plots" aria-label="Plots of the last minutes"></section>
<section id="tables" aria-label="Refusals and resets by reason"></section>
</div>
</main>
</body>
</html>
`

/** Redirects the browser to the page without the token in its address. */
export const FORWARD_PAGE = `${HEAD}
<meta http-equiv="refresh" content="0;url=./">
</head>
<body><main><p><a href="./">Go on to the status page</a></p></main></body>
</html>
`

/** Asks for the token; `text` gives the reason and is trusted HTML. */
export function loginPage(text: string): string {
  return `${HEAD}
</head>
<body>
<main id="login">
<h1>Swarmway proxy: status</h1>
<p>${text}</p>
<form action="login" method="post">
<label>Token <input type="password" name="token" required autofocus autocomplete="current-password"></label>
<button>Open</button>
</form>
</main>
</body>
</html>
`
}
