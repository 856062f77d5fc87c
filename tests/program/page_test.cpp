#include "protocol/control/page.hpp"

#include "tests/program/control_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace nexte;
using namespace nexte::program;

namespace {

class Page : public control_fixture {
protected:
  http_response visit(std::string target) {
    return send({"GET", std::string{origin} + std::move(target)});
  }
};

} // namespace

TEST_F(Page, HoldsEveryFileOfItsFolderAsItIs) {
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator{NEXTE_SOURCE_DIR "/protocol/control/page"}) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".cmake") || name.ends_with(".md") || name.ends_with(".png"))
      continue;
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    const auto answer = visit(name == "index.html" ? "/" : "/page/" + name);
    EXPECT_EQ(answer.status, 200) << name;
    EXPECT_EQ(*answer.body, content) << name;
    ++files;
  }
  EXPECT_EQ(files, control::page_files().size());
}

TEST_F(Page, NeedsNoTokenForItHoldsNoData) {
  EXPECT_EQ(visit("/").headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(visit("/page/nothing.js").status, 401);
  EXPECT_EQ(call("GET", "/page/nothing.js").status, 404);
}

TEST_F(Page, LetsNoOtherScriptRunAndNobodyFrameIt) {
  const auto answer = visit("/");
  const std::string policy{answer.headers.get("Content-Security-Policy")};
  for (const auto* part : {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                           "base-uri 'none'", "form-action 'none'"})
    EXPECT_NE(policy.find(part), policy.npos) << part;
  EXPECT_EQ(policy.find("unsafe"), policy.npos);
  EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.body->find("<style"), std::string::npos);
  EXPECT_EQ(answer.body->find(" on"), std::string::npos) << "an inline handler would not run";
}

TEST_F(Page, NamesWhatCanBeConnected) {
  const auto answer = get("/v1/providers");
  const auto& providers = answer.find("providers")->items;
  ASSERT_EQ(providers.size(), 2u);
  EXPECT_EQ(providers[0].string_or_empty("title"), "HubSpot");
  EXPECT_EQ(providers[0].find("streams")->items.size(), 3u);
}
