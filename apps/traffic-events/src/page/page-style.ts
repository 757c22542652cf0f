/** All that the pages look like; nothing is loaded from elsewhere. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#fff;--panel:#f6f8fa;--text:#1c2128;--muted:#57606a;--line:#d0d7de;--link:#0a58ca;
--whole:#1a7f4b;--provisional:#7cc4a0;--open:#d0d7de;--at_risk:#e8a200;--frozen:#7a5cc7;--partial:#5b3fa8;--missed:#cf222e;--accent:#0a58ca}
@media (prefers-color-scheme:dark){:root{--bg:#0f1419;--panel:#1a2027;--text:#e6edf3;--muted:#9aa7b4;--line:#323b45;--link:#79b8ff;
--whole:#2ea66a;--provisional:#1f6f4c;--open:#3a444f;--at_risk:#f0b429;--frozen:#a48ee6;--partial:#6b4fc0;--missed:#f4606a;--accent:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 16px}
header{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;padding-top:14px;padding-bottom:10px;border-bottom:1px solid var(--line)}
header strong{font-size:16px}nav a{margin-right:14px}footer{color:var(--muted);font-size:13px;padding-top:24px;padding-bottom:24px}
h1{font-size:22px;margin:20px 0 6px;overflow-wrap:anywhere}h2{font-size:17px;margin:28px 0 8px;overflow-wrap:anywhere}h3{font-size:15px;margin:18px 0 6px}
p{margin:6px 0}a{color:var(--link)}a:focus-visible,summary:focus-visible,input:focus-visible,select:focus-visible,button:focus-visible,.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:4px 8px}
.muted{color:var(--muted)}.small{font-size:13px}
.verdict{border-left:6px solid var(--whole);background:var(--panel);padding:10px 14px;margin:14px 0;border-radius:4px}.verdict.bad{border-color:var(--missed)}
.verdict ul{margin:6px 0 0;padding-left:20px}.verdict li{overflow-wrap:anywhere}
.tiles{display:flex;flex-wrap:wrap;gap:10px;padding:0;margin:14px 0;list-style:none}.tiles li{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px 14px;min-width:118px}
.tiles b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.tiles span{color:var(--muted);font-size:13px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:8px 0;list-style:none;font-size:13px;color:var(--muted)}
.legend i{display:inline-block;width:12px;height:12px;border-radius:2px;margin-right:5px;vertical-align:-1px}
.scroll{overflow-x:auto;margin:6px 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px}
th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
thead th{color:var(--muted);font-weight:600;font-size:13px}tbody th{font-weight:400}.n{text-align:right}
td.wrap{white-space:normal;min-width:240px;overflow-wrap:anywhere}code,pre{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:10px;overflow-x:auto;white-space:pre-wrap}code{overflow-wrap:anywhere}
.over{width:100%}.over td:nth-child(2){width:46%;min-width:220px}.over .a th{padding-top:16px;font-weight:600}
.strip{display:block;width:100%;height:16px;background:var(--panel);border-radius:2px}.strip path{shape-rendering:crispEdges;stroke-width:2;fill:none}
.whole{fill:var(--whole);stroke:var(--whole);background:var(--whole)}.provisional{fill:var(--provisional);stroke:var(--provisional);background:var(--provisional)}.open{fill:var(--open);stroke:var(--open);background:var(--open)}
.at_risk{fill:var(--at_risk);stroke:var(--at_risk);background:var(--at_risk)}.frozen{fill:var(--frozen);stroke:var(--frozen);background:var(--frozen)}.partial{fill:var(--partial);stroke:var(--partial);background:var(--partial)}.missed{fill:var(--missed);stroke:var(--missed);background:var(--missed)}
.cal td,.cal thead th{padding:0;width:25px;min-width:25px;text-align:center;border:1px solid var(--bg);font-size:12px}.cal thead th a{display:block;padding:3px 0}.cal thead th:first-child,.cal tbody th{padding-right:10px;text-align:left;border:0;min-width:150px;max-width:230px;overflow:hidden;text-overflow:ellipsis}
.cal td{height:24px;line-height:24px;font-weight:600;color:#fff}.cal .provisional,.cal .open,.cal .at_risk{color:#1c2128}
@media (prefers-color-scheme:dark){.cal td,.cal .at_risk{color:#0f1419}.cal .provisional,.cal .open{color:#fff}.cal .partial{color:#fff}}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr));gap:14px}
figure{margin:0;border:1px solid var(--line);border-radius:6px;padding:10px 12px}figcaption{font-weight:600}figcaption span{font-weight:400;color:var(--muted);font-size:13px}
.chart{display:block;width:100%;height:auto}.chart text{fill:var(--muted);font-size:11px}.chart .grid{stroke:var(--line);stroke-width:1}.chart .change{stroke:var(--muted);stroke-width:1;stroke-dasharray:3 3}
.chart .value{fill:none;stroke:var(--accent);stroke-width:2}.chart .dot{fill:var(--accent)}.chart path:not(.value){stroke:none}.chart .withheld{fill:var(--muted);opacity:.35}
form{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:10px 0}label{display:flex;flex-direction:column;font-size:13px;color:var(--muted);max-width:100%}
input,select,button{font:inherit;padding:4px 8px;border:1px solid var(--line);border-radius:4px;background:var(--bg);color:var(--text);max-width:100%}button{background:var(--panel);cursor:pointer}
summary{cursor:pointer;padding:4px 0}td summary{padding:0}.pill{display:inline-block;padding:0 8px;border-radius:9px;border:1px solid var(--line);font-size:13px}
@media (max-width:600px){h1{font-size:19px}.tiles li{flex:1 1 40%}}
@media print{nav,form,.skip{display:none}}
`.trim();
