// Lets readers in together and the map's owner in alone.
#pragma once

#include <condition_variable>
#include <mutex>

namespace nexte {

/// LMDB's map may be moved or reopened only while nobody reads. Readers that come while somebody
/// waits to be alone queue behind, so that a steady stream of them cannot keep the map from
/// growing. Any thread.
class reader_gate {
public:
  explicit reader_gate(unsigned readers_max) : readers_max_(readers_max) {}

  /// A reader's stay.
  class visit {
  public:
    explicit visit(reader_gate& gate) : gate_(gate) {
      std::unique_lock lock{gate_.mutex_};
      gate_.changed_.wait(lock,
                          [this] { return !gate_.closed_ && gate_.readers_ < gate_.readers_max_; });
      ++gate_.readers_;
    }
    ~visit() {
      const std::lock_guard lock{gate_.mutex_};
      --gate_.readers_;
      gate_.changed_.notify_all();
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

  private:
    reader_gate& gate_;
  };

  /// A stay alone. One thread at a time may ask for it.
  class closure {
  public:
    explicit closure(reader_gate& gate) : gate_(gate) {
      std::unique_lock lock{gate_.mutex_};
      gate_.closed_ = true;
      gate_.changed_.wait(lock, [this] { return gate_.readers_ == 0; });
    }
    ~closure() {
      const std::lock_guard lock{gate_.mutex_};
      gate_.closed_ = false;
      gate_.changed_.notify_all();
    }
    closure(const closure&) = delete;
    closure& operator=(const closure&) = delete;

  private:
    reader_gate& gate_;
  };

private:
  const unsigned readers_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned readers_ = 0;
  bool closed_ = false;
};

} // namespace nexte
