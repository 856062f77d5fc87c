#include "rules.hpp"

#include "type_names.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string_view>

namespace nexte::house {
namespace {

namespace fs = std::filesystem;
using std::string_view;

constexpr size_t columns_max = 100;
constexpr size_t lines_max = 400;

/// Headers that only some rooms may include. Dependencies point down: actors, storage, protocol.
struct include_rule {
  string_view header; ///< Begins with.
  std::vector<string_view> rooms;
  string_view why;
};

const include_rule include_rules[] = {
    {"caf/", {"actors/"}, "CAF stays in actors/"},
    {"lmdb", {"storage/"}, "LMDB stays in storage/"},
    {"boost/", {"protocol/"}, "Boost stays in protocol/"},
    {"sys/socket.h", {"protocol/"}, "sockets stay in protocol/"},
    {"netinet/", {"protocol/"}, "sockets stay in protocol/"},
    {"arpa/", {"protocol/"}, "sockets stay in protocol/"},
    {"netdb.h", {"protocol/"}, "sockets stay in protocol/"},
    {"openssl/ssl.h", {"protocol/"}, "sockets stay in protocol/"},
    {"openssl/", {"protocol/", "storage/"}, "cryptography stays in protocol/ and storage/"},
    {"rapidjson/", {"protocol/json/"}, "all JSON goes through protocol/json/"},
    {"CLI/", {"actors/program/"}, "the command line is the program's business"},
    {"spdlog/", {"actors/program/"}, "the log is the program's business; a library calls its host"},
    {"prometheus/", {"actors/program/"}, "metrics are written by the program; the engine counts"},
    {"actors/", {"actors/"}, "dependencies point down: nothing below may know actors/"},
    {"storage/", {"storage/", "actors/"}, "dependencies point down: protocol/ knows no storage/"},
};

constexpr string_view provider_names[]
    = {"google", "microsoft", "hubspot", "pipedrive", "notion", "figma"};

/// Places that may break a rule, with the reason.
struct exception {
  string_view rule;
  string_view path; ///< Begins with.
  string_view reason;
};

constexpr exception exceptions[] = {
    {"length", "protocol/hubspot/simulator_", "one file per family of endpoints"},
    {"length", "tests/protocol/hubspot/simulator_test.cpp", "one test per rule of a long sheet"},
    {"provider", "protocol/providers.", "the registry: the one list a provider is added to"},
    {"provider", "protocol/simulation/catalog.", "the registry of simulators"},
    {"provider", "actors/program/demo", "the demo tells a story about providers one knows"},
    {"provider", "actors/program/cli.", "its help shows calls as a person would type them"},
    {"provider", "actors/program/simulators", "serves the simulators by name"},
    {"provider", "protocol/simulation/oauth_policy.",
     "how their token endpoints differ, side by side"},
    {"provider", "actors/policy/disconnect_diagnosis", "causes are the providers' own"},
};

constexpr string_view top_level[] = {"CMakeLists.txt",
                                     "CMakePresets.json",
                                     "CMakeUserPresets.json",
                                     "README.md",
                                     "actors",
                                     "bench",
                                     "build",
                                     "dev",
                                     "protocol",
                                     "storage",
                                     "tests"};

bool in_repository(string_view name) {
  return name != "build" && name != "node_modules" && name != ".git" && name != "__pycache__";
}

bool is_source(string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".hpp");
}

bool is_prose(string_view path) { // a table or a link has its own width
  return path.ends_with(".md") || path.ends_with(".json") || path.ends_with(".html");
}

bool begins_with_any(string_view path, std::span<const string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](string_view p) { return path.starts_with(p); });
}

/// Tests and benchmarks see every room.
bool sees_all(string_view path) {
  return path.starts_with("tests/") || path.starts_with("bench/");
}

bool excepted(string_view rule, string_view path) {
  return std::ranges::any_of(
      exceptions, [&](const exception& e) { return e.rule == rule && path.starts_with(e.path); });
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// Whether `word` stands in `line` between characters that are no letters or digits.
bool has_word(string_view line, string_view word) {
  for (size_t at = line.find(word); at != string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(line[at - 1])) && (end == line.size() || !is_word(line[end])))
      return true;
  }
  return false;
}

/// The header of an include directive, or an empty view.
string_view included_header(string_view line) {
  constexpr string_view directive = "#include ";
  if (!line.starts_with(directive) || line.size() < directive.size() + 3)
    return {};
  const string_view rest = line.substr(directive.size() + 1);
  return rest.substr(0, rest.find_first_of(">\""));
}

