/**
 * Colours from the Okabe-Ito palette, which people with any kind of colour vision can tell apart. Where a colour has
 * a meaning, a shape or a word shows it too.
 */
const COLOURS = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8;
  --card: #ffffff;
  --edge: #dfe3e8;
  --text: #17202a;
  --quiet: #55606d;
  --grid: #e7eaee;
  --line-1: #0072b2;
  --line-2: #d55e00;
  --fill-1: rgb(0 114 178 / 12%);
  --well: #00704f;
  --well-back: #e2f4ed;
  --warning: #8a5a00;
  --warning-back: #fff1d2;
  --alarm: #a63c00;
  --alarm-back: #ffe5d6;
  --none-back: #e9ecf0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11161c;
    --card: #1a2129;
    --edge: #2b3540;
    --text: #e8edf2;
    --quiet: #a3b0bd;
    --grid: #27303a;
    --line-1: #56b4e9;
    --line-2: #e69f00;
    --fill-1: rgb(86 180 233 / 14%);
    --well: #4fd6ab;
    --well-back: #10332a;
    --warning: #f2bb3f;
    --warning-back: #3a2d0c;
    --alarm: #ff9a5c;
    --alarm-back: #45200c;
    --none-back: #27303a;
  }
}`

const FRAME = `
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  padding: 16px;
  max-width: 1240px;
  background: var(--page);
  color: var(--text);
  font: 15px/1.4 system-ui, sans-serif;
  font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; gap: 0 16px; align-items: baseline; justify-content: space-between; margin-bottom: 10px; }
h1 { margin: 0; font-size: 20px; }
h2 { margin: 0; font-size: 15px; }
p { margin: 0; }
#updated { color: var(--quiet); }
#figures { transition: opacity 0.3s; }
.stale #figures { opacity: 0.4; }

#health { margin-bottom: 14px; padding: 12px 16px; border-radius: 10px; background: var(--none-back); }
#health p { display: flex; gap: 12px; align-items: center; }
#health p + p { margin-top: 6px; }
/* Under the greater sign of the first line. */
#health p + p .sign { margin: 0 3.75px; }
#health p:first-child { font-size: 20px; font-weight: 600; }
#health[data-level='well'] { background: var(--well-back); }
#health[data-level='warning'] { background: var(--warning-back); }
#health[data-level='alarm'] { background: var(--alarm-back); }
.sign {
  flex: none;
  width: 1.5em;
  border-radius: 50%;
  background: var(--quiet);
  color: var(--card);
  font-weight: 700;
  line-height: 1.5em;
  text-align: center;
}
.sign[data-level='well'] { background: var(--well); }
.sign[data-level='warning'] { border-radius: 5px; background: var(--warning); }
.sign[data-level='alarm'] { border-radius: 0; background: var(--alarm); }`

const FIGURES = `
#tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 12px; margin-bottom: 12px; }
.tile, figure, table { margin: 0; border: 1px solid var(--edge); border-radius: 10px; background: var(--card); }
.tile { padding: 10px 14px 12px; }
.tile dt, .detail { color: var(--quiet); font-size: 13px; }
.tile dd { margin: 0; }
.tile .value { font-size: 24px; font-weight: 600; white-space: nowrap; }
.tile .meter { height: 6px; margin-top: 8px; border-radius: 3px; background: var(--grid); overflow: hidden; }
.meter div { height: 100%; min-width: 2px; background: var(--line-1); }

#plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 12px; margin-bottom: 12px; }
figure { min-width: 0; padding: 10px 14px 6px; }
figcaption { font-size: 13px; color: var(--quiet); }
figcaption div { display: flex; flex-wrap: wrap; gap: 0 18px; align-items: baseline; justify-content: space-between; }
figcaption div + div { justify-content: start; }
figcaption h2 { color: var(--text); }
figcaption b { display: inline-block; min-width: 2.5em; color: var(--text); }
.canvas { min-width: 0; overflow: hidden; }
.line, .bar { display: inline-block; margin-right: 6px; border: 0 solid var(--line-1); vertical-align: middle; }
.line { width: 18px; border-top-width: 3px; }
.line.key-2 { border-top-style: dashed; }
.line.key-limit { border-top: 2px dotted var(--alarm); }
.bar { height: 12px; border-left-width: 5px; }
.key-2 { border-color: var(--line-2); }
.u-cursor-x, .u-cursor-y { border-color: var(--quiet); }

/* Two beside each other at most: in a third of the page, names of limits would be broken. */
#tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 12px; align-items: start; }
.wide { grid-column: 1 / -1; }
table { width: 100%; border-spacing: 0; padding: 6px 14px 8px; }
th, td { padding: 4px 0; text-align: left; vertical-align: baseline; overflow-wrap: anywhere; }
th { font-size: 13px; font-weight: 400; color: var(--quiet); overflow-wrap: normal; }
th:first-child { font-size: 15px; font-weight: 600; color: var(--text); }
th + th, td + td { width: 1%; padding-left: 20px; text-align: right; white-space: nowrap; }
td { border-top: 1px solid var(--grid); }
thead td { border: 0; }
.none { color: var(--quiet); }
caption { caption-side: bottom; padding: 6px 14px 8px; text-align: left; color: var(--quiet); }
caption:empty { display: none; }
td button { padding: 2px 10px; border: 1px solid var(--edge); border-radius: 6px; background: none; color: var(--alarm); font: inherit; font-size: 13px; cursor: pointer; }`

const LOGIN = `
#login { max-width: 360px; margin: 12vh auto 0; }
#login p { margin: 8px 0 16px; color: var(--quiet); }
#login input {
  display: block;
  width: 100%;
  margin: 4px 0 12px;
  padding: 9px;
  border: 1px solid var(--quiet);
  border-radius: 6px;
  background: var(--card);
  color: var(--text);
  font: inherit;
}
#login button { padding: 8px 20px; border: 0; border-radius: 6px; background: #0072b2; color: #fff; font: inherit; }
@media (max-width: 780px) {
  #tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
.clients th:nth-child(2), .clients td:nth-child(2) { width: auto; white-space: normal; text-align: left; }
@media (min-width: 1100px) {
  .clients td:first-child { white-space: nowrap; }
}
@media (max-width: 780px) {
  /* Rows become cards, so that nothing is off the screen: the first cell is the title, the others have their own names. */
  .wide thead tr { display: block; }
  .wide th + th, .wide thead td { display: none; }
  .wide tbody tr { display: flex; flex-wrap: wrap; gap: 2px 18px; padding: 8px 0; border-top: 1px solid var(--grid); }
  .wide td, .wide td + td { width: auto; padding: 0; border: 0; white-space: normal; text-align: left; }
  .wide td:first-child { flex-basis: 100%; }
  .wide td:empty { display: none; }
  .wide td[data-title]::before { content: attr(data-title) ' '; color: var(--quiet); font-size: 13px; }
  td button { padding: 6px 14px; }
}
@media (max-width: 480px) {
  body { padding: 10px; }
  #tiles, #plots, #tables { gap: 8px; }
  .tile { padding: 8px 10px; }
  .tile .value { font-size: 20px; }
}
@media (prefers-reduced-motion: reduce) {
  #figures { transition: none; }
}`

/** The page's style sheet. */
export const STYLE = `${COLOURS}\n${FRAME}\n${FIGURES}\n${LOGIN}\n`
