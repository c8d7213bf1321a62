# Four bars a stage from ladder.csv. The variables come from figures.py; lists are words, those with blanks
# in double quotes.
stages = words(numbers)
legend_rows = int((stages + 2) / 3)
height = 800.0 + 26 * legend_rows
set terminal svg size 1200,height font "sans-serif,13" background "white"
set output folder."/ladder.svg"
set datafile separator ","
file = folder."/ladder.csv"
foot = (26.0 * legend_rows + 50) / height
set multiplot layout 2,2 margins 0.06,0.985,foot,0.95 spacing 0.075,0.12
unset key
set style fill solid 0.85 noborder
set boxwidth 0.7
set grid ytics lc rgb "#dddddd"
set border 3 lc rgb "#666666"
set tics nomirror
set xtics scale 0 font ",14"
set offsets 0.5,0.5,0,0
set format y "%.0f"
short(v) = v >= 1e4 ? sprintf("%.1fk", v / 1e3) : v >= 100 || v == 0 ? sprintf("%.0f", v) : \
           v >= 10 ? sprintf("%.1f", v) : sprintf("%.2f", v)

# The legend, below all plots.
do for [i = 1:stages] {
  x = 0.06 + 0.32 * ((i - 1) % 3)
  y = (26.0 * (legend_rows - int((i - 1) / 3)) - 10) / height
  set object i rectangle from screen x,y-7/height to screen x+0.013,y+7/height fs solid 0.85 noborder \
    fc rgb word(colours, i)
  set label i word(numbers, i)."  ".word(titles, i) at screen x+0.018,y
}

set title "right answers a second" font ",15"
set yrange [0:1.12 * rate_most + 1]
plot file using 0:"requests_per_s":(column("colour")):xticlabels(strcol("number")) with boxes lc rgb variable, \
     '' using 0:"requests_per_s":(short(column("requests_per_s"))) with labels offset 0,0.7 font ",12"
do for [i = 1:stages] { unset object i; unset label i }

# A logarithm has no place for 0: a bar of that height is left out, its label stands on the axis.
set logscale y
above(v, least) = v > least ? v : least
set title "failed requests" font ",15"
set yrange [0.5:3 * failed_most + 10]
plot file using 0:(column("failed") > 0 ? column("failed") : NaN):(column("colour")):xticlabels(strcol("number")) \
       with boxes lc rgb variable, \
     '' using 0:(above(column("failed"), 0.5)):(short(column("failed"))) with labels offset 0,0.7 font ",12"

set format y "%g"
set title "p50, ms" font ",15"
set yrange [0.1:3 * latency_most + 1]
plot file using 0:"p50_ms":(column("colour")):xticlabels(strcol("number")) with boxes lc rgb variable, \
     '' using 0:(above(column("p50_ms"), 0.1)):(short(column("p50_ms"))) with labels offset 0,0.7 font ",12"

set title "p99, ms" font ",15"
set yrange [0.1:3 * latency_most + 1]
plot file using 0:"p99_ms":(column("colour")):xticlabels(strcol("number")) with boxes lc rgb variable, \
     '' using 0:(above(column("p99_ms"), 0.1)):(short(column("p99_ms"))) with labels offset 0,0.7 font ",12"
unset multiplot
