// The parts of Asio that are not templates, compiled once for the whole hub.
#include <boost/asio/impl/src.hpp>
