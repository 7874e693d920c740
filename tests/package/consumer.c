/* A program of somebody else's, in C. */
#include <stdio.h>
#include <trimaran/version.h>

int main(void) {
  if (trimaran_version_number() != TRIMARAN_VERSION_NUMBER) return 1;
  printf("trimaran %s\n", trimaran_version());
  return 0;
}
