#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

/* The program as a function: `tocsin verify` is the same. Exit status: 0 proved, 1 not proved, 2 unusable. */
int verify_run(int argc, char **argv);

#endif