size_t columns(string_view line) {
  return static_cast<size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

std::string lower(string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string read(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class inspection {
public:
  explicit inspection(fs::path root) : root_(std::move(root)) {}

  std::vector<finding> run() {
    for (const auto& entry : fs::directory_iterator{root_}) {
      const std::string name = entry.path().filename();
      if (!name.starts_with('.') && !std::ranges::count(top_level, name))
        report("top level", name, 0, "belongs into a room; the top level is fixed");
      if (!in_repository(name))
        continue;
      if (entry.is_directory())
        visit_folder(entry.path());
      else
        visit_file(entry.path());
    }
    check_types();
    std::ranges::sort(found_, {}, [](const finding& f) { return std::pair{f.path, f.line}; });
    return std::move(found_);
  }

private:
  void report(string_view rule, string_view path, size_t line, std::string why) {
    if (!excepted(rule, path))
      found_.push_back({std::string{rule}, std::string{path}, line, std::move(why)});
  }

  void visit_folder(const fs::path& folder) {
    for (auto at = fs::recursive_directory_iterator{folder}; at != fs::end(at); ++at) {
      if (!in_repository(at->path().filename().string()))
        at.disable_recursion_pending();
      else if (at->is_regular_file())
        visit_file(at->path());
    }
  }

  void visit_file(const fs::path& file) {
    const std::string path = fs::relative(file, root_);
    const std::string content = read(file);
    if (content.find('\0') != std::string::npos)
      return; // not text: a fuzz seed, an image
    size_t number = 0;
    for (string_view rest = content; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      check_line(path, ++number, rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (is_source(path) && number > lines_max)
      report("length", path, 0,
             std::to_string(number) + " lines: cut it around a noun, " + std::to_string(lines_max)
                 + " is the most");
    if (is_source(path) && !sees_all(path))
      for (auto& type : types_defined(content))
        types_[std::move(type.name)].emplace_back(path, type.line);
    if (path.ends_with(".cpp") && !is_listed(file))
      report("unbuilt", path, 0, "no CMakeLists.txt above it names it: it is never compiled");
  }

  void check_line(const std::string& path, size_t number, string_view line) {
    for (const string_view mark : {string_view{"TO"
                                               "DO"},
                                   string_view{"FIX"
                                               "ME"}})
      if (has_word(line, mark) && line.find(std::string{mark} + "(#") == string_view::npos)
        report("owner", path, number, "name the issue: " + std::string{mark} + "(#12)");
    if (!is_prose(path) && path.find("package-lock") == std::string::npos
        && columns(line) > columns_max)
      report("width", path, number, "over " + std::to_string(columns_max) + " columns");
    if (is_source(path) && !sees_all(path)) {
      check_include(path, number, included_header(line));
      check_provider(path, number, line);
    }
  }

  void check_include(const std::string& path, size_t number, string_view header) {
    for (const auto& rule : include_rules)
      if (header.starts_with(rule.header) && !begins_with_any(path, rule.rooms))
        return report("include", path, number, std::string{rule.why});
  }

  /// Comments may name a provider: they cite its sheet, or tell why.
  void check_provider(const std::string& path, size_t number, string_view line) {
    const std::string code = lower(line.substr(0, line.find("//")));
    for (const string_view name : provider_names)
      if (has_word(code, name) && !path.starts_with("protocol/" + std::string{name} + "/"))
        report("provider", path, number,
               "what is special to " + std::string{name} + " belongs into its folder");
  }

  /// The linker takes one destructor, one vtable for both and says nothing.
  void check_types() {
    for (auto& [name, places] : types_) {
      std::ranges::sort(places);
      for (size_t i = 1; i < places.size(); ++i)
        report("type twice", places[i].first, places[i].second,
               name + " is another type in " + places[0].first
                   + ": rename one, or put it into an unnamed namespace");
    }
  }

  /// Whether a CMakeLists.txt at or above the file names it by its path from there.
  bool is_listed(const fs::path& file) const {
    for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
      const std::string list = read(folder / "CMakeLists.txt");
      const std::string name = fs::relative(file, folder);
      for (size_t at = list.find(name); at != std::string::npos; at = list.find(name, at + 1))
        if (at == 0 || string_view{" \n("}.find(list[at - 1]) != string_view::npos)
          return true;
      if (list.find("${name}_fuzz.cpp") != std::string::npos && name.ends_with("_fuzz.cpp")
          && list.find("nexte_fuzz(" + name.substr(0, name.size() - 9) + ")") != std::string::npos)
        return true;
      if (folder == root_ || folder == folder.parent_path())
        return false;
    }
  }

  fs::path root_;
  std::vector<finding> found_;
  std::map<std::string, std::vector<std::pair<std::string, size_t>>> types_; ///< By name.
};

} // namespace

std::vector<finding> inspect(const fs::path& root) {
  return inspection{root}.run();
}

} // namespace nexte::house
