#include "http/waiting_summary.hpp"

#include <algorithm>
#include <array>

namespace gantry::http {

namespace {

/// An obstacle as it continues "1 printer" and "2 printers".
struct obstacle {
  reason why;
  std::string_view of_one;
  std::string_view of_many;
};

constexpr auto obstacles = std::to_array<obstacle>({
    {reason::printer_unreachable, "does not answer", "do not answer"},
    {reason::printer_not_ready, "has a firmware fault", "have firmware faults"},
    {reason::printer_busy, "works on another run", "work on other runs"},
    {reason::printer_foreign_print, "prints something of unknown origin",
     "print something of unknown origin"},
    {reason::printer_in_maintenance, "is in maintenance", "are in maintenance"},
    {reason::printer_retired, "is retired", "are retired"},
    {reason::printer_quarantined, "is set aside", "are set aside"},
    {reason::bed_not_clear, "has a print on its bed", "have a print on their beds"},
    {reason::bed_unknown, "has a bed that nobody has confirmed clear",
     "have beds that nobody has confirmed clear"},
    {reason::material_mismatch, "has other material loaded", "have other material loaded"},
    {reason::colour_mismatch, "has another colour loaded", "have other colours loaded"},
    {reason::nozzle_mismatch, "has another nozzle", "have other nozzles"},
    {reason::volume_too_small, "is too small", "are too small"},
    {reason::profile_mismatch, "has another bed than the profile",
     "have other beds than the profile"},
    {reason::printer_no_report_yet, "has not reported yet", "have not reported yet"},
    {reason::printer_history_unread, "has not said yet what it printed last",
     "have not said yet what they printed last"},
    {reason::printer_settling, "became ready a moment ago", "became ready a moment ago"},
    {reason::printer_needs_attention, "waits for a person", "wait for a person"},
    {reason::printer_unreconciled, "is not confirmed since the restore",
     "are not confirmed since the restore"},
    {reason::printer_paused_without_print, "is paused without a print",
     "are paused without a print"},
});

std::string obstacle_text(reason why, bool is_one) {
  const auto known = std::ranges::find(obstacles, why, &obstacle::why);
  if (known != obstacles.end())
    return std::string{is_one ? known->of_one : known->of_many};
  std::string name{to_string(why)};
  std::ranges::replace(name, '_', ' ');
  return (is_one ? "says: " : "say: ") + name;
}

} // namespace

std::string waiting_summary(const std::vector<actors::rejection>& rejections) {
  std::map<reason, int> counts;
  for (const auto& x : rejections) {
    if (x.why == reason::printer_suitable)
      return x.name + " is about to take it.";
    ++counts[x.why];
  }
  if (rejections.empty())
    return "";
  if (rejections.size() == 1)
    return render(rejections.front().why, rejections.front().why_params);
  std::vector<std::pair<int, reason>> order;
  for (const auto& [why, count] : counts)
    order.emplace_back(-count, why);
  std::ranges::sort(order);
  const auto all = std::to_string(rejections.size());
  if (order.size() == 1)
    return "All " + all + " printers " + obstacle_text(order.front().second, false) + ".";
  auto text = "None of " + all + " printers can take it yet: ";
  for (const auto& [count, why] : order)
    text += std::to_string(-count) + " " + obstacle_text(why, count == -1)
            + (why == order.back().second ? "." : ", ");
  return text;
}

} // namespace gantry::http
