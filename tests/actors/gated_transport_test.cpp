#include "actors/gated_transport.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

using namespace nexte;

namespace {

/// Answers when told to.
class patient_transport final : public transport {
public:
  void call(http_request, done on_done) override {
    calls.push_back(std::move(on_done));
  }
  void answer_first() {
    http_answer answer{http_response{204, ""}, true};
    calls.front()(std::move(answer));
  }
  std::vector<done> calls;
};

class GatedTransport : public testing::Test {
protected:
  std::shared_ptr<patient_transport> net = std::make_shared<patient_transport>();
  gated_transport gate{net};
  std::optional<int> heard;

  void ask() {
    gate.call(http_request{"GET", "https://api.example/"},
              [this](const http_answer& answer) { heard = answer.response->status; });
  }
};

} // namespace

TEST_F(GatedTransport, HandsAnAnswerOver) {
  ask();
  net->answer_first();
  EXPECT_EQ(heard, 204);
}

TEST_F(GatedTransport, DropsWhatComesAfterItClosed) {
  ask();
  gate.close();
  net->answer_first();
  EXPECT_FALSE(heard);
}

TEST_F(GatedTransport, LetsGoOfWhoWaitsWhenItCloses) {
  const auto held = std::make_shared<int>();
  for (int i = 0; i < 2; ++i)
    gate.call(http_request{"GET", "https://api.example/"}, [held](const http_answer&) {});
  net->answer_first();
  EXPECT_EQ(held.use_count(), 2);
  gate.close();
  EXPECT_EQ(held.use_count(), 1); // although the network has the call still
}
