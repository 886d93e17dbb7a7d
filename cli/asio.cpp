// The part of Asio that is compiled once, because BOOST_ASIO_SEPARATE_COMPILATION is set.
#include <boost/asio/impl/src.hpp>
