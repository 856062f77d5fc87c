#include "tests/simulation/planted/heads.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string_view>

namespace nexte::program {
namespace {

constexpr std::string_view row_begin = "| [`";

/// Takes `line` if it is "key: value".
void read_line(const std::string& line, planted_defect& into) {
  const auto colon = line.find(": ");
  const auto key = line.substr(0, colon);
  const auto value = colon == line.npos ? std::string{} : line.substr(colon + 2);
  const auto number
      = [&](auto& to) { std::from_chars(value.data(), value.data() + value.size(), to); };
  if (key == "Breaks")
    into.breaks = value;
  else if (key == "Faults")
    into.faults = value;
  else if (key == "Workspaces")
    number(into.workspaces);
  else if (key == "Hours")
    number(into.hours);
  else if (key == "Records")
    number(into.records);
}

} // namespace

void PrintTo(const planted_defect& one, std::ostream* out) {
  *out << one.name;
}

std::vector<planted_defect> planted_defects(const std::filesystem::path& folder) {
  std::vector<planted_defect> all;
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    if (file.path().extension() != ".patch")
      continue;
    planted_defect one;
    one.name = file.path().stem();
    std::ifstream in{file.path()};
    std::getline(in, one.title);
    for (std::string line; std::getline(in, line) && !line.starts_with("--- ");)
      read_line(line, one);
    all.push_back(std::move(one));
  }
  std::ranges::sort(all, {}, &planted_defect::name);
  return all;
}

std::string table_of(const std::vector<planted_defect>& defects,
                     const std::map<std::string, uint64_t>& seeds) {
  std::ostringstream out;
  out << "| patch | defect | breaks | under | seed |\n|---|---|---|---|---|\n";
  for (const auto& one : defects) {
    const auto seed = seeds.find(one.name);
    out << row_begin << one.name << "`](" << one.name << ".patch) | " << one.title << " | `"
        << one.breaks << "` | " << one.faults << " | "
        << (seed == seeds.end() ? std::string{"none"} : std::to_string(seed->second)) << " |\n";
  }
  return out.str();
}

std::map<std::string, uint64_t> seeds_in(const std::string& text) {
  std::map<std::string, uint64_t> seeds;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    constexpr std::string_view cell_end = " |";
    if (!line.starts_with(row_begin) || !line.ends_with(cell_end))
      continue;
    const auto name
        = line.substr(row_begin.size(), line.find('`', row_begin.size()) - row_begin.size());
    const auto cell = line.rfind(' ', line.size() - cell_end.size() - 1) + 1;
    uint64_t seed = 0;
    std::from_chars(line.data() + cell, line.data() + line.size(), seed);
    if (seed > 0)
      seeds[name] = seed;
  }
  return seeds;
}

} // namespace nexte::program
