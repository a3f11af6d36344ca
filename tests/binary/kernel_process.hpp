// `gantry serve` and `gantry sim moonraker` as processes, and short ways to ask them.
#pragma once

#include "tests/binary/program.hpp"
#include "tests/http/raw_client.hpp"

#include <nlohmann/json.hpp>

namespace gantry::test {

/// A simulated printer on a port of its own.
class printer_process {
public:
  /// `speed`: seconds on the printer's clock per second. Its log goes to `folder`/sim-1.jsonl.
  explicit printer_process(const std::filesystem::path& folder, int speed = 200);

  [[nodiscard]] uint16_t port() const { return port_; }
  /// Takes everything off the bed.
  void clear_bed() const;
  /// How often a print was started, by its own log.
  [[nodiscard]] int starts() const;

private:
  std::filesystem::path log_;
  program child_;
  uint16_t port_ = 0;
};

/// A running kernel, asked as its administrator unless said otherwise.
class kernel_process {
public:
  /// Starts a kernel on a free port and waits until it listens.
  explicit kernel_process(const std::filesystem::path& data, std::vector<std::string> more = {});

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& secret() const { return secret_; }
  [[nodiscard]] program& child() { return child_; }

  /// The text of a request with a key of its own; `extra` are further header lines, each with its
  /// end.
  [[nodiscard]] std::string text(const std::string& method, const std::string& target,
                                 const std::string& body = {}, const std::string& extra = {});
  [[nodiscard]] raw_answer ask(const std::string& bytes) const;
  /// What a GET answers; null unless it is 200.
  [[nodiscard]] nlohmann::json get(const std::string& target);
  /// What a request that changes something answers. Throws std::runtime_error if it is refused.
  nlohmann::json send(const std::string& method, const std::string& target,
                      const nlohmann::json& body);
  nlohmann::json post(const std::string& target, const nlohmann::json& body) {
    return send("POST", target, body);
  }
  /// Stores a model and returns its id.
  [[nodiscard]] std::string upload(const std::string& name, const std::string& bytes);
  /// Adds a printer with PLA and returns its id.
  [[nodiscard]] std::string add_printer(const std::string& name, uint16_t port);
  /// Orders one piece of a model and returns the order's id.
  [[nodiscard]] std::string order(const std::string& reference, const std::string& model);
  /// Stops by SIGTERM; the exit code, or nothing if it takes longer than 5 s.
  [[nodiscard]] std::optional<int> stop();

private:
  program child_;
  uint16_t port_ = 0;
  std::string secret_;
  int keys_ = 0;
};

/// The content of a file.
[[nodiscard]] std::string bytes_of(const std::filesystem::path& file);

/// A file of the source tree.
[[nodiscard]] std::string source_bytes(const std::string& path);

} // namespace gantry::test
