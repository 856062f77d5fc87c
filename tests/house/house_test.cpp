// The tree keeps its rules, and each rule is proved on a tree that breaks it.
#include "rules.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;
using nexte::house::finding;

namespace {

std::string listing(const std::vector<finding>& found) {
  std::string out;
  for (const auto& f : found)
    out += f.path + ":" + std::to_string(f.line) + ": [" + f.rule + "] " + f.why + "\n";
  return out;
}

/// A tree of planted files in a folder of its own.
class planted {
public:
  planted() {
    std::string pattern = fs::temp_directory_path() / "nexte-house-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  planted(const planted&) = delete;
  planted& operator=(const planted&) = delete;
  ~planted() {
    fs::remove_all(root_);
  }

  planted& file(const fs::path& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream{root_ / path} << content;
    return *this;
  }
  /// "rule path:line" of each finding, one a line.
  std::string findings() const {
    std::string out;
    for (const auto& f : nexte::house::inspect(root_))
      out += f.rule + " " + f.path + ":" + std::to_string(f.line) + "\n";
    return out;
  }

private:
  fs::path root_;
};

std::string findings_of(const fs::path& path, const std::string& content) {
  return planted{}.file(path, content).findings();
}

} // namespace

TEST(House, KeepsItsRules) {
  const auto found = nexte::house::inspect(NEXTE_SOURCE_DIR);
  EXPECT_TRUE(found.empty()) << listing(found);
}

TEST(HouseRules, KeepEachLibraryInItsRoom) {
  struct {
    const char* header;
    const char* home;
    const char* stranger;
  } const cases[] = {
      {"<caf/actor.hpp>", "actors/x.hpp", "storage/x.hpp"},
      {"<lmdb.h>", "storage/x.hpp", "actors/x.hpp"},
      {"<boost/asio.hpp>", "protocol/http/x.hpp", "actors/x.hpp"},
      {"<sys/socket.h>", "protocol/http/x.hpp", "storage/x.hpp"},
      {"<netinet/in.h>", "protocol/http/x.hpp", "actors/x.hpp"},
      {"<arpa/inet.h>", "protocol/http/x.hpp", "actors/x.hpp"},
      {"<netdb.h>", "protocol/http/x.hpp", "actors/x.hpp"},
      {"<openssl/ssl.h>", "protocol/http/x.hpp", "storage/x.hpp"},
      {"<openssl/evp.h>", "storage/x.hpp", "actors/x.hpp"},
      {"<rapidjson/reader.h>", "protocol/json/x.hpp", "protocol/http/x.hpp"},
      {"<CLI/CLI.hpp>", "actors/program/x.hpp", "actors/x.hpp"},
      {"<prometheus/registry.h>", "actors/program/x.hpp", "actors/x.hpp"},
      {"<spdlog/spdlog.h>", "actors/program/x.hpp", "actors/x.hpp"},
      {"\"storage/store.hpp\"", "actors/x.hpp", "protocol/x.hpp"},
      {"\"actors/engine.hpp\"", "actors/x.hpp", "storage/x.hpp"},
      {"\"actors/engine.hpp\"", "actors/x.hpp", "protocol/x.hpp"},
  };
  for (const auto& c : cases) {
    const std::string content = std::string{"// Planted.\n#include "} + c.header + "\n";
    EXPECT_EQ(findings_of(c.home, content), "") << c.header;
    EXPECT_EQ(findings_of("tests/x.hpp", content), "") << c.header;
    EXPECT_EQ(findings_of("bench/x.hpp", content), "") << c.header;
    EXPECT_EQ(findings_of(c.stranger, content), std::string{"include "} + c.stranger + ":2\n")
        << c.header;
  }
}

TEST(HouseRules, KeepAProviderInItsFolder) {
  const std::string code = "int x;\nauto name = \"HubSpot\";\n";
  EXPECT_EQ(findings_of("actors/x.hpp", code), "provider actors/x.hpp:2\n");
  EXPECT_EQ(findings_of("protocol/figma/x.hpp", code), "provider protocol/figma/x.hpp:2\n");
  EXPECT_EQ(findings_of("protocol/hubspot/x.hpp", code), "");
  EXPECT_EQ(findings_of("protocol/providers.hpp", code), "");
  EXPECT_EQ(findings_of("tests/x.hpp", code), "");
  EXPECT_EQ(findings_of("actors/x.hpp", "int x; // hubspot.md §5\n"), "");
  EXPECT_EQ(findings_of("actors/x.hpp", "int notional;\n"), "");
}

TEST(HouseRules, WantAnIssueBesideEachOpenTask) {
  const std::string open_task = "TO"
                                "DO";
  EXPECT_EQ(findings_of("dev", "# " + open_task + ": later\n"), "owner dev:1\n");
  EXPECT_EQ(findings_of("README.md", "FIX"
                                     "ME\n"),
            "owner README.md:1\n");
  EXPECT_EQ(findings_of("dev", "# " + open_task + "(#12): later\n"), "");
}

TEST(HouseRules, LimitTheWidthOfALine) {
  const auto wide = [](size_t n) { return "//" + std::string(n - 2, 'x') + "\n"; };
  EXPECT_EQ(findings_of("protocol/x.hpp", wide(100)), "");
  EXPECT_EQ(findings_of("protocol/x.hpp", wide(101)), "width protocol/x.hpp:1\n");
  EXPECT_EQ(findings_of("dev", wide(101)), "width dev:1\n");
  EXPECT_EQ(findings_of("README.md", wide(101)), "");
  std::string umlauts = "//";
  for (int i = 0; i < 98; ++i)
    umlauts += "ä"; // 198 bytes, 100 columns
  EXPECT_EQ(findings_of("protocol/x.hpp", umlauts + "\n"), "");
}

TEST(HouseRules, LimitTheLengthOfAFile) {
  const auto lines = [](size_t n) {
    std::string out;
    for (size_t i = 0; i < n; ++i)
      out += "//\n";
    return out;
  };
  EXPECT_EQ(findings_of("protocol/x.hpp", lines(400)), "");
  EXPECT_EQ(findings_of("protocol/x.hpp", lines(401)), "length protocol/x.hpp:0\n");
}

TEST(HouseRules, WantEverySourceBuilt) {
  EXPECT_EQ(findings_of("protocol/core/x.cpp", "//\n"), "unbuilt protocol/core/x.cpp:0\n");
  EXPECT_EQ(planted{}
                .file("protocol/core/x.cpp", "//\n")
                .file("protocol/CMakeLists.txt", "nexte_room(protocol\n  core/x.cpp\n)\n")
                .findings(),
            "");
  EXPECT_EQ(planted{}
                .file("protocol/core/x.cpp", "//\n")
                .file("protocol/CMakeLists.txt", "nexte_room(protocol\n  core/xx.cpp\n)\n")
                .findings(),
            "unbuilt protocol/core/x.cpp:0\n");
}

TEST(HouseRules, WantOneTypeToAName) {
  const std::string one = "namespace a {\nstruct x {\n};\n} // namespace a\n";
  const std::string other = "namespace a {\nnamespace b {\nenum class x { y };\n} // namespace b\n"
                            "struct x final : z {\n};\n} // namespace a\n";
  EXPECT_EQ(planted{}.file("actors/x.hpp", one).file("storage/x.hpp", other).findings(),
            "type twice storage/x.hpp:5\n");
  const std::string unnamed = "namespace a {\nnamespace {\nclass [[nodiscard]] x {\n};\n"
                              "} // namespace\nstruct x;\n} // namespace a\n";
  EXPECT_EQ(planted{}.file("actors/x.hpp", one).file("storage/x.hpp", unnamed).findings(), "");
  const std::string whole = "struct hash<a::x> {\n};\n";
  const std::string another = "struct hash<a::y> {\n};\nclass [[nodiscard]] hash<a::x> {\n};\n";
  EXPECT_EQ(planted{}.file("actors/x.hpp", whole).file("storage/x.hpp", another).findings(),
            "type twice storage/x.hpp:3\n");
}

TEST(HouseRules, FixTheTopLevel) {
  EXPECT_EQ(findings_of("notes.txt", "\n"), "top level notes.txt:0\n");
  EXPECT_EQ(findings_of("src/x.hpp", "\n"), "top level src:0\n");
  EXPECT_EQ(findings_of(".editorconfig", "\n"), "");
  EXPECT_EQ(findings_of("build/dev/notes.txt", "TO"
                                               "DO\n"),
            "");
}
