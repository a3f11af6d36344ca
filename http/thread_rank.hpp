// Which of the server's threads gets a processor first when many want one.
#pragma once

namespace gantry::http {

enum class thread_rank {
  urgent, ///< Before everything that is not real-time; for moments, never for work.
  usual,
  behind, ///< After the usual threads of this program.
};

/// Gives the calling thread that rank, as far as the system allows: `urgent` needs the right to
/// real-time priority. What stepped behind stays behind the usual threads when it is `usual` again.
/// False if the rank was not given, or given in part.
bool set_thread_rank(thread_rank rank);

} // namespace gantry::http
