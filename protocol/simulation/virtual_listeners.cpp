#include "protocol/simulation/virtual_listeners.hpp"

#include <utility>

namespace nexte::simulation {

class virtual_listeners::listener final : public oauth::callback_listener {
public:
  listener(std::string uri, std::shared_ptr<table> open, const bool& spoke_tls)
      : uri_(std::move(uri)), open_(std::move(open)), spoke_tls_(spoke_tls) {}
  ~listener() override {
    open_->erase(uri_);
  }
  const std::string& redirect_uri() const override {
    return uri_;
  }
  bool heard_tls() const override {
    return spoke_tls_;
  }

private:
  std::string uri_;
  std::shared_ptr<table> open_;
  const bool& spoke_tls_;
};

result<std::unique_ptr<oauth::callback_listener>> virtual_listeners::open(std::string_view provider,
                                                                          on_callback heard) {
  if (refuse)
    return error{ec::refused, "no port on 127.0.0.1 can be opened",
                 "allow this program to listen on 127.0.0.1"};
  const auto uri
      = "http://127.0.0.1:" + std::to_string(next_port_++) + "/oauth/" + std::string{provider};
  open_->insert_or_assign(uri, std::move(heard));
  return std::unique_ptr<oauth::callback_listener>{
      std::make_unique<listener>(uri, open_, spoke_tls)};
}

bool virtual_listeners::hit(std::string_view url) {
  const auto mark = url.find('?');
  const auto at = open_->find(url.substr(0, mark));
  if (at == open_->end())
    return false;
  const auto heard = at->second; // the hit may close the listener
  return heard(mark == url.npos ? std::string_view{} : url.substr(mark + 1));
}

} // namespace nexte::simulation
