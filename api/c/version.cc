#include "trimaran/version.h"

// Names a macro's value: two steps, so that it is replaced first.
#define TRIMARAN_TEXT_OF(value) #value
#define TRIMARAN_TEXT(value) TRIMARAN_TEXT_OF(value)

int trimaran_version_number(void) { return TRIMARAN_VERSION_NUMBER; }

const char* trimaran_version(void) {
  return TRIMARAN_TEXT(TRIMARAN_VERSION_MAJOR) "." TRIMARAN_TEXT(
      TRIMARAN_VERSION_MINOR) "." TRIMARAN_TEXT(TRIMARAN_VERSION_PATCH);
}
