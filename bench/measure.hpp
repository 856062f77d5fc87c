// What every benchmark needs: repeated runs, their spread, a table for people and JSON beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace nexte::bench {

/// What one run took.
struct sample {
  double wall_seconds = 0;
  double cpu_seconds = 0; ///< User and system time of this process, all threads.
};

/// Times `work` once.
sample timed(const std::function<void()>& work);

struct spread {
  double min = 0;
  double median = 0;
  double max = 0;
};

/// @pre `values` is not empty
spread spread_of(std::vector<double> values);

/// The runs of one way to do the work.
struct series {
  std::string name;
  std::string what;   ///< One line for people.
  uint64_t items = 0; ///< Of each run.
  std::vector<sample> runs;

  spread items_per_second() const;
  spread cpu_per_100k() const; ///< CPU seconds per 100,000 items.
};

using parameters = std::vector<std::pair<std::string, std::string>>;

/// Prints the parameters and, per series, min/median/max of both figures and how its rate stands to
/// that of each of the first `baselines` series: the median of the ratios within each turn.
/// @pre every series has as many runs, and run i of each was taken in turn i
void print_table(const parameters& settings, const std::vector<series>& all, size_t baselines);

/// Writes the same with every single run. Throws std::runtime_error naming the file on failure.
void write_json(const std::filesystem::path& file, const std::string& benchmark,
                const parameters& settings, const std::vector<series>& all, size_t baselines);

} // namespace nexte::bench
