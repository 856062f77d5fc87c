#include "actors/program/completion.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace nexte::program {
namespace {

/// One word that a command takes at its place, or after an option.
struct operand {
  std::string name;    ///< "MODE"
  std::string choices; ///< Separated by spaces; empty: any text.
};

/// An option as it is typed.
struct switch_word {
  std::string name; ///< "--mode"
  std::string about;
  bool takes_value = false;
  operand value;
};

struct command_words {
  std::string name;
  std::string about;
  std::vector<switch_word> switches;
  std::vector<operand> operands;
};

/// CLI11 tells a fixed set only within the type: "TEXT:{hourly,paused,real_time}".
std::string choices_of(const CLI::Option& option) {
  const auto type = option.get_type_name();
  const auto from = type.find('{');
  const auto to = type.find('}');
  if (from == std::string::npos || to == std::string::npos)
    return {};
  auto words = type.substr(from + 1, to - from - 1);
  std::ranges::replace(words, ',', ' ');
  return words;
}

std::vector<command_words> commands_of(const CLI::App& app) {
  std::vector<command_words> all;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    command_words made{sub->get_name(), sub->get_description(), {}, {}};
    for (const auto* option : sub->get_options()) {
      const operand taken{option->get_name(), choices_of(*option)};
      if (option->get_positional())
        made.operands.push_back(taken);
      else
        for (const auto& name : option->get_lnames())
          made.switches.push_back(
              {"--" + name, option->get_description(), option->get_expected_max() > 0, taken});
    }
    all.push_back(std::move(made));
  }
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words)
    all += (all.empty() ? "" : " ") + word;
  return all;
}

// ---- bash --------------------------------------------------------------------------------------

constexpr std::string_view bash_ids
    = R"(# bash completion for nexte-sync, made by: nexte-sync completion bash
_nexte_sync_ids() {
  nexte-sync status 2> /dev/null | awk 'NR > 1 { print $1 }'
}

)";
constexpr std::string_view bash_head = R"(_nexte_sync() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local command= place=0 i words= files=
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ -z $command ]]; then
      [[ ${COMP_WORDS[i]} == -* ]] || command=${COMP_WORDS[i]}
    elif [[ ${COMP_WORDS[i]} == -* ]]; then
      _nexte_sync_takes_value "$command" "${COMP_WORDS[i]}" && ((i++))
    else
      ((place++))
    fi
  done
  local what="$command @$place"
  _nexte_sync_takes_value "$command" "$prev" && what="$command $prev"
  [[ $cur == -* ]] && what="$command -"
  [[ -n $command ]] || what=
  case $what in
)";
constexpr std::string_view bash_tail = R"(  if [[ -n $files ]]; then
    compopt -o default 2> /dev/null
    COMPREPLY=()
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
}
complete -F _nexte_sync nexte-sync
)";

/// What sets `words` or `files` for one operand.
std::string bash_words(const operand& taken) {
  if (!taken.choices.empty())
    return "words='" + taken.choices + "'";
  if (taken.name == "ID")
    return "words=$(_nexte_sync_ids)";
  return taken.name.starts_with("--") ? "files=1" : "words=";
}

std::string bash_script(const std::vector<command_words>& all) {
  std::vector<std::string> names;
  std::vector<std::string> takers;
  std::string cases;
  for (const auto& command : all) {
    names.push_back(command.name);
    std::vector<std::string> switches;
    std::string here;
    for (const auto& one : command.switches) {
      switches.push_back(one.name);
      if (!one.takes_value)
        continue;
      takers.push_back(command.name + ":" + one.name);
      operand value = one.value;
      value.name = one.name;
      here += "    '" + command.name + " " + one.name + "') " + bash_words(value) + " ;;\n";
    }
    for (size_t place = 0; place < command.operands.size(); ++place)
      here += "    '" + command.name + " @" + std::to_string(place) + "') "
              + bash_words(command.operands[place]) + " ;;\n";
    cases += here + "    '" + command.name + " -') words='" + joined(switches) + "' ;;\n";
  }
  auto taking = joined(takers);
  std::ranges::replace(taking, ' ', '|');
  return std::string{bash_ids} + "_nexte_sync_takes_value() {\n  case $1:$2 in\n    " + taking
         + ") return 0 ;;\n  esac\n  return 1\n}\n\n" + std::string{bash_head} + "    '') words='"
         + joined(names) + "' ;;\n" + cases + "  esac\n" + std::string{bash_tail};
}

// ---- zsh ---------------------------------------------------------------------------------------

constexpr std::string_view zsh_head = R"zsh(#compdef nexte-sync
# zsh completion for nexte-sync, made by: nexte-sync completion zsh
_nexte_sync_ids() {
  local -a ids
  ids=(${(f)"$(nexte-sync status 2> /dev/null | awk 'NR > 1 { print $1 }')"})
  compadd -a ids
}

_nexte_sync() {
  local -a commands
  commands=(
)zsh";
constexpr std::string_view zsh_middle = R"zsh(  )
  local state
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
)zsh";
constexpr std::string_view zsh_tail = R"zsh(      esac
      ;;
  esac
}

if [ "$funcstack[1]" = _nexte_sync ]; then
  _nexte_sync "$@"
else
  compdef _nexte_sync nexte-sync
fi
)zsh";

/// Within single quotes, where a colon or a bracket would end what it stands in.
std::string zsh_text(std::string_view text) {
  std::string safe;
  for (const char c : text)
    if (c == '\'')
      safe += "'\\''";
    else if (c == ':' || c == '[' || c == ']' || c == '\\')
      safe += std::string{"\\"} + c;
    else
      safe += c;
  return safe;
}

std::string zsh_action(const operand& taken, bool of_switch) {
  if (!taken.choices.empty())
    return "(" + taken.choices + ")";
  if (taken.name == "ID")
    return "_nexte_sync_ids";
  return of_switch ? "_files" : " ";
}

std::string zsh_script(const std::vector<command_words>& all) {
  std::string names;
  std::string cases;
  for (const auto& command : all) {
    names += "    '" + command.name + ":" + zsh_text(command.about) + "'\n";
    cases += "        " + command.name + ")\n          _arguments";
    for (const auto& one : command.switches)
      cases += " \\\n            '" + one.name + "[" + zsh_text(one.about) + "]"
               + (one.takes_value ? ":value:" + zsh_action(one.value, true) : "") + "'";
    for (const auto& taken : command.operands)
      cases += " \\\n            ':" + zsh_text(taken.name) + ":" + zsh_action(taken, false) + "'";
    cases += "\n          ;;\n";
  }
  return std::string{zsh_head} + names + std::string{zsh_middle} + cases + std::string{zsh_tail};
}

} // namespace

std::string completion_script(const CLI::App& app, bool zsh) {
  const auto all = commands_of(app);
  return zsh ? zsh_script(all) : bash_script(all);
}

} // namespace nexte::program
