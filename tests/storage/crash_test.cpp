#include "tests/storage/support.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

using namespace nexte;
using namespace nexte::test;

namespace {

constexpr uint64_t commits_max = 10'000;

/// What commit number `n` writes: two pages of which the second changes records of the first.
std::vector<store_write> batch(integration_id id, uint64_t n) {
  const auto digits = std::to_string(n);
  std::vector<store_write> writes;
  std::vector<item> items;
  for (uint64_t i = 0; i < 40; ++i)
    items.push_back({"r" + std::to_string((n * 7 + i) % 300), std::string(400, 'a') + digits});
  for (uint64_t page_of = 0; page_of < 2; ++page_of) {
    auto records = make_page(items);
    records.next_checkpoint = digits;
    writes.push_back(put_page{id, "contacts", 2 * n + page_of, std::move(records)});
    items.resize(10);
    for (auto& i : items)
      i.body = "second " + digits;
  }
  writes.push_back(append_error{id, {at(1), "", digits, ""}});
  return writes;
}

std::string digest(const store& data, integration_id id) {
  std::string all;
  const auto records = *data.records(id, "contacts", "", 1000);
  const auto changes = *data.changes(0, 1000);
  for (const auto& row : records)
    all += row.id + row.body + std::to_string(row.sequence) + ";";
  for (const auto& entry : changes)
    all += entry.record + std::to_string(entry.sequence) + ";";
  const auto row = *data.stream(id, "contacts");
  return all + row.checkpoint.value_or("none") + std::to_string(row.live_records)
         + std::to_string(data.errors(id, 1000)->size());
}

/// The same for two-way sync: a page, an edit of one of its records, and the next step of the
/// oldest edit, as it stands in `data`. Ages make either side win.
std::vector<store_write> two_way_batch(const store& data, integration_id id, uint64_t n) {
  const auto clock = static_cast<int64_t>(n) * 10;
  const auto digits = std::to_string(n);
  std::vector<item> items;
  for (uint64_t i = 0; i < 6; ++i)
    items.push_back({"r" + std::to_string(i), R"({"x":"t)" + digits + R"("})", digits,
                     clock + static_cast<int64_t>(i)});
  std::vector<store_write> writes;
  writes.push_back(put_page{id, "contacts", n, make_page(items)});
  const auto record = "r" + std::to_string(n * 5 % 6);
  if (n > 0) // then they are there
    writes.push_back(put_edit{id,
                              "contacts",
                              record,
                              edit_kind::update,
                              R"({"x":"o)" + digits + R"("})",
                              at(clock + 13),
                              {}});
  const auto waiting = *data.edits(id, 0, 1);
  if (waiting.empty())
    return writes;
  const auto& first = waiting.front();
  if (first.state == edit_state::pending)
    writes.push_back(begin_push{id, first.id});
  else if (n % 3 == 0)
    writes.push_back(requeue_edits{id, "contacts", first.id, {}});
  else
    writes.push_back(confirm_edit{
        id, "contacts", first.id, first.record, {digits, at(clock + 4), false, ""}, {}});
  return writes;
}

std::string two_way_digest(const store& data, integration_id id) {
  auto all = digest(data, id);
  const auto edits = *data.edits(id, 0, 1000);
  for (const auto& row : edits) {
    all += "|" + std::to_string(row.id) + row.record + std::string{to_string(row.state)};
    for (const auto& [field, change] : row.fields)
      all += field + change.value;
    all += (*data.edit(id, row.id))->base->body;
  }
  const auto conflicts = *data.conflicts({}, 100'000);
  for (const auto& row : conflicts)
    all += "|" + std::to_string(row.id) + row.record + row.winner.body + row.loser.body;
  const auto counts = *data.count_edits(id);
  return all + std::to_string(counts.waiting) + "/" + std::to_string(counts.rejected);
}

std::vector<store_write> batch_of(bool two_way, const store& data, integration_id id, uint64_t n) {
  return two_way ? two_way_batch(data, id, n) : batch(id, n);
}

/// Commits from number `from` on, telling each by a byte, until killed.
[[noreturn]] void commit_until_killed(const store_options& options, integration_id id,
                                      uint64_t from, int progress, bool two_way) {
  auto opened = store::open(options, master_key());
  for (uint64_t n = from; opened && n < commits_max; ++n) {
    const auto outcomes = (*opened)->commit(batch_of(two_way, **opened, id, n), at(1));
    if (!outcomes || !outcomes->front() || ::write(progress, "x", 1) != 1)
      ::_exit(1);
  }
  ::_exit(2);
}

class Crash : public testing::TestWithParam<bool> {};

} // namespace

TEST_P(Crash, LeavesAllOfTheCommitsThatReturnedAndNoHalf) {
  const bool two_way = GetParam();
  const uint64_t pages = two_way ? 1 : 2; // of a commit
  const temp_dir dir;
  const temp_dir twin;
  const integration_id id{42};
  // A map this small has to grow again and again, in the middle of it all.
  const store_options options{dir.path(), size_t{64} << 10, size_t{1} << 30, os_random()};
  auto model
      = *store::open({twin.path(), size_t{1} << 20, size_t{1} << 30, os_random()}, master_key());
  uint64_t modelled = 0;
  for (size_t round = 0; round < 25; ++round) {
    std::array<int, 2> progress{};
    ASSERT_EQ(::pipe(progress.data()), 0);
    const pid_t child = ::fork();
    if (child == 0)
      commit_until_killed(options, id, modelled, progress[1], two_way);
    ::close(progress[1]);
    char byte = 0;
    uint64_t told = 0;
    for (; told < round % 7; ++told)
      ASSERT_EQ(::read(progress[0], &byte, 1), 1);
    ::kill(child, SIGKILL); // somewhere inside a later commit
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (::read(progress[0], &byte, 1) == 1)
      ++told;
    ::close(progress[0]);

    auto opened = store::open(options, master_key());
    ASSERT_TRUE(opened) << opened.failure().line();
    const auto sequence = (*opened)->stream(id, "contacts")->sequence;
    ASSERT_EQ(sequence % pages, 0u);
    ASSERT_GE(sequence / pages, modelled + told);
    for (; modelled < sequence / pages; ++modelled)
      ASSERT_TRUE(model->commit(batch_of(two_way, *model, id, modelled), at(1)));
    const auto as_text = two_way ? two_way_digest : digest;
    ASSERT_EQ(as_text(**opened, id), as_text(*model, id)) << "round " << round;
  }
  if (two_way) {
    EXPECT_FALSE(model->conflicts({}, 1)->empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Crash, testing::Bool(), [](const auto& about) {
  return about.param ? std::string{"TwoWay"} : std::string{"Pages"};
});
