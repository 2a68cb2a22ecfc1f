/* Checkpoints: reading. */
#include "ledger/checkpoint.h"

#include "ledger/take.h"

enum refusal
checkpoint_read_text(struct str text, struct checkpoint *ret_checkpoint)
{
	struct checkpoint c = { .note = { .text = text } };
	struct str rest = text, size, root, time;
	size_t n;

	if (!take_line(&rest, &c.origin) || c.origin.n == 0 || !take_line(&rest, &size) ||
	    !take_line(&rest, &root) || !take_line(&rest, &time) || rest.n || !take_prefix(&time, "time "))
		return REFUSAL_CHECKPOINT;
	if (!read_number(size, &c.size))
		return REFUSAL_NUMBER;
	if (!read_base64(root, c.root.b, sizeof(c.root.b), &n) || n != sizeof(c.root.b))
		return root.n == 44 ? REFUSAL_BASE64 : REFUSAL_HASH;
	if (!read_stamp(time, &c.time))
		return REFUSAL_TIME;
	*ret_checkpoint = c;
	return REFUSAL_NONE;
}

enum refusal
checkpoint_read(struct str note, struct checkpoint *ret_checkpoint)
{
	struct note n;
	enum refusal why = note_read(note, &n);

	if (why == REFUSAL_NONE)
		why = checkpoint_read_text(n.text, ret_checkpoint);
	if (why == REFUSAL_NONE)
		ret_checkpoint->note = n;
	return why;
}
