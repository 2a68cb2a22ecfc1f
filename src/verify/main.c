/* tocsin-verify: checks receipts offline, trusting nobody but the holder of a key. README.md. */
#include "verify/verify.h"

int
main(int argc, char **argv)
{
	return verify_run(argc, argv);
}
