#include "bench/measure.hpp"

#include "protocol/json/writer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <sys/resource.h>

namespace nexte::bench {
namespace {

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void write_spread(json::writer& out, std::string_view name, const spread& of) {
  out.key(name).begin_object();
  out.key("min").value(of.min).key("median").value(of.median).key("max").value(of.max);
  out.end_object();
}

/// A slow minute hits both runs of a turn, so their ratio means more than that of two medians.
spread ratio(const series& of, const series& to) {
  std::vector<double> ratios;
  for (size_t turn = 0; turn < of.runs.size(); ++turn)
    ratios.push_back(static_cast<double>(of.items) / of.runs[turn].wall_seconds
                     / (static_cast<double>(to.items) / to.runs[turn].wall_seconds));
  return spread_of(std::move(ratios));
}

} // namespace

sample timed(const std::function<void()>& work) {
  const double cpu = cpu_seconds();
  const auto begun = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
  return {wall.count(), cpu_seconds() - cpu};
}

spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  const double median
      = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

spread series::items_per_second() const {
  std::vector<double> rates;
  for (const auto& run : runs)
    rates.push_back(static_cast<double>(items) / run.wall_seconds);
  return spread_of(std::move(rates));
}

spread series::cpu_per_100k() const {
  std::vector<double> costs;
  for (const auto& run : runs)
    costs.push_back(run.cpu_seconds * 100'000 / static_cast<double>(items));
  return spread_of(std::move(costs));
}

void print_table(const parameters& settings, const std::vector<series>& all, size_t baselines) {
  for (const auto& [name, value] : settings)
    std::printf("%-12s %s\n", name.c_str(), value.c_str());
  std::printf("\n%-10s %32s  %29s ", "", "items/s (min / median / max)", "CPU s per 100,000 items");
  for (size_t base = 0; base < baselines; ++base)
    std::printf(" %8s", ("/ " + all[base].name).c_str());
  std::printf("\n");
  for (const auto& s : all) {
    const auto rate = s.items_per_second();
    const auto cost = s.cpu_per_100k();
    std::printf("%-10s %10.0f %10.0f %10.0f  %9.2f %9.2f %9.2f ", s.name.c_str(), rate.min,
                rate.median, rate.max, cost.min, cost.median, cost.max);
    for (size_t base = 0; base < baselines; ++base)
      std::printf(" %8.2f", ratio(s, all[base]).median);
    std::printf("\n");
  }
  std::printf("\n");
  for (const auto& s : all)
    std::printf("%-10s %s\n", s.name.c_str(), s.what.c_str());
}

void write_json(const std::filesystem::path& file, const std::string& benchmark,
                const parameters& settings, const std::vector<series>& all, size_t baselines) {
  json::writer out;
  out.begin_object().key("benchmark").value(benchmark).key("parameters").begin_object();
  for (const auto& [name, value] : settings)
    out.key(name).value(value);
  out.end_object().key("series").begin_array();
  for (const auto& s : all) {
    out.begin_object().key("name").value(s.name).key("items").value(s.items);
    write_spread(out, "items_per_second", s.items_per_second());
    write_spread(out, "cpu_seconds_per_100k_items", s.cpu_per_100k());
    out.key("ratio_to").begin_object();
    for (size_t base = 0; base < baselines; ++base)
      write_spread(out, all[base].name, ratio(s, all[base]));
    out.end_object().key("runs").begin_array();
    for (const auto& run : s.runs)
      out.begin_object()
          .key("wall_seconds")
          .value(run.wall_seconds)
          .key("cpu_seconds")
          .value(run.cpu_seconds)
          .end_object();
    out.end_array().end_object();
  }
  out.end_array().end_object();
  std::ofstream to{file};
  if (!(to << out.take() << "\n" << std::flush))
    throw std::runtime_error("cannot write " + file.string());
}

} // namespace nexte::bench
