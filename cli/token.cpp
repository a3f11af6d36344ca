// `gantry token`: access tokens, through the API of the kernel that runs.
#include "cli/api_client.hpp"
#include "cli/command.hpp"
#include "cli/data_folder.hpp"
#include "hal/clock.hpp"
#include "hal/net/network_runtime.hpp"

#include <charconv>
#include <iostream>
#include <nlohmann/json.hpp>

namespace gantry::cli {

namespace {

using nlohmann::json;

void complain(const std::string& sentence) {
  std::cerr << "gantry token: " << sentence << '\n';
}

/// Splits `text` at commas.
json roles_of(const std::string& text) {
  auto roles = json::array();
  for (size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    roles.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return roles;
}

api_reply list(api_client& api) {
  auto reply = api.get("/api/v1/tokens?limit=500");
  if (reply)
    for (const auto& each : reply.items()) {
      std::string roles;
      for (const auto& one : each["roles"])
        roles += (roles.empty() ? "" : ",") + one.get<std::string>();
      std::cout << each["id"].get<std::string>() << "  "
                << (each["revoked"].get<bool>() ? "revoked" : "valid  ") << "  " << roles << "  "
                << each["name"].get<std::string>() << '\n';
    }
  return reply;
}

api_reply issue(api_client& api, const arguments& given, const std::string& key) {
  json body{{"name", given.positional()[1]}, {"roles", roles_of(given.text("--roles", "viewer"))}};
  auto reply = api.send("POST", "/api/v1/tokens", body.dump(), key);
  if (reply)
    std::cout << reply.json()["secret"].get<std::string>() << '\n';
  return reply;
}

api_reply revoke(api_client& api, const arguments& given, const std::string& key) {
  auto reply = api.send("POST", "/api/v1/tokens/" + given.positional()[1] + "/revoke", "{}", key);
  if (reply)
    std::cout << "revoked\n";
  return reply;
}

exit_code token(const arguments& given) {
  const auto& words = given.positional();
  bool known = (words[0] == "list" && words.size() == 1)
               || ((words[0] == "new" || words[0] == "revoke") && words.size() == 2);
  if (!known) {
    complain("use 'list', 'new NAME' or 'revoke ID'");
    return exit_code::usage;
  }
  auto folder = data_folder(given);
  auto where = first_line(listen_path(folder));
  auto space = where.find(' ');
  hal::link_address server{where.substr(0, space), 0};
  if (space != std::string::npos)
    std::from_chars(where.data() + space + 1, where.data() + where.size(), server.port);
  auto secret = first_line(admin_token_path(folder));
  if (server.port == 0 || secret.empty()) {
    complain("no kernel runs with the data folder " + folder + "; start 'gantry serve' first");
    return exit_code::failed;
  }
  // The link wants an address without the brackets that a URL needs.
  if (server.host.starts_with('['))
    server.host = server.host.substr(1, server.host.size() - 2);
  auto links = hal::make_network_runtime();
  api_client api{*links, server, secret};
  auto key = "cli-" + std::to_string(hal::make_system_id_source()->bits());
  auto reply = words[0] == "list"  ? list(api)
               : words[0] == "new" ? issue(api, given, key)
                                   : revoke(api, given, key);
  if (reply)
    return exit_code::done;
  complain(reply.problem);
  return exit_code::failed;
}

} // namespace

subcommand token_command() {
  return {.name = "token",
          .operands = "list | new NAME | revoke ID",
          .operands_min = 1,
          .operands_max = 2,
          .summary = "Lists, issues and revokes access tokens of the running kernel.",
          .details = "A new token's secret is printed once, alone on its line, and stored "
                     "nowhere.\n",
          .options = {data_option(),
                      {"--roles", option_kind::text, "LIST",
                       "roles of a new token, with commas: viewer, operator, planner, admin, "
                       "integration (viewer)"}},
          .run = token};
}

} // namespace gantry::cli
