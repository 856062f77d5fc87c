#include "bench/bare_loop.hpp"

#include "bench/contact_server.hpp"
#include "protocol/json/reader.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <lmdb.h>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace nexte::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr size_t read_buffer_bytes = 64 * 1024; // a page comes in one read
constexpr size_t map_bytes = size_t{4} << 30;
constexpr size_t pages_waiting_max = 16;

struct contact {
  std::string_view id;
  std::string_view modified_at;
  std::string_view body;
};

/// A parsed page; the contacts are slices of `bytes`.
struct contact_page {
  std::string bytes;
  std::vector<contact> contacts;
  std::string after; ///< Empty: the last page.
};

/// Cuts the objects of `results` out of the page. Depths: 1 the page, 2 results, 3 a contact.
class page_events final : public json::events {
public:
  explicit page_events(contact_page& page) : page_(page), text_(page.bytes) {}

  bool on_null(size_t) override {
    return true;
  }
  bool on_bool(bool, size_t) override {
    return true;
  }
  bool on_number(std::string_view, size_t) override {
    return true;
  }
  bool on_string(std::string_view text, size_t offset) override {
    if (in_results_ && depth_ == 3) {
      if (key_ == key::id)
        page_.contacts.back().id = text_.substr(offset + 1, text.size());
      else if (key_ == key::updated_at)
        page_.contacts.back().modified_at = text_.substr(offset + 1, text.size());
    } else if (!in_results_ && key_ == key::after) {
      page_.after = text;
    }
    return true;
  }
  bool on_key(std::string_view name) override {
    key_ = name == "id"          ? key::id
           : name == "updatedAt" ? key::updated_at
           : name == "after"     ? key::after
           : name == "results"   ? key::results
                                 : key::other;
    return true;
  }
  bool on_object_begin(size_t offset) override {
    if (in_results_ && depth_ == 2) {
      page_.contacts.emplace_back();
      begin_ = offset;
    }
    ++depth_;
    return true;
  }
  bool on_object_end(size_t end) override {
    if (in_results_ && --depth_ == 2)
      page_.contacts.back().body = text_.substr(begin_, end - begin_);
    else if (!in_results_)
      --depth_;
    return true;
  }
  bool on_array_begin(size_t) override {
    in_results_ = in_results_ || (depth_ == 1 && key_ == key::results);
    ++depth_;
    return true;
  }
  bool on_array_end(size_t) override {
    in_results_ = in_results_ && --depth_ > 1;
    return true;
  }

private:
  enum class key { other, id, updated_at, after, results };
  contact_page& page_;
  std::string_view text_;
  key key_ = key::other;
  size_t begin_ = 0;
  int depth_ = 0;
  bool in_results_ = false;
};

/// One keep-alive TLS connection, blocking.
class page_source {
public:
  explicit page_source(const bare_loop_options& options)
      : host_("127.0.0.1:" + std::to_string(options.port)), stream_(io_, context(options)) {
    buffer_.reserve(read_buffer_bytes);
    stream_.next_layer().connect({asio::ip::make_address("127.0.0.1"), options.port});
    stream_.next_layer().set_option(asio::ip::tcp::no_delay{true});
    stream_.set_verify_callback(asio::ssl::host_name_verification{"127.0.0.1"});
    stream_.handshake(asio::ssl::stream_base::client);
  }

  /// The next page, or nullopt after the last.
  std::optional<contact_page> next() {
    if (done_)
      return std::nullopt;
    http::request<http::empty_body> request{http::verb::get, target_, 11};
    request.set(http::field::host, host_);
    http::write(stream_, request);
    http::response_parser<http::string_body> parser;
    http::read(stream_, buffer_, parser);
    if (parser.get().result() != http::status::ok)
      throw std::runtime_error("a page was answered with "
                               + std::to_string(parser.get().result_int()));
    std::optional<contact_page> page{std::in_place};
    page->bytes = std::move(parser.get().body());
    page->contacts.reserve(contacts_per_page);
    page_events events{*page};
    if (const auto parsed = json::parse(page->bytes, events); !parsed)
      throw std::runtime_error(parsed.failure().line());
    done_ = page->after.empty();
    target_ = "/crm/v3/objects/contacts?limit=100&after=" + page->after;
    return page;
  }

private:
  static asio::ssl::context& context(const bare_loop_options& options) {
    static asio::ssl::context shared = [&] {
      asio::ssl::context made{asio::ssl::context::tls_client};
      made.set_verify_mode(asio::ssl::verify_peer);
      made.add_certificate_authority(asio::buffer(options.ca_pem));
      return made;
    }();
    return shared;
  }

