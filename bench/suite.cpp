#include "bench/suite.hpp"

#include "bench/chart.hpp"
#include "bench/spread.hpp"
#include "protocol/json/writer.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>

namespace fs = std::filesystem;

namespace nexte::bench {
namespace {

constexpr unsigned runs_usual = 5;

/// Of each way, the figures of each counted turn.
using turns = std::vector<std::vector<figures>>;

const figure& figure_named(const figures& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &figure::name);
  if (found == all.end())
    throw std::logic_error("no run measured \"" + name + "\"");
  return *found;
}

spread spread_over(const std::vector<figures>& runs, const std::string& name) {
  std::vector<double> values;
  for (const auto& run : runs)
    values.push_back(figure_named(run, name).value);
  return spread_of(std::move(values));
}

size_t index_of(const benchmark& of, const std::string& way_name) {
  const auto found = std::ranges::find(of.ways, way_name, &way::name);
  if (found == of.ways.end())
    throw std::logic_error("no way is called \"" + way_name + "\"");
  return static_cast<size_t>(found - of.ways.begin());
}

/// A slow minute hits both runs of a turn, so their ratio means more than that of two medians.
spread compared(const benchmark& of, const turns& taken, const comparison& one) {
  const size_t a = index_of(of, one.of);
  if (one.to.empty())
    return spread_over(taken[a], one.figure);
  const size_t b = index_of(of, one.to);
  std::vector<double> values;
  for (size_t turn = 0; turn < taken[a].size(); ++turn) {
    const double ratio = figure_named(taken[a][turn], one.figure).value
                         / figure_named(taken[b][turn], one.figure).value;
    values.push_back(one.exponent ? std::log(ratio) / std::log(of.ways[a].size / of.ways[b].size)
                                  : ratio);
  }
  return spread_of(std::move(values));
}

std::string title_of(const comparison& one) {
  const auto ways = one.to.empty() ? one.of : one.of + " / " + one.to;
  return one.figure + (one.exponent ? ", growth exponent: " : ": ") + ways;
}

std::string verdict(const comparison& one, const spread& seen) {
  if (one.bound == aim_bound::none)
    return {};
  const bool least = one.bound == aim_bound::at_least;
  const bool met = least ? seen.median >= one.aim : seen.median <= one.aim;
  return std::string{least ? "at least " : "at most "} + readable(one.aim)
         + (met ? ": met" : ": missed");
}

turns run_turns(const benchmark& of, unsigned counted, bool warm_up, const fs::path& data) {
  turns taken(of.ways.size());
  for (unsigned turn = 0; turn < counted + (warm_up ? 1 : 0); ++turn)
    for (size_t w = 0; w < of.ways.size(); ++w) {
      const run_folder folder{data, of.name};
      auto measured = of.ways[w].run(folder.path());
      if (turn > 0 || !warm_up)
        taken[w].push_back(std::move(measured));
    }
  return taken;
}

void print_spread(const std::string& name, const std::string& figure, const spread& of,
                  const std::string& tail) {
  std::printf("%-18s %-34s %12s %12s %12s  %s\n", name.c_str(), figure.c_str(),
              readable(of.min).c_str(), readable(of.median).c_str(), readable(of.max).c_str(),
              tail.c_str());
}

void print(const benchmark& of, const turns& taken) {
  std::printf("%s\n", of.question.c_str());
  for (const auto& [name, value] : of.settings)
    std::printf("  %-16s %s\n", name.c_str(), value.c_str());
  for (const auto& one : of.ways)
    if (!one.what.empty())
      std::printf("  %-16s %s\n", one.name.c_str(), one.what.c_str());
  std::printf("\n%-18s %-34s %12s %12s %12s\n", "way", "figure", "min", "median", "max");
  for (size_t w = 0; w < taken.size(); ++w)
    for (const auto& one : taken[w].front())
      print_spread(of.ways[w].name, one.name, spread_over(taken[w], one.name), {});
  std::printf("\n");
  for (const auto& one : of.comparisons) {
    const auto seen = compared(of, taken, one);
    std::printf("%-66s %8s %8s %8s  %s\n", title_of(one).c_str(), readable(seen.min).c_str(),
                readable(seen.median).c_str(), readable(seen.max).c_str(),
                verdict(one, seen).c_str());
  }
}

void write_spread(json::writer& out, const spread& of) {
  out.key("min").value(of.min).key("median").value(of.median).key("max").value(of.max);
}

void write_json(const fs::path& file, const benchmark& of, const turns& taken) {
  json::writer out;
  out.begin_object().key("benchmark").value(of.name).key("question").value(of.question);
  out.key("parameters").begin_object();
  for (const auto& [name, value] : of.settings)
    out.key(name).value(value);
  out.end_object().key("ways").begin_array();
  for (size_t w = 0; w < taken.size(); ++w) {
    out.begin_object().key("name").value(of.ways[w].name).key("figures").begin_object();
    for (const auto& one : taken[w].front()) {
      out.key(one.name).begin_object();
      write_spread(out, spread_over(taken[w], one.name));
      out.key("runs").begin_array();
      for (const auto& run : taken[w])
        out.value(figure_named(run, one.name).value);
      out.end_array().end_object();
    }
    out.end_object().end_object();
  }
  out.end_array().key("comparisons").begin_array();
  for (const auto& one : of.comparisons) {
    const auto seen = compared(of, taken, one);
    out.begin_object().key("of").value(title_of(one));
    write_spread(out, seen);
    if (one.bound != aim_bound::none)
      out.key("aim").value(verdict(one, seen));
    out.end_object();
  }
  out.end_array().end_object();
  if (!(std::ofstream{file} << out.take() << '\n' << std::flush))
    throw std::runtime_error("cannot write " + file.string());
}

void write_charts(const fs::path& beside, const benchmark& of, const turns& taken) {
  for (size_t number = 0; number < of.charts.size(); ++number) {
    const auto& wanted = of.charts[number];
    std::vector<chart_line> lines;
    for (size_t w = 0; w < of.ways.size(); ++w) {
      const auto& one = of.ways[w];
      if (one.line.empty()
          || std::ranges::count(taken[w].front(), wanted.figure, &figure::name) == 0)
        continue;
      auto line = std::ranges::find(lines, one.line, &chart_line::name);
      if (line == lines.end())
        line = lines.insert(lines.end(), {one.line, {}});
      line->points.emplace_back(one.size, spread_over(taken[w], wanted.figure).median);
    }
    const auto file = beside / (of.name + (number ? std::to_string(number + 1) : "") + ".svg");
    if (!(std::ofstream{file} << draw_chart(wanted.figure, wanted.size_name, lines) << std::flush))
      throw std::runtime_error("cannot write " + file.string());
  }
}

void run_all(benchmark of, unsigned runs, bool quick, const fs::path& json) {
  const fs::path data = json.has_parent_path() ? json.parent_path() : fs::path{"."};
  of.settings.emplace_back("runs", quick ? "1" : std::to_string(runs) + " and one to warm up");
  of.settings.emplace_back("cores", std::to_string(std::thread::hardware_concurrency()));
  of.settings.emplace_back("data", fs::absolute(data).lexically_normal().string());
  const auto taken = run_turns(of, quick ? 1 : runs, !quick, data);
  print(of, taken);
  if (json.empty())
    return;
  write_json(json, of, taken);
  write_charts(data, of, taken);
}

} // namespace

