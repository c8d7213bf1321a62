# A row of plots a stage, all rows on the same scales: latency, the writer's queue, the log. The variables
# come from figures.py; lists are words, those with blanks in double quotes.
stages = words(names)
height = 110.0 + 190 * stages
set terminal svg size 1400,height font "sans-serif,12" background "white"
set output folder."/seconds.svg"
set datafile separator ","
set multiplot layout stages,3 margins 0.05,0.985,40/height,1-90/height spacing 0.045,36/height
unset key
set border 3 lc rgb "#666666"
set tics nomirror
set grid ytics lc rgb "#e4e4e4"
set xrange [0:seconds + 0]
band = "#c8c8c8"

# The legend, and what the columns are: above all plots.
line = 1 - 16 / height
set arrow 101 from screen 0.05,line to screen 0.07,line nohead lw 1 dt 3 lc rgb "#222222"
set label 102 "longest" at screen 0.074,line
set arrow 102 from screen 0.13,line to screen 0.15,line nohead lw 2 lc rgb "#222222"
set label 103 "p99" at screen 0.154,line
set arrow 103 from screen 0.19,line to screen 0.21,line nohead lw 1 lc rgb "#222222"
set label 104 "p50 of the right answers of a second" at screen 0.214,line
set arrow 104 from screen 0.41,line-6/height to screen 0.41,line+6/height nohead lw 3 lc rgb "#777777"
set label 105 "the writer's longest commit or checkpoint of a second" at screen 0.415,line
set object 101 rectangle from screen 0.66,line-6/height to screen 0.672,line+6/height fs solid 1 noborder fc rgb band
set label 106 "a TRUNCATE checkpoint waits for its locks or runs" at screen 0.676,line
columns = 1 - 46 / height
set label 107 "latency, ms" at screen 0.05,columns font ",15"
set label 108 "writer's queue, records" at screen 0.377,columns font ",15"
set label 109 "log, MB" at screen 0.704,columns font ",15"

do for [i = 1:stages] {
  name = word(names, i)
  colour = word(colours, i)
  file = folder."/".name.".csv"
  truncate = folder."/".name."-truncate.csv"
  set format x (i == stages ? "%g" : "")
  if (i == stages) { set xlabel "second" }
  set label 1 word(numbers, i)."  ".word(titles, i) at graph 0,1.1 font ",13" tc rgb colour

  set logscale y
  set yrange [latency_least + 0:latency_most + 0]
  set format y "%g"
  plot truncate using (column("began")):(latency_least + 0):(column("began")):(column("ended")): \
         (latency_least + 0):(latency_most + 0) with boxxyerror fc rgb band fs solid 1 border lc rgb band, \
       file using (column("second") - 0.5):(word(queued, i) eq "no" ? NaN : column("stall_ms")) with impulses lw 3 lc rgb "#777777", \
       file using (column("second") - 0.5):"longest_ms" with lines lw 1 dt 3 lc rgb colour, \
       file using (column("second") - 0.5):"p99_ms" with lines lw 2 lc rgb colour, \
       file using (column("second") - 0.5):"p50_ms" with lines lw 1 lc rgb colour
  unset logscale y
  do for [tag = 101:109] { unset label tag }
  do for [tag = 101:104] { unset arrow tag }
  unset object 101
  unset label 1

  set format y "%.0f"
  set yrange [0:queue_most + 0]
  if (word(queued, i) eq "no") {
    set label 1 "no queue: each child waits for the lock" at graph 0.5,0.5 center tc rgb "#777777"
    plot NaN
  } else {
    plot truncate using (column("began")):(0):(column("began")):(column("ended")):(0):(queue_most + 0) \
           with boxxyerror fc rgb band fs solid 1 border lc rgb band, \
         file using (column("second") - 0.5):"queue_most" with lines lw 2 lc rgb colour
  }
  unset label 1

  set logscale y
  set format y "%g"
  set yrange [log_least + 0:log_most + 0]
  plot truncate using (column("began")):(log_least + 0):(column("began")):(column("ended")): \
         (log_least + 0):(log_most + 0) with boxxyerror fc rgb band fs solid 1 border lc rgb band, \
       file using (column("second") - 0.5):"log_mb" with lines lw 2 lc rgb colour
  unset logscale y
}
unset multiplot
