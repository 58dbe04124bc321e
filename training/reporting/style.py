"""The style sheet of the report: the colours of the window, light and dark as the system is."""

STYLE = """
:root { color-scheme: light dark; --page: #F3F4F6; --surface: #FFFFFF; --line: #DCDFE3; --text: #1A1D21;
  --quiet: #616973; --accent: #1B5CBE; --given: #855600; --fixed: #0A6B4D; --unsure: #7438A0; }
@media (prefers-color-scheme: dark) { :root { --page: #15171A; --surface: #1B1E22; --line: #2C3137; --text: #E7E9EB;
  --quiet: #8C949D; --accent: #7DB0FF; --given: #E3AE52; --fixed: #52C79B; --unsure: #C8A0F0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", "Open Sans", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { margin: 0; font-size: 28px; }
h2 { margin: 40px 0 12px; font-size: 20px; } h3 { margin: 24px 0 8px; font-size: 15px; }
.quiet, small { color: var(--quiet); } .verdict { font-size: 17px; font-weight: 600; }
.note { padding: 10px 14px; border-left: 3px solid var(--given); background: var(--surface); }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.facts div { flex: 1 1 120px; padding: 14px 16px; background: var(--surface); border: 1px solid var(--line);
  border-radius: 8px; color: var(--quiet); }
.facts b { display: block; color: var(--text); font-size: 24px; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; background: var(--surface); border: 1px solid var(--line); }
th, td { padding: 6px 12px; text-align: left; font-variant-numeric: tabular-nums;
  border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 500; }
.bars td { border: 0; padding: 3px 12px; } .bars td:first-child { white-space: nowrap; } .bars .bar { width: 100%; }
.bars i { display: block; height: 10px; border-radius: 3px; background: var(--accent); } .number { text-align: right; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px; }
figure { margin: 12px 0; padding: 12px; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
figure svg { display: block; width: 100%; max-height: 340px; } figcaption { font-weight: 600; }
svg text { fill: var(--quiet); font-size: 11px; font-family: inherit; } .grid, .zero { stroke: var(--line); }
.range { stroke: var(--accent); stroke-width: 2; } .value { fill: var(--accent); }
.legend { margin: 0; color: var(--quiet); } .legend span { margin-right: 16px; }
.legend i { display: inline-block; width: 14px; height: 3px; margin: 0 6px 3px 0; }
.cards { display: grid; gap: 10px; margin: 12px 0; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); }
.cards.text { grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); }
.cards > div { padding: 8px; background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
  overflow-wrap: anywhere; }
.cards img { display: block; width: 100%; height: 112px; object-fit: contain; } .cards p { margin: 0 0 6px; }
.cards b, .cards small { display: block; }
details { margin: 12px 0; } summary { cursor: pointer; }
"""
