#include "protocol/simulation/data_set.hpp"

#include "protocol/core/text.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace nexte;
using namespace nexte::simulation;

namespace {

constexpr uint64_t records = 2000;

} // namespace

TEST(DataSet, IsTheSameForTheSameSeedAndAccountOnly) {
  const data_set one{1, 7};
  EXPECT_EQ(one.person_at(5).email, (data_set{1, 7}.person_at(5).email));
  size_t alike = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    alike += one.person_at(i).phone == data_set{2, 7}.person_at(i).phone ? 1 : 0;
    alike += one.person_at(i).phone == data_set{1, 8}.person_at(i).phone ? 1 : 0;
  }
  EXPECT_LT(alike, 50u); // two missing numbers are alike
}

TEST(DataSet, HoldsWhatRealDataHolds) {
  const data_set data{1, 7};
  size_t without_email = 0;
  size_t without_name = 0;
  size_t with_emoji = 0;
  size_t beyond_ascii = 0;
  size_t long_notes = 0;
  std::set<std::string> emails;
  for (uint64_t i = 0; i < records; ++i) {
    const auto p = data.person_at(i);
    for (const auto* text : {&p.first_name, &p.last_name, &p.job_title, &p.city, &p.note})
      ASSERT_TRUE(is_utf8(*text));
    without_email += p.email.empty() ? 1 : 0;
    without_name += p.last_name.empty() ? 1 : 0;
    with_emoji += p.first_name.find("👩‍💻") != std::string::npos ? 1 : 0;
    beyond_ascii += p.city.find_first_of("\xD0\xE6\xCE") != std::string::npos ? 1 : 0;
    long_notes += p.note.size() >= 4096 ? 1 : 0;
    EXPECT_TRUE(p.email.empty() || emails.insert(p.email).second) << p.email;
  }
  for (const auto count : {without_email, without_name, with_emoji, beyond_ascii, long_notes})
    EXPECT_GT(count, 0u);
  EXPECT_LT(without_email, records / 10);
}

TEST(DataSet, GivesIdsThatAscendPastWhatADoubleHolds) {
  const data_set data{1, 7};
  for (uint64_t i = 1; i < records; ++i)
    ASSERT_LT(data.id_at(i - 1, records), data.id_at(i, records));
  const auto last = data.id_at(records - 1, records);
  EXPECT_NE(static_cast<uint64_t>(static_cast<double>(last)), last);
  EXPECT_LT(data.id_at(0, records), uint64_t{1} << 53);
}

TEST(DataSet, ModifiesWholeImportsInOneMillisecond) {
  const data_set data{1, 7};
  std::map<wall_time, size_t> at;
  for (uint64_t i = 0; i < records; ++i) {
    const auto t = data.times_at(i, records);
    EXPECT_LE(t.created_at, t.modified_at);
    EXPECT_LT(t.modified_at, *parse_iso_time("2025-01-01"));
    EXPECT_GE(t.created_at, *parse_iso_time("2020-01-01"));
    ++at[t.modified_at];
  }
  size_t most = 0;
  for (const auto& [time, count] : at)
    most = std::max(most, count);
  EXPECT_EQ(most, 150u);
}
