#include "ctl/top/top_view.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "metrics/reasons.h"

namespace ctl {

namespace {

using metrics::Buckets;
using metrics::Count;
using metrics::Gauge;
using metrics::Reason;
using metrics::RouteCounts;

constexpr std::int64_t kChildOldMs = 3000;

std::uint64_t Grown(std::uint64_t before, std::uint64_t after) {
  return after >= before ? after - before : after;
}

double Rate(std::uint64_t before, std::uint64_t after, double seconds) {
  return static_cast<double>(Grown(before, after)) / seconds;
}

void AddBuckets(const Buckets& before, const Buckets& after, Buckets* sum) {
  for (std::size_t i = 0; i < sum->size(); ++i) (*sum)[i] += Grown(before[i], after[i]);
}

const RouteCounts* FindRoute(const metrics::Counts& counts, const std::string& name) {
  const auto found = std::ranges::find(counts.routes, name, &RouteCounts::name);
  return found == counts.routes.end() ? nullptr : &*found;
}

TopRoute CompareRoute(const RouteCounts& before, const RouteCounts& after, double seconds,
                      Buckets* all) {
  TopRoute route;
  route.name = after.name;
  for (std::size_t i = 0; i < after.classes.size(); ++i) {
    route.per_second += Rate(before.classes[i], after.classes[i], seconds);
  }
  route.client_errors = Rate(before.classes[2], after.classes[2], seconds);
  route.server_errors = Rate(before.classes[3], after.classes[3], seconds);
  Buckets buckets{};
  AddBuckets(before.buckets, after.buckets, &buckets);
  AddBuckets({}, buckets, all);
  route.p50_us = metrics::QuantileMicros(buckets, 0.5);
  route.p99_us = metrics::QuantileMicros(buckets, 0.99);
  return route;
}

void CompareRoutes(const metrics::Counts& before, const metrics::Counts& after, TopView* view) {
  Buckets all{};
  for (const RouteCounts& route : after.routes) {
    const RouteCounts* const former = FindRoute(before, route.name);
    TopRoute row =
        CompareRoute(former == nullptr ? RouteCounts{} : *former, route, view->seconds, &all);
    if (row.per_second == 0) continue;
    view->all.per_second += row.per_second;
    view->all.client_errors += row.client_errors;
    view->all.server_errors += row.server_errors;
    view->routes.push_back(std::move(row));
  }
  std::ranges::stable_sort(view->routes, std::greater(), &TopRoute::per_second);
  view->all.p50_us = metrics::QuantileMicros(all, 0.5);
  view->all.p99_us = metrics::QuantileMicros(all, 0.99);
  Buckets waits{};
  AddBuckets(before.waits, after.waits, &waits);
  view->wait_p99_us = metrics::QuantileMicros(waits, 0.99);
}

double SumRate(std::span<const Reason> reasons, const TopSample& before, const TopSample& after,
               double seconds) {
  double rate = 0;
  for (const Reason& reason : reasons) {
    rate += Rate(before.counts.Sum(reason.count), after.counts.Sum(reason.count), seconds);
  }
  return rate;
}

void ComparePoison(const TopSample& before, const TopSample& after, TopView* view) {
  const PoisonReport former = PoisonOf(before.counts);
  const PoisonReport& now = view->poison = PoisonOf(after.counts);
  view->new_deaths = Grown(former.deaths, now.deaths);
  view->poison_refused =
      Rate(former.requests_refused, now.requests_refused, view->seconds) +
      Rate(former.network_requests_refused, now.network_requests_refused, view->seconds);
}

void CompareCounts(const TopSample& before, const TopSample& after, TopView* view) {
  const auto rate = [&](std::span<const Reason> reasons) {
    return SumRate(reasons, before, after, view->seconds);
  };
  view->refused = rate(metrics::kRefusals);
  view->limited = rate(metrics::kLimited);
  view->writes_failed = rate(metrics::kWriteFailures);
  view->log_lines_dropped = Rate(before.counts.Sum(Count::kLogLinesDropped),
                                 after.counts.Sum(Count::kLogLinesDropped), view->seconds);
  for (const metrics::ChildCounts& child : after.counts.children) {
    if (!child.IsAlive(after.since_boot.count(), kChildOldMs)) continue;
    ++view->children;
    view->connections += child[Gauge::kConnections];
    view->parked += child[Gauge::kPendingWrites];
  }
}

void CompareWriters(const WriterReport& before, const WriterReport& after, TopView* view) {
  view->writer = after;
  view->records = Rate(before.records, after.records, view->seconds);
  view->batches = Rate(before.batches, after.batches, view->seconds);
  const std::uint64_t batches = Grown(before.batches, after.batches);
  if (batches == 0) return;
  view->batch_records =
      static_cast<double>(Grown(before.records, after.records)) / static_cast<double>(batches);
  view->commit_us = Grown(before.commit_us_total, after.commit_us_total) / batches;
}

// A process that was not there before has its whole life's time to show: none.
void CompareProcesses(const TopSample& before, const TopSample& after, TopView* view) {
  for (const TopProcess& process : after.processes) {
    const auto former = std::ranges::find(before.processes, process.pid, &TopProcess::pid);
    const base::milliseconds cpu =
        former == before.processes.end() ? base::milliseconds(0) : process.cpu - former->cpu;
    view->processes.push_back({.name = process.name,
                               .pid = process.pid,
                               .cpu_percent = static_cast<double>(cpu.count()) / 10 / view->seconds,
                               .pss_bytes = process.pss_bytes});
  }
}

Json Whole(double value) { return {static_cast<std::int64_t>(std::llround(value))}; }
Json Whole(std::uint64_t value) { return {static_cast<std::int64_t>(value)}; }

JsonObject RouteJson(const TopRoute& route) {
  return {{"route", route.name},
          {"per_second", Whole(route.per_second)},
          {"client_errors_per_second", Whole(route.client_errors)},
          {"server_errors_per_second", Whole(route.server_errors)},
          {"p50_us", Whole(route.p50_us)},
          {"p99_us", Whole(route.p99_us)}};
}

JsonObject PoisonJson(const TopView& view) {
  return {{"deaths", Whole(view.poison.deaths)},
          {"new_deaths", Whole(view.new_deaths)},
          {"refused_per_second", Whole(view.poison_refused)}};
}

JsonObject WriterJson(const TopView& view) {
  return {{"state", StateWord(view.writer)},
          {"queue_depth", Whole(view.writer.queue_depth)},
          {"records_per_second", Whole(view.records)},
          {"batches_per_second", Whole(view.batches)},
          {"batch_records", Whole(view.batch_records)},
          {"commit_us", Whole(view.commit_us)},
          {"last_checkpoint_us", Whole(view.writer.last_checkpoint_us)},
          {"wal_frames", Whole(view.writer.wal_frames)}};
}

}  // namespace

TopView CompareSamples(const TopSample& before, const TopSample& after) {
  TopView view;
  view.seconds = std::max(1e-3, static_cast<double>(after.taken_us - before.taken_us) / 1e6);
  view.all.name = "all";
  CompareRoutes(before.counts, after.counts, &view);
  CompareCounts(before, after, &view);
  ComparePoison(before, after, &view);
  CompareWriters(before.writer, after.writer, &view);
  CompareProcesses(before, after, &view);
  return view;
}

JsonObject TopJson(const TopView& view) {
  JsonArray routes;
  for (const TopRoute& route : view.routes) routes.push_back(RouteJson(route));
  JsonArray processes;
  for (const TopLoad& process : view.processes) {
    processes.push_back(
        JsonObject{{"name", process.name},
                   {"pid", static_cast<std::int64_t>(process.pid)},
                   {"cpu_percent", Whole(process.cpu_percent)},
                   {"pss_bytes", process.pss_bytes ? Whole(*process.pss_bytes) : Json()}});
  }
  return {{"seconds", Whole(view.seconds)},
          {"requests", RouteJson(view.all)},
          {"routes", std::move(routes)},
          {"wait_p99_us", Whole(view.wait_p99_us)},
          {"refused_per_second", Whole(view.refused)},
          {"limited_per_second", Whole(view.limited)},
          {"writes_failed_per_second", Whole(view.writes_failed)},
          {"log_lines_dropped_per_second", Whole(view.log_lines_dropped)},
          {"poison", PoisonJson(view)},
          {"children", Whole(view.children)},
          {"connections", Whole(view.connections)},
          {"writes_parked", Whole(view.parked)},
          {"writer", WriterJson(view)},
          {"processes", std::move(processes)}};
}

}  // namespace ctl
