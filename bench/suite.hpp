// What every benchmark is made of: ways to do one thing that take turns, figures of each run, and
// comparisons within a turn with what they should be.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace nexte::bench {

/// What one run of one way measured.
struct figure {
  std::string name; ///< e.g. "grants a second"
  double value = 0;
};
using figures = std::vector<figure>;

/// One way to do the work, at one size.
struct way {
  std::string name; ///< Unique in its benchmark, e.g. "limiter 1,000".
  std::string what; ///< One line for people; empty: the way before says it.
  /// Does the work once. The folder is empty and of this run alone. Throws std::exception.
  std::function<figures(const std::filesystem::path& folder)> run;
  std::string line = {}; ///< Of a chart; empty: in none.
  double size = 0;       ///< Where it stands on the line, e.g. integrations.
};

enum class aim_bound { none, at_least, at_most };

/// A ratio that says something on any machine: of one figure of two ways in one turn.
struct comparison {
  std::string figure;
  std::string of;
  std::string to = {}; ///< Empty: the figure of `of` itself.
  aim_bound bound = aim_bound::none;
  double aim = 0;
  /// The growth exponent instead: log(ratio) / log(size of / size to); 1 is in proportion.
  bool exponent = false;
};

/// A picture of one figure against size, a line per `way::line`; both axes logarithmic.
struct chart {
  std::string figure;
  std::string size_name; ///< e.g. "integrations"
};

struct benchmark {
  std::string name;     ///< As in `./dev bench NAME`.
  std::string question; ///< One line.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<way> ways;
  std::vector<comparison> comparisons;
  std::vector<chart> charts = {};
};

/// `main` of a benchmark: reads `--runs`, `--quick` and `--json FILE`, runs every way in turn, the
/// first turn to warm up and uncounted (with `--quick` there is one turn, and it counts), and
/// prints a table. FILE takes the same with every run; charts are written beside it as SVG, and
/// the data of a run lies there while it runs. `make` is given whether `--quick` was.
int run_benchmark(int argc, char** argv, const std::function<benchmark(bool quick)>& make);

/// An empty folder that goes with it. Throws std::runtime_error.
class run_folder {
public:
  /// Beside other data, named after what it is of.
  run_folder(const std::filesystem::path& beside, const std::string& name);
  run_folder(const run_folder&) = delete;
  run_folder& operator=(const run_folder&) = delete;
  ~run_folder();
  const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

/// User and system time of this process, all threads.
double cpu_seconds();
/// Anonymous memory of this process (RssAnon), bytes; mapped files are not part of it.
double anonymous_bytes();
/// 12345.6 as "12,346"; small values with three digits.
std::string readable(double value);

/// Runs `measure` in a process of its own, whose heap and threads are fresh, and yields what it
/// measured. Throws std::runtime_error with what it threw.
/// @pre this process has one thread
figures in_process_of_its_own(const std::function<figures()>& measure);

} // namespace nexte::bench
