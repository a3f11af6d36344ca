#include "actors/clock_watch.hpp"

#include "logging/log.hpp"
#include "rules/clock_check.hpp"

namespace gantry::actors {

namespace {

/// How long a step is reported.
constexpr std::chrono::hours step_memory{1};

} // namespace

clock_watch::clock_watch(const hal::clock& time)
    : time_{time}, wall_began_{time.wall()}, mono_began_{time.mono()} {
  // nop
}

clock_report clock_watch::look(std::optional<timestamp> client_time) {
  clock_report report;
  report.now = time_.wall();
  report.sync = time_.sync();
  const auto mono = time_.mono();
  {
    const std::lock_guard lock{mutex_};
    if (stepped_at_ && mono - *stepped_at_ >= step_memory) {
      wall_began_ = report.now;
      mono_began_ = mono;
      stepped_at_.reset();
    }
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(mono - mono_began_);
    report.drift_ms = ((report.now - wall_began_) - passed).count();
    report.verdict = rules::judge_clock(report.sync, report.drift_ms);
    if (report.verdict.code == reason::clock_stepped && !stepped_at_) {
      stepped_at_ = mono;
      logging::write(logging::level::warning, "clock", report.verdict.text());
    }
  }
  if (client_time) {
    report.offset_ms = (*client_time - report.now).count();
    report.offset_verdict = rules::judge_browser_clock(*report.offset_ms);
  }
  return report;
}

health_check clock_check(const clock_report& report) {
  return {"clock", true, report.verdict.text(), report.verdict.code != reason::clock_agrees};
}

} // namespace gantry::actors