run_folder::run_folder(const fs::path& beside, const std::string& name) {
  std::string pattern = beside / (name + "-XXXXXX");
  if (!mkdtemp(pattern.data()))
    throw std::runtime_error("cannot make a folder in " + beside.string());
  path_ = pattern;
}

run_folder::~run_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

int run_benchmark(int argc, char** argv, const std::function<benchmark(bool quick)>& make) {
  unsigned runs = runs_usual;
  bool quick = false;
  fs::path json;
  CLI::App app{"One question about the engine's costs; bench/README.md has more."};
  app.add_option("--runs", runs, "Counted runs of each way")->check(CLI::Range(1, 100));
  app.add_flag("--quick", quick, "Small and once: proves that it runs, says little");
  app.add_option("--json", json, "Where to write the result; the data of a run lies beside it");
  CLI11_PARSE(app, argc, argv);
  try {
    run_all(make(quick), runs, quick, json);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s: %s\n", fs::path{argv[0]}.filename().c_str(), failure.what());
    return 1;
  }
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double anonymous_bytes() {
  constexpr std::string_view name = "RssAnon:";
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name))
      return std::stod(line.substr(name.size())) * 1024;
  throw std::runtime_error("/proc/self/status tells no RssAnon");
}

std::string readable(double value) {
  std::array<char, 32> text{};
  if (std::abs(value) < 1000) {
    std::snprintf(text.data(), text.size(), "%.3g", value);
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%.0f", value);
  std::string out = text.data();
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    out.insert(static_cast<size_t>(at), ",");
  return out;
}

} // namespace nexte::bench
