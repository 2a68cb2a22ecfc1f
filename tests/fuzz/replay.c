/* Feeds a target every file of the folders named, as TAP: what once went wrong stays tried. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replayed;

static void
replay_file(const char *path, const char *name)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL, *exact;
	size_t n = 0, got;

	if (!f) {
		printf("not ok %d - %s\n", ++replayed, name);
		return;
	}
	do {
		data = realloc(data, n + 65536);
		if (!data)
			abort();
		got = fread(data + n, 1, 65536, f);
		n += got;
	} while (got > 0);
	fclose(f);
	/* exactly as long as the input, so that reading past it is seen */
	exact = malloc(n ? n : 1);
	if (!exact)
		abort();
	memcpy(exact, data, n);
	free(data);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	printf("ok %d - %s\n", ++replayed, name);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct dirent **entries;
		int n = scandir(argv[i], &entries, NULL, alphasort);

		for (int k = 0; k < n; k++) {
			char path[4096];

			snprintf(path, sizeof(path), "%s/%s", argv[i], entries[k]->d_name);
			if (entries[k]->d_name[0] != '.')
				replay_file(path, entries[k]->d_name);
			free(entries[k]);
		}
		if (n >= 0)
			free(entries);
	}
	if (replayed == 0)
		printf("not ok %d - a corpus to replay\n", ++replayed);
	printf("1..%d\n", replayed);
	return 0;
}
