#include "protocol/http/certificate.hpp"

#include <gtest/gtest.h>

using namespace nexte;

namespace {

const wall_time now = *parse_iso_time("2026-03-01T10:00:00Z");
const wall_time tomorrow = now + std::chrono::hours{24};

} // namespace

TEST(ThrowawayCertificate, HasAChainAKeyAndAnAuthority) {
  const auto made = make_throwaway_certificate({"localhost", "*.a.example", "::1"}, now, tomorrow);
  ASSERT_TRUE(made) << made.failure().line();
  EXPECT_TRUE(made->server.chain_pem.starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_TRUE(made->server.key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_TRUE(made->ca_pem.starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_NE(made->ca_pem, made->server.chain_pem);
}

TEST(ThrowawayCertificate, IsNewEachTime) {
  const auto first = make_throwaway_certificate({"127.0.0.1"}, now, tomorrow);
  const auto second = make_throwaway_certificate({"127.0.0.1"}, now, tomorrow);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->server.key_pem, second->server.key_pem);
  EXPECT_NE(first->ca_pem, second->ca_pem);
}

TEST(ThrowawayCertificate, RefusesWhatIsNoName) {
  const std::vector<std::vector<std::string>> lists
      = {{}, {""}, {"a.example,IP:127.0.0.1"}, {"a b"}, {"good.example", "bad\n"}, {"ü.example"}};
  for (const auto& names : lists) {
    const auto made = make_throwaway_certificate(names, now, tomorrow);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure().code, ec::refused);
  }
}
