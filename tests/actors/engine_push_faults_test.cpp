// Every fault of the simulation at every call that carries local edits. A provider whose records
// can be edited gets all of it by a line in `cases`.
#include "tests/support/world_view.hpp"

#include <ostream>

using namespace nexte;
using namespace nexte::test;
using simulation::fault;
using simulation::fault_kind;

namespace {

struct edited_case {
  const char* provider;
  const char* stream;
  const char* changed; ///< Fields of a record that is there.
  const char* made;    ///< Fields of a new one.
};

constexpr edited_case cases[] = {
    {"hubspot", "contacts", R"({"firstname":"Zoë"})", R"({"email":"new@north.example"})"},
    {"pipedrive", "persons", R"({"name":"Zoë"})", R"({"name":"New"})"},
    {"pipedrive", "deals", R"({"title":"Zoë"})", R"({"title":"New"})"},
};

struct named_fault {
  const char* name;
  fault what;
  /// The provider's own word against an edit: refused, and a person is told; or its record is gone,
  /// and the edit archived. Refresh finds out that it is not.
  bool lies = false;
};

std::vector<named_fault> faults() {
  return {
      {"ServerError", {.kind = fault_kind::answer, .status = 500}},
      {"ServerErrorAfterActing", {.kind = fault_kind::answer, .status = 502, .after_acting = true}},
      {"Unauthorized", {.kind = fault_kind::answer, .status = 401, .body = "{}"}},
      {"NotFound", {.kind = fault_kind::answer, .status = 404, .body = "{}"}, true},
      {"BadRequest", {.kind = fault_kind::answer, .status = 400, .body = "{}"}, true},
      {"Limit", {.kind = fault_kind::limit}},
      {"SignInPage", {.kind = fault_kind::html}},
      {"Truncated", {.kind = fault_kind::truncated}},
      {"Slow", {.kind = fault_kind::slow, .delay = seconds{50}}},
      {"Lost", {.kind = fault_kind::drop}},
      {"LostAfterActing", {.kind = fault_kind::drop, .after_acting = true}},
  };
}

/// A synced integration whose records are edited here while the call of number `strikes_at` after
/// that goes wrong.
class edited_life : public virtual_world {
public:
  explicit edited_life(const edited_case& of) : of_(of) {
    options.records = 4;
    options.accounts = 1;
    options.search_lag = 1s;
    net->later = [this](milliseconds delay, std::function<void()> answer) {
      after(delay, std::move(answer));
    };
    there_ = &add_provider(of.provider);
  }
  ~edited_life() override {
    stop();
  }
  void TestBody() override {}

  /// Changes a record, deletes one, makes one; then there is an hour to mend what went wrong.
  /// Yields how many calls were made within the first minute.
  size_t live(size_t strikes_at, const fault& what) {
    boot();
    id_ = add("acme", of_.provider);
    consent(id_);
    advance(2min);
    before_ = there_->holdings(of_.stream, 0);
    net->intercept = [this, strikes_at, what](const http_request& request) {
      if (calls_.size() == strikes_at)
        there_->faults().arm(what);
      calls_.push_back(request.method + " " + request.url.substr(0, request.url.find('?')));
      return std::optional<http_answer>{};
    };
    std::vector<std::string> live_ids;
    for (const auto& [record, held] : before_)
      if (!held.gone)
        live_ids.push_back(record);
    erased_ = live_ids.at(1);
    engine().put(id_, of_.stream, live_ids.at(0), of_.changed, {});
    engine().erase(id_, of_.stream, erased_, {});
    engine().put(id_, of_.stream, "", of_.made, {});
    advance(1min);
    const auto made = calls_.size();
    advance(1h);
    net->intercept = {};
    return made;
  }
  void expect_well(const std::string& hint, bool lied) {
    SCOPED_TRACE(hint);
    const auto seen = status(id_);
    EXPECT_EQ(seen.state, "connected") << seen.because;
    EXPECT_EQ(seen.restarts, 0u);
    EXPECT_EQ(seen.pending_edits, 0u);
    for (int looks = 0; lied && looks < 2; ++looks) { // the first may show what stood before
      EXPECT_TRUE(ask<void>([&](auto done) { engine().refresh(id_, done); }));
      advance(5min);
    }
    const auto after = there_->holdings(of_.stream, 0);
    expect_same_holdings(engine().data(), id_, of_.stream, after);
    EXPECT_LE(after.size(), before_.size() + 1) << "one record per create";
    if (lied)
      return;
    EXPECT_EQ(after.size(), before_.size() + 1);
    EXPECT_TRUE(!after.contains(erased_) || after.at(erased_).gone);
    EXPECT_EQ(seen.rejected_edits, 0u);
    EXPECT_EQ(engine().data().conflicts({}, 10)->size(), 0u) << "nobody else has edited";
  }
  const std::string& call_at(size_t index) const {
    return calls_.at(index);
  }

private:
  const edited_case of_;
  simulation::simulator* there_;
  integration_id id_;
  std::map<std::string, simulation::held_record> before_;
  std::string erased_;
  std::vector<std::string> calls_;
};

class EnginePushFaults : public ::testing::TestWithParam<std::tuple<edited_case, named_fault>> {};

std::string name_of(const ::testing::TestParamInfo<EnginePushFaults::ParamType>& info) {
  const auto& [of, what] = info.param;
  return std::string{of.provider} + of.stream + what.name;
}

} // namespace

namespace std {
// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const tuple<edited_case, named_fault>& at, ostream* out) {
  *out << get<0>(at).provider << ' ' << get<0>(at).stream << ' ' << get<1>(at).name;
}
} // namespace std

TEST_P(EnginePushFaults, LoseNoEditAndMakeNoneTwiceWhereverTheyStrike) {
  const auto& [of, what] = GetParam();
  const auto never = ~size_t{0};
  edited_life undisturbed{of};
  const auto calls = undisturbed.live(never, what.what);
  undisturbed.expect_well("undisturbed", false);
  ASSERT_GT(calls, 5u);
  for (size_t at = 0; at < calls; ++at) {
    edited_life disturbed{of};
    disturbed.live(at, what.what);
    disturbed.expect_well("call " + std::to_string(at) + ": " + undisturbed.call_at(at), what.lies);
    if (HasFailure())
      return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EnginePushFaults,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::ValuesIn(faults())),
                         name_of);
