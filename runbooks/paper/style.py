"""How the document looks: on a light screen, on a dark one, and on paper."""

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d5dbe3;--page:#fff;--shade:#f4f6f9;--warn:#9a3412;
--warn-shade:#fff4ec;--final:#7c3aed;--undo:#0f766e}
@media (prefers-color-scheme:dark){:root{--ink:#e3e8ef;--soft:#9aa6b5;--line:#36404d;--page:#14181e;--shade:#1c222b;
--warn:#fdba74;--warn-shade:#2c1f15;--final:#c4a7ff;--undo:#5eead4}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 2rem 5rem;max-width:70rem;background:var(--page);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:2rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.4rem;margin:3rem 0 .8rem;padding-top:.8rem;border-top:2px solid var(--line)}
h3{font-size:1.1rem;margin:2rem 0 .6rem}
.summary{color:var(--soft);font-size:1.1rem;margin:0 0 1.2rem}
.number{color:var(--soft);font-weight:400;margin-right:.5em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:0 0 1.5rem}
dt{color:var(--soft)} dd{margin:0;overflow-wrap:anywhere}
nav{background:var(--shade);border-radius:8px;padding:1rem 1.4rem;columns:2;column-gap:2rem;font-size:.92rem}
nav a{display:block;break-inside:avoid;color:inherit;text-decoration:none;padding:.08rem 0}
nav a:hover,nav a:focus{text-decoration:underline} nav .deep{padding-left:1.6rem;color:var(--soft)}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;font-weight:600;background:var(--shade);vertical-align:bottom}
th,td{padding:.4rem .6rem;border:1px solid var(--line);vertical-align:top}
td{overflow-wrap:break-word}
code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:break-word}
.notice{border-left:4px solid var(--warn);background:var(--warn-shade);padding:.6rem .9rem;margin:.8rem 0}
.notice b{color:var(--warn)}
figure{margin:1.4rem 0;overflow-x:auto} figcaption{color:var(--soft);font-size:.85rem;margin-top:.5rem}
svg.plan{display:block;width:100%;height:auto;margin:0 auto}
svg text{font:11.8px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink);text-anchor:middle}
svg rect{fill:var(--page);stroke:var(--soft);stroke-width:1.2}
svg .undone rect{stroke:var(--undo);stroke-dasharray:6 3;stroke-width:1.8}
svg .final rect{stroke:var(--final);stroke-width:3}
svg .point rect{stroke:var(--warn);stroke-width:4;fill:var(--warn-shade)}
svg .edge{fill:none;stroke:var(--soft);stroke-width:1.3}
svg .border{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:3 4}
svg .border-text{fill:var(--warn);text-anchor:end;font-size:11.5px}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#999;--page:#fff;--shade:#f1f1f1;--warn:#7c2d12;
--warn-shade:#fff;--final:#4c1d95;--undo:#115e59}
@page{size:A4;margin:16mm 14mm}
body{max-width:none;padding:0;font-size:10pt} nav a{color:#000} .scroll,figure{overflow:visible}
h2{break-after:avoid} h3{break-after:avoid} tr,figure,.notice{break-inside:avoid} thead{display:table-header-group}
table{font-size:8.5pt} svg.plan{max-height:235mm}}
"""
