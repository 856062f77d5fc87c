// The body of an answer that is written as it comes, such as a stream of events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace nexte {

/// A bounded pipe from whoever has something to tell to the server that sends it. Safe from any
/// thread.
class byte_feed {
public:
  enum class state : uint8_t {
    open,
    ended, ///< In good order: what waits is still sent.
    cut,   ///< The reader has gone, or was too slow: nothing more is sent.
  };
  /// What is to be sent now.
  struct portion {
    std::string bytes;
    state after = state::open;
  };

  /// A reader that leaves more than this waiting is cut rather than waited for.
  explicit byte_feed(size_t waiting_bytes_max) : waiting_bytes_max_(waiting_bytes_max) {}

  /// False: nobody will read them, for the feed is over.
  bool append(std::string_view bytes);
  void end();

  // ---- the server's side

  /// Hands over all that waits.
  portion take();
  /// `wake` is called, on any thread, when `take` has news again; at once if it has some already.
  void on_news(std::function<void()> wake);
  /// The reader has gone: what waits is dropped, and `append` says so.
  void abandon();

private:
  void tell(std::unique_lock<std::mutex> lock);

  const size_t waiting_bytes_max_;
  std::mutex mutex_;
  state state_ = state::open;
  std::string waiting_;
  bool told_ = false; ///< `wake` was called and `take` has not been since.
  std::function<void()> wake_;
};

} // namespace nexte
