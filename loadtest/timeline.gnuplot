# Seven plots of timeline.csv over the same seconds. gnuplot -e "folder='FOLDER'" timeline.gnuplot
set terminal svg size 900,1500 font "sans-serif,12" background "white"
set output folder."/timeline.svg"
set datafile separator ","
file = folder."/timeline.csv"
set multiplot layout 7,1
set grid ytics lc rgb "#dddddd"
set lmargin 11
set rmargin 18
set key at graph 1.02,0.98 left Left reverse samplen 2
set yrange [0:*]
set format y "%.1s%c"

set title "requests/s"
plot file using "second":"requests_per_s" with lines lc rgb "#1f5fa8" title "answered", \
     file using "second":"failed" with lines lc rgb "#c02020" title "failed"
set title "latency, ms"
set yrange [*:*]
set logscale y
plot file using "second":"p50_ms" with lines lc rgb "#6aa84f" title "p50", \
     file using "second":"p99_ms" with lines lc rgb "#1f5fa8" title "p99", \
     file using "second":"longest_ms" with lines lc rgb "#999999" title "longest"
unset logscale y
set yrange [0:*]
set title "writer's queue, records"
plot file using "second":"queue_most" with lines lc rgb "#1f5fa8" title "most", \
     file using "second":"queue_mean" with lines lc rgb "#6aa84f" title "mean"
set title "log, frames"
plot file using "second":"wal_frames_most" with lines lc rgb "#1f5fa8" title "most"
set title "longest of the second, ms"
plot file using "second":"commit_ms_longest" with lines lc rgb "#1f5fa8" title "commit", \
     file using "second":"checkpoint_ms_longest" with lines lc rgb "#e69138" title "checkpoint", \
     file using "second":"bare_fdatasync_ms_longest" with lines lc rgb "#999999" title "bare fdatasync"
set title "memory of all processes, MB"
plot file using "second":"pss_mb" with lines lc rgb "#1f5fa8" title "PSS"
set title "rows that expired: user codes freed, rows deleted"
set xlabel "second"
plot file using "second":"expired_rows" with lines lc rgb "#1f5fa8" title "rows"
unset multiplot