  std::string host_;
  std::string target_ = "/crm/v3/objects/contacts?limit=100";
  bool done_ = false;
  asio::io_context io_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  beast::flat_buffer buffer_;
};

void must(int code) {
  if (code != MDB_SUCCESS)
    throw std::runtime_error(std::string{"LMDB: "} + mdb_strerror(code));
}

MDB_val val(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())}; // LMDB only reads it
}

class record_file {
public:
  explicit record_file(const std::filesystem::path& directory) {
    must(mdb_env_create(&environment_));
    must(mdb_env_set_mapsize(environment_, map_bytes));
    must(mdb_env_set_maxdbs(environment_, 3));
    must(mdb_env_open(environment_, directory.c_str(), 0, 0600));
    begin();
    must(mdb_dbi_open(transaction_, "records", MDB_CREATE, &records_));
    must(mdb_dbi_open(transaction_, "feed", MDB_CREATE, &feed_));
    must(mdb_dbi_open(transaction_, "rows", MDB_CREATE, &rows_));
    must(mdb_txn_commit(std::exchange(transaction_, nullptr)));
  }
  record_file(const record_file&) = delete;
  record_file& operator=(const record_file&) = delete;
  ~record_file() {
    if (transaction_)
      mdb_txn_abort(transaction_);
    mdb_env_close(environment_);
  }

  void add(const contact_page& page) {
    if (!transaction_)
      begin();
    for (const auto& c : page.contacts) {
      value_.assign(c.modified_at).append(c.body);
      put(records_, c.id, value_, 0);
      char sequence[8];
      ++sequence_;
      for (int i = 0; i < 8; ++i)
        sequence[i] = static_cast<char>(sequence_ >> (56 - 8 * i));
      put(feed_, {sequence, sizeof sequence}, c.id, MDB_APPEND);
    }
    after_ = page.after;
  }
  void commit() {
    if (!transaction_)
      return;
    put(rows_, "cursor", after_.empty() ? std::string_view{"end"} : after_, 0);
    must(mdb_txn_commit(std::exchange(transaction_, nullptr)));
  }
  uint64_t added() const {
    return sequence_;
  }

private:
  void begin() {
    must(mdb_txn_begin(environment_, nullptr, 0, &transaction_));
  }
  void put(MDB_dbi table, std::string_view name, std::string_view content, unsigned flags) {
    MDB_val k = val(name);
    MDB_val v = val(content);
    must(mdb_put(transaction_, table, &k, &v, flags));
  }

  MDB_env* environment_ = nullptr;
  MDB_txn* transaction_ = nullptr;
  MDB_dbi records_ = 0;
  MDB_dbi feed_ = 0;
  MDB_dbi rows_ = 0;
  uint64_t sequence_ = 0;
  std::string value_;
  std::string after_;
};

/// Fetches ahead on a thread of its own, at most `pages_waiting_max` pages.
class read_ahead {
public:
  explicit read_ahead(page_source& source) : reader_([this, &source] { fetch(source); }) {}
  read_ahead(const read_ahead&) = delete;
  read_ahead& operator=(const read_ahead&) = delete;
  ~read_ahead() {
    {
      const std::lock_guard lock{mutex_};
      abandoned_ = true;
    }
    changed_.notify_all();
    reader_.join();
  }

  std::optional<contact_page> next() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !pages_.empty() || ended_; });
    if (pages_.empty()) {
      if (failure_)
        std::rethrow_exception(failure_);
      return std::nullopt;
    }
    auto page = std::move(pages_.front());
    pages_.pop_front();
    changed_.notify_all();
    return page;
  }

private:
  void fetch(page_source& source) {
    std::exception_ptr failure;
    try {
      while (auto page = source.next()) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return pages_.size() < pages_waiting_max || abandoned_; });
        if (abandoned_)
          return;
        pages_.push_back(std::move(*page));
        changed_.notify_all();
      }
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock{mutex_};
    failure_ = failure;
    ended_ = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<contact_page> pages_;
  std::exception_ptr failure_;
  bool ended_ = false;
  bool abandoned_ = false;
  std::thread reader_; // last: starts when the rest stands
};

template <class Source>
uint64_t copy_all(Source& source, record_file& file, unsigned pages_per_commit) {
  unsigned pending = 0;
  while (const auto page = source.next()) {
    file.add(*page);
    if (++pending == pages_per_commit) {
      file.commit();
      pending = 0;
    }
  }
  file.commit();
  return file.added();
}

} // namespace

uint64_t run_bare_loop(const bare_loop_options& options) {
  record_file file{options.directory};
  page_source source{options};
  if (!options.overlap)
    return copy_all(source, file, options.pages_per_commit);
  read_ahead ahead{source};
  return copy_all(ahead, file, options.pages_per_commit);
}

} // namespace nexte::bench
