//! How the statistics page looks: one sheet, for wide and narrow windows, light and dark. Nothing is fetched from elsewhere.

/// The sheet.
pub const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1d2630;--soft:#667485;--line:#dfe4ea;--page:#f4f6f8;--card:#fff;--accent:#2257a8;\
--up:#1f8a4c;--warn:#b7791f;--down:#c0322b;--maint:#7a4fb5;--none:#8492a3}\
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ef;--soft:#95a2b1;--line:#2c3743;--page:#12171d;--card:#1a212a;--accent:#7fb0ff;\
--up:#4cc27f;--warn:#e0a94a;--down:#ef6b63;--maint:#b493e6;--none:#7d8b9b}}\
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
main,header{max-width:1700px;margin:0 auto;padding:0 20px}header{padding-top:20px}h1{font-size:22px;margin:0}h1 small{font-weight:400;color:var(--soft);font-size:15px}\
p{margin:4px 0}a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}\
.facts{display:flex;flex-wrap:wrap;gap:6px 26px;margin:14px 0;padding:0;list-style:none}.facts b{font-size:17px;font-weight:600;display:block;font-variant-numeric:tabular-nums}\
.facts li{color:var(--soft);font-size:12px}.facts li b{color:var(--ink)}\
nav{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:12px 0 4px}nav a,button,nav form{border-radius:6px}\
nav a{border:1px solid var(--line);background:var(--card);padding:4px 11px}nav a.on{background:var(--accent);border-color:var(--accent);color:var(--card)}\
nav form{display:flex;gap:6px;margin-left:auto}input[type=search],select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:4px 9px;max-width:100%}\
button{cursor:pointer;border-color:var(--accent);color:var(--accent)}\
.note{margin:14px 0 0;padding:10px 14px;border-radius:8px;background:var(--card);border-left:5px solid var(--accent)}.note.maint{border-color:var(--maint)}.note.bad{border-color:var(--down)}\
section{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:16px 0;overflow:hidden}\
h2{font-size:16px;margin:0;padding:10px 14px;display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}h2 small{font-weight:400;color:var(--soft);font-size:12.5px}\
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}\
th{font-weight:500;color:var(--soft);font-size:11.5px;text-align:right;padding:4px 8px;white-space:nowrap;border-bottom:1px solid var(--line)}\
th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}td:first-child{overflow-wrap:anywhere;white-space:normal;min-width:9em}td{padding:5px 6px;text-align:right;white-space:nowrap;border-top:1px solid var(--line);vertical-align:top}\
td i{font-style:normal;color:var(--soft)}td small{color:var(--soft);display:block;font-size:11.5px}td:first-child{border-left:4px solid var(--none);font-weight:600}td:first-child small{font-weight:400}\
tr.side td{background:color-mix(in srgb,var(--page) 55%,transparent)}td.zero,td.zero i{color:var(--none);opacity:.75}\
.up td:first-child{border-left-color:var(--up)}.warn td:first-child{border-left-color:var(--warn)}.down td:first-child{border-left-color:var(--down)}.maint td:first-child{border-left-color:var(--maint)}\
.chip{display:inline-block;border-radius:20px;padding:0 9px;font-size:12px;font-weight:600;color:var(--none);border:1px solid}.up .chip,.chip.up{color:var(--up)}.warn .chip{color:var(--warn)}\
.down .chip{color:var(--down)}.maint .chip,.chip.maint{color:var(--maint)}\
.act{display:flex;gap:8px;align-items:center;padding:9px 14px;border-top:1px solid var(--line);flex-wrap:wrap}footer{color:var(--soft);font-size:12px;padding:6px 0 26px}\
@media(max-width:760px){main,header{padding-left:12px;padding-right:12px}.wide{overflow:visible}nav form{margin-left:0;width:100%}nav input{flex:1}\
table,tbody,tr{display:block}table{min-width:0}thead{display:none}tr{display:grid;grid-template-columns:1fr 1fr 1fr;gap:6px 12px;padding:10px 12px 10px 10px;border-top:1px solid var(--line);border-left:5px solid var(--none)}\
tr.up{border-left-color:var(--up)}tr.warn{border-left-color:var(--warn)}tr.down{border-left-color:var(--down)}tr.maint{border-left-color:var(--maint)}\
tr.side{background:color-mix(in srgb,var(--page) 55%,transparent)}tr.side td{background:none}td{display:block;border:0;padding:0;text-align:left;white-space:normal;overflow-wrap:anywhere}td:first-child{border:0;grid-column:span 2}\
td:nth-child(2){text-align:right}td:nth-child(n+3)::before{display:block;color:var(--soft);font-size:11px;font-weight:400}td:empty,td.zero{display:none}\
td:nth-child(3)::before{content:'Queue'}td:nth-child(4)::before{content:'Per second'}td:nth-child(5)::before{content:'Sessions'}td:nth-child(6)::before{content:'In all'}\
td:nth-child(7)::before{content:'Last'}td:nth-child(8)::before{content:'Bytes in'}td:nth-child(9)::before{content:'Bytes out'}td:nth-child(10)::before{content:'4xx · 5xx'}\
td:nth-child(11)::before{content:'Denied'}td:nth-child(12)::before{content:'Errors'}td:nth-child(13)::before{content:'Retries'}td:nth-child(14)::before{content:'Servers'}\
td:nth-child(15)::before{content:'Checks'}td:nth-child(16)::before{content:'Down'}}";
