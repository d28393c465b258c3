// The C++ library's own copies of these classes free memory on their own, past the wiping operators. These copies, of which
// none leaves the shared library, are compiled into it and wipe.

#include <sstream>
#include <string>

template class std::basic_string<char>;
template class std::basic_string<wchar_t>;
template class std::basic_stringbuf<char>;
template class std::basic_stringbuf<wchar_t>;
