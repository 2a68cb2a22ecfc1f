#include <signal.h>
#include <unistd.h>

#include "daemon/channel.h"
#include "daemon/processes.h"

bool
process_start(process_life *life, const struct conf *c, const int *close_first, int n, int *ret_channel, int64_t *ret_pid)
{
	sigset_t none;
	int fds[2];
	pid_t pid;

	if (!channel_pair(fds))
		return false;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return false;
	}
	if (pid == 0) {
		close(fds[0]);
		for (int i = 0; i < n; i++)
			if (close_first[i] >= 0)
				close(close_first[i]);
		signal(SIGINT, SIG_IGN);         /* the terminal's: the parent decides */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		_exit(life(c, fds[1]));
	}
	close(fds[1]);
	*ret_channel = fds[0];
	*ret_pid = pid;
	return true;
}
