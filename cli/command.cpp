#include "cli/command.hpp"

#include "cli/version.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

namespace gantry::cli {

namespace {

void print_overview(const std::vector<subcommand>& known) {
  std::cout << "Gantry, an operations kernel for 3D print farms.\n\nUsage: gantry SUBCOMMAND "
               "[OPTION...]\n\n";
  for (const auto& each : known) {
    auto name = std::string{each.name};
    name.resize(std::max<size_t>(name.size(), 14), ' ');
    std::cout << "  " << name << "  " << each.summary << '\n';
  }
  std::cout << "\n  gantry SUBCOMMAND --help explains one of them; gantry --version names the "
               "version.\n\n"
            << exit_code_help;
}

void print_help(const subcommand& what) {
  std::cout << "Usage: gantry " << what.name << (what.operands.empty() ? "" : " ") << what.operands
            << " [OPTION...]\n\n"
            << what.summary << '\n';
  if (!what.details.empty())
    std::cout << '\n' << what.details;
  std::cout << '\n';
  for (const auto& each : what.options) {
    auto name = std::string{each.name};
    if (!each.placeholder.empty())
      name += ' ' + std::string{each.placeholder};
    name.resize(std::max<size_t>(name.size(), 18), ' ');
    std::cout << "  " << name << "  " << each.help << '\n';
  }
  std::cout << "  --help              show this text\n\n" << exit_code_help;
}

int usage(std::string_view program, const std::string& sentence) {
  std::cerr << program << ": " << sentence << ". Try '" << program << " --help'.\n";
  return static_cast<int>(exit_code::usage);
}

int run(const subcommand& what, const std::vector<std::string>& words) {
  auto end_of_options = std::ranges::find(words, "--");
  for (auto at = words.begin(); at != end_of_options; ++at)
    if (*at == "--help" || *at == "-h") {
      print_help(what);
      return 0;
    }
  auto read = read_arguments(words, what.options, what.operands_min, what.operands_max);
  if (auto* error = std::get_if<usage_error>(&read))
    return usage("gantry " + std::string{what.name}, error->text);
  try {
    return static_cast<int>(what.run(std::get<arguments>(read)));
  } catch (const std::exception& error) {
    std::cerr << "gantry " << what.name << ": " << error.what() << '\n';
    return static_cast<int>(exit_code::failed);
  }
}

/// How many words at the front of `words` name `what`; 0 if they do not.
size_t matches(const subcommand& what, const std::vector<std::string>& words) {
  auto space = what.name.find(' ');
  if (space == std::string_view::npos)
    return !words.empty() && words[0] == what.name ? 1 : 0;
  return words.size() >= 2 && words[0] == what.name.substr(0, space)
                 && words[1] == what.name.substr(space + 1)
             ? 2
             : 0;
}

} // namespace

option data_option() {
  return {"--data", option_kind::text, "DIR",
          "data folder (default: $XDG_DATA_HOME/gantry; as root /var/lib/gantry)"};
}

int dispatch(int argc, char** argv, const std::vector<subcommand>& known) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_overview(known);
    return words.empty() ? static_cast<int>(exit_code::usage) : 0;
  }
  if (words[0] == "--version" || words[0] == "-V") {
    std::cout << "gantry " << version << '\n';
    return 0;
  }
  for (const auto& each : known)
    if (auto count = matches(each, words)) {
      if (each.run_raw)
        return each.run_raw(argc - static_cast<int>(count), argv + count);
      return run(each, {words.begin() + static_cast<ptrdiff_t>(count), words.end()});
    }
  std::vector<std::string_view> names;
  for (const auto& each : known)
    names.push_back(each.name);
  auto hint = nearest(words[0], names);
  return usage("gantry", "there is no subcommand '" + words[0] + "'"
                             + (hint.empty() ? "" : ", did you mean '" + std::string{hint} + "'?"));
}

} // namespace gantry::cli
