#pragma once

#include "server/exchange.hpp"
#include "server/front.hpp"
#include "server/output_queue.hpp"
#include "server/request_reader.hpp"
#include "server/response.hpp"
#include "server/tls_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hub {

/// One client connection. It reads requests one after the other, into memory of
/// its shard, and has each answered before it reads the next; what a client sends
/// ahead stays in the socket. While a request is in flight it watches whether the
/// client closes. Between requests it holds no buffers.
///
/// Its front owns it; handlers that wait and the exchange in flight keep it in
/// memory a little longer, closed.
class connection final : public response_sink, public std::enable_shared_from_this<connection> {
public:
  connection(front& home, stream_socket socket, door_kind door);

  ~connection() override;

  void start();

  /// Closes at once. The exchange in flight is told.
  void close();

  /// Looks after time limits.
  void sweep();

  /// Tells the exchange, if there is one; see `exchange::moment_passed`.
  bool moment_passed();

  void write(std::string_view head, const text_parts& body, std::string_view tail) override;
  void write_part(std::string_view head, const text_parts& body, std::string_view tail) override;
  size_t unsent() const noexcept override;
  void finish(bool close) override;

  /// Where the front keeps it.
  size_t place = 0;

private:
  enum class phase : uint8_t {
    reading,   ///< Waits for a request, or reads one.
    busy,      ///< A request is in flight.
    flushing,  ///< The answer is complete but not all sent.
    lingering, ///< The last answer is sent; what still comes is thrown away.
    closed
  };

  void wait_readable();
  void wait_writable();
  void readable();
  void writable();

  /// Reads what is there and has complete requests answered.
  void read();

  /// Looks whether the client of a request in flight has closed.
  void probe();

  /// Reads and forgets.
  void discard();

  /// Has requests answered until one is in flight or more has to be read.
  void advance();

  void dispatch();

  /// Tells why a request cannot be read, as the last thing said here.
  void refuse(int status, std::string_view why);

  /// Goes on after an answer that is complete and sent.
  void go_on();

  /// Says no more, and listens until the client closes too: a client that is
  /// still sending could not read the answer otherwise.
  void linger();

  /// Counts for `front::crowded` from the request until its answer is complete.
  void count_busy(bool busy);

  /// Sends what waits as the burst ends.
  void send_soon();

  /// Sends what waits, as far as the socket takes it.
  /// @returns False if it takes no more at all.
  bool send_output();

  /// The socket does not take what is written: it is closed when this handler and
  /// whoever is writing are done.
  void broken();

  // As `recv`, `recv` with MSG_PEEK, and `sendmsg`, through TLS if there is any.
  ssize_t receive(char* to, size_t size);
  ssize_t peek();
  ssize_t send(const msghdr& message);

  front& home_;
  stream_socket socket_;

  /// Null on a plain connection.
  std::unique_ptr<tls_wire> tls_;
  request_reader reader_;
  output_queue output_;
  std::shared_ptr<exchange> exchange_;
  door_kind door_;
  phase phase_ = phase::reading;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool dispatching_ = false;
  bool sends_soon_ = false;
  bool counted_busy_ = false;
  bool close_after_ = false;
  bool broken_ = false;

  /// The client sends no more, but may still read.
  bool input_ended_ = false;

  /// The sweep at which the present phase, or progress in it, was noticed.
  uint32_t since_;
};

} // namespace hub
