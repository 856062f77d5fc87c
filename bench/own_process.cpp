#include "bench/suite.hpp"

#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace nexte::bench {
namespace {

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto got = read(from, part.data(), part.size());
    if (got > 0)
      text.append(part.data(), static_cast<size_t>(got));
    else if (got == 0 || errno != EINTR)
      return text;
  }
}

std::string told_by(const std::function<figures()>& measure) {
  json::writer out;
  out.begin_object();
  try {
    for (const auto& one : measure())
      out.key(one.name).value(one.value);
  } catch (const std::exception& failure) {
    out.key("failure").value(failure.what());
  }
  return out.end_object().take();
}

[[noreturn]] void be_child(int to, const std::function<figures()>& measure) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // it never outlives the benchmark
  const auto told = told_by(measure);
  const bool whole = write(to, told.data(), told.size()) == static_cast<ssize_t>(told.size());
  std::fflush(nullptr);
  _exit(whole ? 0 : 1);
}

} // namespace

figures in_process_of_its_own(const std::function<figures()>& measure) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    throw std::runtime_error("cannot make a pipe");
  std::fflush(nullptr);
  const auto child = fork();
  if (child < 0)
    throw std::runtime_error("cannot fork");
  if (child == 0)
    be_child(ends[1], measure);
  close(ends[1]);
  const auto told = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  const auto read = json::parse_value(told);
  if (!read || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("the process of a run died");
  if (read->find("failure"))
    throw std::runtime_error(std::string{read->string_or_empty("failure")});
  figures all;
  for (const auto& [name, value] : read->members)
    all.push_back({name, std::strtod(value.text.c_str(), nullptr)});
  return all;
}

} // namespace nexte::bench
