#include "hal/pumps/simulated_line.hpp"

#include "schemas/describe.hpp"

#include <cerrno>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <unistd.h>

namespace gantry::pumps {

namespace {

using nlohmann::json;

int64_t microseconds(hal::mono_time time) {
  return std::chrono::floor<std::chrono::microseconds>(time).count();
}

class simulated_line final : public line_driver {
public:
  simulated_line(std::shared_ptr<record_file> record, simulated_setup setup)
      : record_{std::move(record)}, setup_{std::move(setup)} {}

  void begin(const std::string& boot, hal::mono_time now) {
    write(now, "line",
          {{"boot", boot},
           {"bank", setup_.bank},
           {"valve", setup_.is_valve},
           {"flow_ul_per_s", is(simulated_fault::clogged) ? 0 : setup_.flow_ul_per_s}});
  }

  line_problem on(pump_direction way, const std::string& purpose, hal::mono_time now) override {
    ++runs_;
    if (!is(simulated_fault::stuck_off))
      write(now, "on", {{"direction", std::string{name_of(way)}}, {"purpose", purpose}});
    return is(simulated_fault::on_unsaid) ? "simulated: no acknowledgement of on" : "";
  }

  line_problem off(hal::mono_time now) override {
    if (is(simulated_fault::stuck_on) && runs_ > 0)
      return {};
    if (is(simulated_fault::off_refused) && runs_ > 0) {
      if (!refused_since_)
        refused_since_ = now;
      if (now - *refused_since_ < setup_.fault_time)
        return "simulated: off is refused";
    }
    refused_since_.reset();
    write(is(simulated_fault::late_stop) && runs_ > 0 ? now + setup_.fault_time : now, "off",
          json::object());
    return {};
  }

  line_service serve(hal::mono_time) override { return {}; }

private:
  [[nodiscard]] bool is(simulated_fault what) const {
    return setup_.fault == what
           && (what == simulated_fault::clogged || runs_ >= setup_.fault_from_run);
  }

  void write(hal::mono_time at, const char* event, json more) {
    json line{{"at_us", microseconds(at)}, {"line", setup_.name}, {"event", event}};
    line.update(more);
    record_->append(line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  }

  std::shared_ptr<record_file> record_;
  simulated_setup setup_;
  int64_t runs_ = 0;
  std::optional<hal::mono_time> refused_since_;
};

} // namespace

result<std::shared_ptr<record_file>> record_file::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return refusal{reason::storage_failed,
                   {{"detail", path + ": " + std::generic_category().message(errno)}}};
  return std::make_shared<record_file>(descriptor);
}

record_file::~record_file() {
  ::close(descriptor_);
}

void record_file::append(const std::string& line) {
  // One write per line: with O_APPEND no line is torn by another process.
  while (::write(descriptor_, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

std::unique_ptr<line_driver> make_simulated_line(std::shared_ptr<record_file> record,
                                                 simulated_setup setup, const std::string& boot,
                                                 hal::mono_time now) {
  auto line = std::make_unique<simulated_line>(std::move(record), std::move(setup));
  line->begin(boot, now);
  return line;
}

} // namespace gantry::pumps
