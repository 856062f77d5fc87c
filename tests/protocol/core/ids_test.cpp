#include "protocol/core/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace nexte;

TEST(IntegrationId, SurvivesBeingWrittenAndRead) {
  for (const uint64_t value :
       {uint64_t{0}, uint64_t{1}, uint64_t{0x0123456789abcdef}, ~uint64_t{0}}) {
    const integration_id id{value};
    EXPECT_EQ(id.str().size(), 13u);
    auto read = integration_id::parse(id.str());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, id);
  }
}

TEST(IntegrationId, RefusesWhatIsNoId) {
  for (const auto* text : {"", "a", "aaaaaaaaaaaa", "aaaaaaaaaaaaaa", "qaaaaaaaaaaaa",
                           "aaaaaaaaaaaa1", "AAAAAAAAAAAAA", "../../../etc/p"})
    EXPECT_FALSE(integration_id::parse(text)) << text;
}

TEST(IntegrationId, WrittenOrderIsNumericOrder) {
  EXPECT_NE(integration_id{1}.str(), integration_id{2}.str());
  EXPECT_LT(integration_id{1}, integration_id{2});
}

TEST(IntegrationId, ComesFromTheRandomSource) {
  const auto id = integration_id::make([](std::span<uint8_t> out) { std::ranges::fill(out, 7); });
  EXPECT_EQ(id.value(), 0x0707070707070707u);
}

TEST(WorkspaceId, TakesAnyNameAPersonWouldGive) {
  EXPECT_TRUE(workspace_id::parse("acme"));
  EXPECT_TRUE(workspace_id::parse("Ümlaut & Söhne 株式会社"));
  EXPECT_TRUE(workspace_id::parse(std::string(128, 'x')));
}

TEST(WorkspaceId, RefusesEmptyLongBrokenAndControl) {
  EXPECT_FALSE(workspace_id::parse(""));
  EXPECT_FALSE(workspace_id::parse(std::string(129, 'x')));
  EXPECT_FALSE(workspace_id::parse("a\nb"));
  EXPECT_FALSE(workspace_id::parse("\xff"));
}
