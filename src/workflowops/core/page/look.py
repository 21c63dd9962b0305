"""How the page looks, in light and dark, on a phone and on a desk; and the one script, which filters the matrix."""

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--panel:#f6f8fa;--text:#1f2328;--quiet:#57606a;--line:#d0d7de;--link:#0550ae;
--good:#116329;--good-bg:#dafbe1;--bad:#a40e26;--bad-bg:#ffebe9;--work:#0550ae;--work-bg:#ddf4ff;
--unsure:#633c01;--unsure-bg:#fff8c5;--bar:#bc4c00;--box:#fff;--wire:#6e7781;--focus:#0969da}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0d1117;--panel:#161b22;--text:#e6edf3;--quiet:#9da7b1;
--line:#30363d;--link:#79c0ff;--good:#7ee787;--good-bg:#12261e;--bad:#ffa198;--bad-bg:#341a1c;--work:#79c0ff;--work-bg:#122339;
--unsure:#f2cc60;--unsure-bg:#2b2310;--bar:#f0883e;--box:#1c2128;--wire:#8b949e;--focus:#79c0ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;
overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:1rem 1.25rem}
header{padding-top:1.75rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:0 0 .75rem;line-height:1.3}
h3,h4{font-size:1rem;margin:0;line-height:1.4}
.card h3,.panel h3{margin-bottom:.25rem}
.figures+h3{margin-top:1.5rem}
.plots h4{font-weight:600}
p{margin:.35rem 0}
a{color:var(--link);text-underline-offset:.15em}
code{font:.875em/1.4 ui-monospace,SFMono-Regular,Menlo,monospace}
ul,ol,dl,dd,figure,fieldset{margin:0;padding:0}
ul,ol{list-style:none}
fieldset{border:0}
main>section{padding:1.25rem 0;border-top:1px solid var(--line)}
main>section:first-child{border-top:0;padding-top:.5rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-999rem;top:.5rem;background:var(--bg);padding:.5rem 1rem;
border:2px solid var(--focus);z-index:2}
.skip:focus{left:.5rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.quiet,.note,.slug,.when{color:var(--quiet);font-size:.875rem}
.note,.slug{display:block;font-weight:400}
.problem{color:var(--bad);font-size:.875rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.75rem}
.verdict{display:block;margin:1rem 0 0;padding:.75rem 1rem;border-radius:8px;border:1px solid;font-weight:600;
font-size:1.05rem}
.good{color:var(--good)}.bad{color:var(--bad)}.work{color:var(--work)}.unsure{color:var(--unsure)}
.verdict.good,.chip.good{background:var(--good-bg)}.verdict.bad,.chip.bad{background:var(--bad-bg)}
.verdict.work,.chip.work{background:var(--work-bg)}.verdict.unsure,.chip.unsure{background:var(--unsure-bg)}
.chip{display:inline-flex;align-items:center;gap:.4em;padding:.05rem .55rem;border-radius:.8rem;font-size:.875rem;
font-weight:500;line-height:1.5}
.dot{flex:none;width:.6em;height:.6em;border-radius:50%;background:currentColor}
.bad>.dot{border-radius:1px;transform:rotate(45deg)}
.unsure>.dot{background:none;border:2px solid currentColor}
.work>.dot{border-radius:1px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));gap:.75rem}
.card{border:1px solid var(--line);border-radius:8px;padding:.85rem 1rem;background:var(--panel);color:var(--text)}
.numbers{display:flex;flex-wrap:wrap;gap:0 1rem;font-size:.875rem;margin:.35rem 0}
.large{font-size:1.5rem;font-weight:600;line-height:1.4}
.figures dt{font-weight:600}
.filters{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;margin-bottom:.75rem;font-size:.9375rem}
.filters[hidden]{display:none}
.filters fieldset{display:flex;flex-wrap:wrap;gap:.35rem .5rem;align-items:center}
.filters legend{float:left;margin-right:.5rem;font-weight:600}
.filters fieldset label{position:relative;cursor:pointer}
.filters input[type=radio]{position:absolute;opacity:0;inset:0;margin:0;cursor:pointer}
.filters fieldset span{display:block;border:1px solid var(--line);border-radius:1rem;padding:.15rem .75rem;
background:var(--bg)}
.filters input:checked+span{background:var(--text);color:var(--bg);border-color:var(--text)}
.filters input:focus-visible+span{outline:3px solid var(--focus);outline-offset:2px}
.filters input[type=search]{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--quiet);
border-radius:6px;
padding:.2rem .6rem;width:14rem;max-width:100%}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.55rem .75rem;border-bottom:1px solid var(--line)}
thead th{font-size:.875rem;background:var(--panel)}
tbody th{font-weight:600}
tr[hidden]{display:none}
.matrix{table-layout:fixed}
.matrix th:first-child{width:34%}
.where{display:none}
.absent{color:var(--quiet)}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1.25rem 2rem}
.open li{padding:.5rem 0;border-bottom:1px solid var(--line)}
details>summary{cursor:pointer;padding:.4rem 0}
.entry{border:1px solid var(--line);border-radius:8px;margin:.6rem 0;background:var(--bg)}
.entry>summary{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem;padding:.65rem 1rem;
background:var(--panel);
border-radius:8px}
.entry>summary::before{content:"";flex:none;border:.32em solid transparent;border-left:.5em solid var(--quiet);
margin-right:-.3rem}
.entry[open]>summary::before{transform:rotate(90deg)}
.entry>summary::-webkit-details-marker{display:none}
.entry:target{border-color:var(--focus);border-width:2px}
.body{padding:.75rem 1rem 1rem}
.plain li{padding:.1rem 0}
.timeline{margin:.75rem 0;border-left:2px solid var(--line);padding-left:1.1rem}
.timeline li{position:relative;padding:.2rem 0}
.timeline li::before{content:"";position:absolute;left:calc(-1.1rem - 6px);top:.75rem;width:10px;height:10px;
border-radius:50%;
background:var(--bg);border:2px solid var(--quiet)}
.timeline strong{font-weight:600}
.given{font-size:.875rem;display:grid;grid-template-columns:auto 1fr;gap:.05rem .75rem;max-width:60rem}
.given dt{color:var(--quiet)}
p.given{display:block}
.graph{margin-top:1rem}
.graph figcaption{margin-bottom:.35rem;font-size:.9375rem}
.panes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,max(24rem,calc(var(--w)*.75))),1fr));
gap:.75rem}
.pane{border:1px solid var(--line);border-radius:8px;overflow:hidden;background:var(--panel);min-width:0}
.side{margin:0;padding:.3rem .75rem;font-size:.8125rem;font-weight:600;border-bottom:1px solid var(--line);
background:var(--bg)}
.pane>.quiet{padding:.5rem .75rem}
.scroll{overflow-x:auto}
.scroll:focus-visible{outline-offset:-3px}
.pane svg{display:block;height:auto;width:clamp(calc(var(--w)*.62),100%,var(--w))}
svg text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--text)}
.node rect{fill:var(--box);stroke:var(--wire);stroke-width:1.25}
.name{font-size:12.5px;font-weight:600}.kind{font-size:11px}
svg .kind{fill:var(--quiet)}
.mark{font-size:15px;font-weight:700;text-anchor:middle}
svg .mark{fill:var(--bg)}
.node.added rect{stroke:var(--good);stroke-width:2.5;fill:var(--good-bg)}.node.added circle{fill:var(--good)}
.node.removed rect{stroke:var(--bad);stroke-width:2.5;stroke-dasharray:6 4;fill:var(--bad-bg)}
.node.removed circle{fill:var(--bad)}
.node.modified rect{stroke:var(--unsure);stroke-width:2.5;fill:var(--unsure-bg)}
.node.modified circle{fill:var(--unsure)}
.node.added .kind,.node.removed .kind,.node.modified .kind{fill:var(--text)}
.wire path{fill:none;stroke:var(--wire);stroke-width:1.75}
.wire polygon,.wire circle{fill:var(--wire)}
.side-wire path{stroke-dasharray:3 3}
.wire.added path{stroke:var(--good);stroke-width:3}.wire.added polygon,.wire.added circle{fill:var(--good)}
.wire.removed path{stroke:var(--bad);stroke-width:2.5;stroke-dasharray:7 4}
.wire.removed polygon,.wire.removed circle{fill:var(--bad)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.875rem;margin:.25rem 0 .5rem}
.sign{display:inline-grid;place-items:center;width:1.3em;height:1.3em;border-radius:50%;font-weight:700;
color:var(--bg);
line-height:1}
.sign.added{background:var(--good)}.sign.removed{background:var(--bad)}.sign.modified{background:var(--unsure)}
.plots{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem;margin:.75rem 0}
.plot svg{display:block;min-width:42rem;width:100%;max-width:56rem;height:auto}
.axis{stroke:var(--line);stroke-width:1}
.bar{fill:var(--bar)}.none{fill:var(--quiet)}.unobserved{fill:none;stroke:var(--quiet);stroke-width:1;
stroke-dasharray:2 2}
svg .number{font-size:12px;font-weight:600;text-anchor:middle}
svg .month{font-size:11.5px;fill:var(--quiet)}
.numbers-table{width:auto;font-size:.875rem}
caption{text-align:left;padding:.35rem 0;color:var(--quiet);font-size:.875rem}
caption.unseen{padding:0}
footer{border-top:1px solid var(--line);color:var(--quiet);font-size:.875rem;margin-top:1rem}
@media (max-width:46rem){
header,main,footer{padding-left:1rem;padding-right:1rem}
.matrix thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.matrix,.matrix tbody,.matrix tr,.matrix th,.matrix td{display:block;width:auto}
.matrix th:first-child{width:auto;padding:.75rem 0 .25rem;border:0}
.matrix td{display:flex;gap:.5rem;border:0;padding:.15rem 0}
.matrix tr{border-bottom:1px solid var(--line);padding-bottom:.6rem}
.matrix tr[hidden]{display:none}
.where{display:block;flex:0 0 6.5rem;color:var(--quiet);font-size:.875rem;padding-top:.1rem}
.value{min-width:0}
.given{grid-template-columns:1fr}
}
@media print{:root{color-scheme:light}.filters,nav,.skip{display:none}.graph,.card,tr,.timeline li{break-inside:avoid}
.scroll{overflow:visible}.pane svg,.plot svg{width:100%;min-width:0;max-width:var(--w)}}
@media (forced-colors:active){.chip,.verdict{border:1px solid}.dot{background:CanvasText}}
"""

SCRIPT = """
(function () {
  "use strict";
  var form = document.getElementById("filters");
  if (!form) return;
  var find = document.getElementById("find");
  var shown = document.getElementById("shown");
  var rows = Array.prototype.slice.call(document.querySelectorAll(".matrix tbody tr"));
  var heads = rows.map(function (row) { return row.firstChild.textContent.toLowerCase(); });
  function apply() {
    var state = form.elements.state.value;
    var wanted = find.value.trim().toLowerCase();
    var count = 0;
    rows.forEach(function (row, number) {
      var states = (row.getAttribute("data-states") || "").split(" ");
      var fits = (state === "all" || states.indexOf(state) >= 0) && heads[number].indexOf(wanted) >= 0;
      row.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = count + " of " + rows.length + (rows.length === 1 ? " workflow" : " workflows");
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
  apply();
})();
"""


def policy() -> str:
    """Answer the content security policy: nothing may be asked for, and nothing may run but our own script."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
