// A stream_io that answers from a script and checks each request against it. Every second answer
// comes only when the task has suspended, as from a network; the others inside the call.
#pragma once

#include "protocol/stream_io.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace nexte::testing {

/// What was emitted, with copies of its texts.
struct emitted_page {
  std::vector<std::string> ids; ///< Deleted ones as "-id".
  std::string checkpoint;
  sweep enumeration = sweep::none;
  bool lagging = false;
};

class canned_io final : public stream_io {
public:
  explicit canned_io(wall_time now) : now_(now) {}

  /// The next request must be this one, and gets this answer.
  void expect(std::string method, std::string url, std::string body, result<http_response> answer) {
    script_.push_back({std::move(method), std::move(url), std::move(body), std::move(answer)});
  }
  /// The emit after `accepted` good ones fails.
  void fail_emit_after(size_t accepted) {
    emits_max_ = accepted;
  }
  wall_time now() const override {
    return now_;
  }
  /// Hands over the answer that the task waits for; false when it waits for none.
  bool answer_late() {
    const auto late = std::exchange(late_, nullptr);
    if (late)
      late();
    return bool(late);
  }
  /// True once every expected request was made.
  bool exhausted() const {
    return script_.empty();
  }

  std::vector<emitted_page> pages;
  std::vector<std::string> endpoints; ///< The quota class of each request.

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    endpoints.push_back(request.quota.endpoint);
    if (script_.empty()) {
      ADD_FAILURE() << "one request too many: " << request.method << ' ' << request.url << ' '
                    << request.body;
      return on_done(error{ec::cancelled, "the script is over"});
    }
    auto next = std::move(script_.front());
    script_.pop_front();
    EXPECT_EQ(request.method, next.method);
    EXPECT_EQ(request.url, next.url);
    EXPECT_EQ(request.body, next.body);
    EXPECT_EQ(request.headers.get("Content-Type"), next.body.empty() ? "" : "application/json");
    answer_late_ = !answer_late_;
    if (answer_late_)
      late_ = [done = std::move(on_done), answer = std::move(next.answer)] { done(answer); };
    else
      on_done(std::move(next.answer));
  }
  void start_emit(page records, std::function<void(result<done_t>)> on_done) override {
    if (pages.size() == emits_max_)
      return on_done(error{ec::cancelled, "killed"});
    emitted_page copy;
    for (const auto& record : records.records)
      copy.ids.push_back((record.deleted ? "-" : "") + std::string{record.id});
    copy.checkpoint = records.next_checkpoint.value_or("");
    copy.enumeration = records.enumeration;
    copy.lagging = records.lagging;
    pages.push_back(std::move(copy));
    on_done(done_t{});
  }

private:
  struct exchange {
    std::string method;
    std::string url;
    std::string body;
    result<http_response> answer;
  };
  wall_time now_;
  std::deque<exchange> script_;
  size_t emits_max_ = SIZE_MAX;
  bool answer_late_ = false;
  std::function<void()> late_;
};

/// Runs a task on `io` to its end.
template <class T>
result<T> run(canned_io& io, task<T> work) {
  result<T> outcome = error{ec::bug, "the task did not end"};
  work.start([&outcome](result<T> ended) { outcome = std::move(ended); });
  while (io.answer_late()) {}
  return outcome;
}

} // namespace nexte::testing
