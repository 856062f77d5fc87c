// Each sentence of the contract has its test: the table in tests/README.md names tests that exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct contract_row {
  std::string sentence;
  std::vector<std::string> tests; ///< "actors/engine_quota_test.cpp: EngineQuota.SpendsTheWhole"
};

/// The rows `| sentence | tests |` below "## The contract and its tests"; a test stands in
/// backticks.
std::vector<contract_row> rows_of(const std::string& readme) {
  std::vector<contract_row> rows;
  const auto begin = readme.find("\n## The contract and its tests\n");
  if (begin == readme.npos)
    return rows;
  const auto text = readme.substr(begin, readme.find("\n## ", begin + 4) - begin);
  const std::regex row{R"(\n\| ([^\n]+?) \| ([^\n]*) \|(?=\n))"};
  const std::regex test{"`([^`]+)`"};
  for (std::sregex_iterator at{text.begin(), text.end(), row}, none; at != none; ++at) {
    contract_row one{(*at)[1], {}};
    const std::string tests = (*at)[2];
    for (std::sregex_iterator t{tests.begin(), tests.end(), test}; t != none; ++t)
      one.tests.push_back((*t)[1]);
    if (one.sentence != "the contract says" && !one.sentence.starts_with("---"))
      rows.push_back(std::move(one));
  }
  return rows;
}

/// What is wrong with "file: Suite.Name"; empty: nothing.
std::string wrong_with(const std::string& test, const fs::path& tests) {
  std::smatch parts;
  if (!std::regex_match(test, parts, std::regex{R"((\S+): (\w+)\.(\w+))"}))
    return "is not written \"file: Suite.Name\"";
  static std::map<fs::path, std::string> files;
  const auto file = tests / parts[1].str();
  if (!files.count(file))
    files[file] = read(file);
  if (files[file].empty())
    return "names no file below tests/";
  const std::regex macro{R"(\nTEST(_F|_P)?\()" + parts[2].str() + R"(,\s+)" + parts[3].str()
                         + R"(\))"};
  return std::regex_search(files[file], macro) ? "" : "is not in that file";
}

} // namespace

TEST(BehaviourTable, NamesTestsThatExist) {
  const fs::path tests = NEXTE_SOURCE_DIR "/tests";
  const auto rows = rows_of(read(tests / "README.md"));
  EXPECT_GE(rows.size(), 50u) << "the table is gone, or is not read";
  for (const auto& [sentence, named] : rows) {
    EXPECT_FALSE(named.empty()) << "no test for: " << sentence;
    for (const auto& test : named)
      EXPECT_EQ(wrong_with(test, tests), "") << test << "\nfor: " << sentence;
  }
}

TEST(BehaviourTable, ReadsRowsAndSeesWhatIsWrong) {
  const auto rows = rows_of("# tests\n| x | `y: A.B` |\n\n## The contract and its tests\n\n"
                            "| the contract says | test |\n|---|---|\n"
                            "| one | `a.cpp: A.B`, `b.cpp: C.D` |\n| two |  |\n\n## More\n"
                            "| three | `c.cpp: E.F` |\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].sentence, "one");
  EXPECT_EQ(rows[0].tests, (std::vector<std::string>{"a.cpp: A.B", "b.cpp: C.D"}));
  EXPECT_TRUE(rows[1].tests.empty());
  const fs::path tests = NEXTE_SOURCE_DIR "/tests";
  EXPECT_EQ(wrong_with("house/house_test.cpp: House.KeepsItsRules", tests), "");
  EXPECT_NE(wrong_with("house/house_test.cpp: House.KeepsNoRules", tests), "");
  EXPECT_NE(wrong_with("house/no_test.cpp: House.KeepsItsRules", tests), "");
  EXPECT_NE(wrong_with("House.KeepsItsRules", tests), "");
}
