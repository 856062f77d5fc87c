#include "storage/vault.hpp"

#include "storage/codec.hpp"
#include "tests/storage/support.hpp"

using namespace nexte;
using namespace nexte::test;

namespace {

const vault_owner owner{integration_id{42}, "acme"};

std::string data_key_of(std::string_view row) {
  return std::string{field_reader{row}.text()};
}

/// Where the account's address begins, the last field.
size_t size_before_address(std::string_view row) {
  field_reader from{row};
  for (int sealed = 0; sealed < 3; ++sealed)
    from.text();
  from.time();
  from.texts();
  return row.size() - from.rest().size();
}

} // namespace

TEST(Vault, OpensWhatItSealed) {
  const vault v{master_key(), os_random()};
  const auto row = v.seal(owner, tokens("access", "refresh"), std::nullopt);
  const auto opened = v.open(owner, row);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->access_token.reveal(), "access");
  EXPECT_EQ(opened->refresh_token.reveal(), "refresh");
  EXPECT_EQ(opened->scopes.size(), 2u);
}

TEST(Vault, KeepsWhereTheAccountIsAndOpensRowsOfBeforeItDid) {
  const vault v{master_key(), os_random()};
  auto held = tokens("access", "refresh");
  const auto without = v.seal(owner, held, std::nullopt);
  held.api_base = "https://north.example";
  EXPECT_EQ(v.open(owner, v.seal(owner, held, std::nullopt))->api_base, "https://north.example");
  EXPECT_EQ(v.open(owner, without)->api_base, "");
  const auto old = without.substr(0, size_before_address(without));
  ASSERT_TRUE(v.open(owner, old));
  EXPECT_EQ(v.open(owner, old)->api_base, "");
  EXPECT_EQ(v.open(owner, old)->scopes.size(), 2u);
}

TEST(Vault, KeepsTheDataKeyUntilItIsErased) {
  const vault v{master_key(), os_random()};
  const auto first = v.seal(owner, tokens("a", "r"), std::nullopt);
  const auto second = v.seal(owner, tokens("b", "r"), first);
  const auto fresh = v.seal(owner, tokens("b", "r"), std::nullopt);
  EXPECT_EQ(data_key_of(first), data_key_of(second));
  EXPECT_NE(data_key_of(first), data_key_of(fresh));
}

TEST(Vault, SealsTheSameTextDifferentlyEachTime) {
  const vault v{master_key(), os_random()};
  const auto first = v.seal(owner, tokens("a", "r"), std::nullopt);
  EXPECT_NE(first, v.seal(owner, tokens("a", "r"), first));
}

TEST(Vault, OpensNothingForAnotherOwnerOrKey) {
  const vault v{master_key(), os_random()};
  const auto row = v.seal(owner, tokens("a", "r"), std::nullopt);
  EXPECT_FALSE(v.open({integration_id{43}, "acme"}, row));
  EXPECT_FALSE(v.open({integration_id{42}, "acmf"}, row));
  EXPECT_FALSE((vault{master_key('x'), os_random()}.open(owner, row)));
}

TEST(Vault, DoesNotTakeOneFieldForAnother) {
  const vault v{master_key(), os_random()};
  const auto row = v.seal(owner, tokens("same size a", "same size b"), std::nullopt);
  field_reader from{row};
  const auto key = from.text();
  const auto access = from.text();
  const auto refresh = from.text();
  std::string swapped;
  field_writer to{swapped};
  to.text(key);
  to.text(refresh);
  to.text(access);
  to.rest(from.rest());
  EXPECT_FALSE(v.open(owner, swapped));
}

TEST(Vault, OpensNothingOnceABitOfASealIsFlipped) {
  const vault v{master_key(), os_random()};
  const auto row = v.seal(owner, tokens("a", "r"), std::nullopt);
  field_reader from{row};
  from.text();
  from.text();
  from.text();
  const size_t seals_end = row.size() - from.rest().size();
  for (size_t i = 0; i < seals_end; ++i) {
    auto bent = row;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    EXPECT_FALSE(v.open(owner, bent)) << i;
  }
  for (size_t i = size_before_address(row); i < row.size(); ++i) {
    auto bent = row;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    EXPECT_FALSE(v.open(owner, bent)) << i;
  }
  for (size_t size = 0; size < row.size(); ++size)
    EXPECT_EQ(v.open(owner, std::string_view{row}.substr(0, size)).has_value(),
              size == size_before_address(row)) // such rows were written once
        << size;
}

TEST(Vault, KeyCheckFitsItsKeyOnly) {
  const vault v{master_key(), os_random()};
  EXPECT_TRUE(v.fits(v.key_check()));
  EXPECT_FALSE((vault{master_key('x'), os_random()}.fits(v.key_check())));
  EXPECT_FALSE(v.fits(""));
}
