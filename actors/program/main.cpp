// The program: wires the command line to what it can do.
#include "actors/program/cli.hpp"
#include "actors/program/demo.hpp"
#include "actors/program/process.hpp"
#include "actors/program/serve.hpp"
#include "protocol/http/beast_client.hpp"
#include "protocol/http/url.hpp"

#include <cstdio>
#include <iostream>
#include <thread>

#include <unistd.h>

namespace {

using namespace nexte;
using namespace nexte::program;

wall_time wall_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

result<void> run_on_engine(const shell_request& request) {
  auto door = find_engine(request.engine, providers());
  if (!door)
    return std::move(door).failure();
  const auto url = parse_url(door->origin);
  if (!url)
    return url.failure();
  beast_client_options options;
  options.allowed.push_back({url->host, url->port, {}, true});
  auto net = beast_client::make(std::move(options));
  if (!net)
    return std::move(net).failure();
  control_client client{*std::move(net), *door};
  return request.command(
      {client, std::cout, terminal_of(STDOUT_FILENO), request.json, wall_now,
       [](milliseconds wait) { std::this_thread::sleep_for(wait); },
       [&](const event_listener& listener) { return follow_events(*door, listener); }});
}

int ask(const shell_request& request) {
  const auto done = run_on_engine(request);
  std::cout.flush();
  if (done && std::cout)
    return exit_done;
  if (done && reader_is_gone(STDOUT_FILENO)) // `| head` has seen enough
    return exit_done;
  const auto line = done ? std::string{"cannot write to stdout"} : done.failure().line();
  std::fprintf(stderr, "nexte-sync: %s\n", printable(line).c_str());
  return exit_failed;
}

} // namespace

int main(int argc, char** argv) {
  harden_process();
  const actions can{ask, serve, run_demo, run_simulators, check_config, run_simulate};
  return run_command_line(argc, argv, can, std::cout, std::cerr);
}
