// Every fault of the simulation at every call that a connector makes. A provider gets all of it by
// a line in `cases`.
#include "tests/support/world_view.hpp"

#include <ostream>

using namespace nexte;
using namespace nexte::test;
using simulation::fault;
using simulation::fault_kind;

namespace {

/// So many records per stream that its lists have a second page.
struct faulty_case {
  const char* provider;
  uint64_t records;
};

constexpr faulty_case cases[] = {
    {"google", 4}, {"hubspot", 130}, {"microsoft", 110}, {"notion", 130}, {"pipedrive", 510},
};

struct named_fault {
  const char* name;
  fault what;
};

std::vector<named_fault> faults() {
  using form = simulation::retry_after_form;
  return {
      {"ServerError", {.kind = fault_kind::answer, .status = 500}},
      {"ServerErrorAfterActing", {.kind = fault_kind::answer, .status = 502, .after_acting = true}},
      {"Unavailable",
       {.kind = fault_kind::answer,
        .status = 503,
        .retry_after = form::http_date,
        .retry_after_wait = seconds{40}}},
      {"Unauthorized", {.kind = fault_kind::answer, .status = 401, .body = "{}"}},
      {"NotFound", {.kind = fault_kind::answer, .status = 404, .body = "{}"}},
      {"BadRequest", {.kind = fault_kind::answer, .status = 400, .body = "{}"}},
      {"Limit", {.kind = fault_kind::limit}},
      {"LimitForLong",
       {.kind = fault_kind::limit,
        .retry_after = form::delay_seconds,
        .retry_after_wait = seconds{600}}},
      {"SignInPage", {.kind = fault_kind::html}},
      {"Truncated", {.kind = fault_kind::truncated}},
      {"Slow", {.kind = fault_kind::slow, .delay = seconds{50}}},
      {"Lost", {.kind = fault_kind::drop}},
      {"LostAfterActing", {.kind = fault_kind::drop, .after_acting = true}},
  };
}

/// A whole life of one integration in which the call of number `strikes_at` goes wrong.
class life : public virtual_world {
public:
  explicit life(const faulty_case& of) : provider_(of.provider) {
    options.records = of.records;
    options.accounts = 1;
    configure = [](engine_options& settings) { settings.providers[0].poll_every = 16min; };
    net->later = [this](milliseconds delay, std::function<void()> answer) {
      after(delay, std::move(answer));
    };
    there_ = &add_provider(of.provider);
  }
  ~life() override {
    stop();
  }
  void TestBody() override {}

  /// Connects, syncs, polls twice, the second time with a token that has ended, and then has an
  /// hour to mend what went wrong; yields how many calls were made before that.
  size_t live(size_t strikes_at, const fault& what) {
    net->intercept = [this, strikes_at, what](const http_request& request) {
      if (!request.url.starts_with(there_->endpoints().authorize_url)) { // that is the browser's
        if (calls_.size() == strikes_at)
          there_->faults().arm(what);
        calls_.push_back(request.method + " " + request.url.substr(0, request.url.find('?')));
      }
      return std::optional<http_answer>{};
    };
    boot();
    id_ = add("acme", provider_);
    consent(id_);
    advance(20min);
    there_->admin("expire", "{}", wall_now());
    advance(15min);
    const auto made = calls_.size();
    for (int i = 0; i < 6; ++i) {
      // A code or a refresh token whose answer was lost may be spent: a person signs in again.
      if (status(id_).state == "disconnected")
        consent(id_);
      advance(10min);
    }
    net->intercept = {};
    return made;
  }
  void expect_well(const std::string& hint) {
    SCOPED_TRACE(hint);
    const auto seen = status(id_);
    EXPECT_EQ(seen.state, "connected") << seen.because;
    EXPECT_EQ(seen.restarts, 0u);
    for (const auto& stream : seen.streams) {
      EXPECT_TRUE(stream.verified) << stream.name;
      expect_same_holdings(engine().data(), id_, stream.name, there_->holdings(stream.name, 0));
    }
  }
  const std::string& call_at(size_t index) const {
    return calls_.at(index);
  }

private:
  std::string provider_;
  simulation::simulator* there_;
  integration_id id_;
  std::vector<std::string> calls_;
};

class EngineFaults : public ::testing::TestWithParam<std::tuple<faulty_case, named_fault>> {};

std::string name_of(const ::testing::TestParamInfo<EngineFaults::ParamType>& info) {
  return std::string{std::get<0>(info.param).provider} + std::get<1>(info.param).name;
}

} // namespace

namespace std {
// NOLINTNEXTLINE(readability-identifier-naming): the name that GoogleTest looks for
void PrintTo(const tuple<faulty_case, named_fault>& at, ostream* out) {
  *out << get<0>(at).provider << ' ' << get<1>(at).name;
}
} // namespace std

TEST_P(EngineFaults, EndInTheProvidersOwnViewWhereverTheyStrike) {
  const auto& [provider, what] = GetParam();
  const auto never = ~size_t{0};
  life undisturbed{provider};
  const auto calls = undisturbed.live(never, what.what);
  undisturbed.expect_well("undisturbed");
  ASSERT_GT(calls, 10u);
  for (size_t at = 0; at < calls; ++at) {
    life disturbed{provider};
    disturbed.live(at, what.what);
    disturbed.expect_well("call " + std::to_string(at) + ": " + undisturbed.call_at(at));
    if (HasFailure())
      return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EngineFaults,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::ValuesIn(faults())),
                         name_of);
