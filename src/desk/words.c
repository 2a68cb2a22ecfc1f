#include "desk/words.h"

#include <stddef.h>

const struct action_word action_words[] = {
	{ "report.create", "action.report.create" },
	{ "report.save", "action.report.save" },
	{ "report.submit", "action.report.submit" },
	{ "report.return", "action.report.return" },
	{ "report.review", "action.report.review" },
	{ "report.track", "action.report.track" },
	{ "report.contact", "action.report.contact" },
	{ "report.contain", "action.report.contain" },
	{ "report.close", "action.report.close" },
	{ "report.accept", "action.report.accept" },
	{ "report.reject-closing", "action.report.reject-closing" },
	{ "report.reopen", "action.report.reopen" },
	{ "report.withdraw", "action.report.withdraw" },
	{ "report.merge", "action.report.merge" },
	{ "report.merged_here", "action.report.merged_here" },
	{ "report.amend-level", "action.report.amend-level" },
	{ "report.match", "action.report.match" },
	{ "report.police", "action.report.police" },
	{ "report.improvement", "action.report.improvement" },
	{ "report.judge-improvement", "action.report.judge-improvement" },
	{ "report.extend", "action.report.extend" },
	{ "report.grant", "action.report.grant" },
	{ "report.escalate", "action.report.escalate" },
	{ "report.acknowledge", "action.report.acknowledge" },
	{ "report.fulfil", "action.report.fulfil" },
	{ "report.delete", "action.report.delete" },
	{ "report.read", "action.report.read" },
	{ "report.read_trail", "action.report.read_trail" },
	{ "report.autosave", "action.report.autosave" },
	{ "report.export", "action.report.export" },
	{ "report.export_seen", "action.report.export_seen" },
	{ "log.read", "action.log.read" },
	{ "store.backup", "action.store.backup" },
	{ "store.backup_failed", "action.store.backup_failed" },
	{ "store.move", "action.store.move" },
	{ "store.restore", "action.store.restore" },
	{ "report.attach", "action.report.attach" },
	{ "report.detach", "action.report.detach" },
	{ "report.take", "action.report.take" },
	{ "attachment.create", "action.attachment.create" },
	{ "attachment.whole", "action.attachment.whole" },
	{ "attachment.take", "action.attachment.take" },
	{ "attachment.withdraw", "action.attachment.withdraw" },
	{ "attachment.cancel", "action.attachment.cancel" },
	{ "attachment.given_up", "action.attachment.given_up" },
	{ "attachment.let_go", "action.attachment.let_go" },
	{ "log.export", "action.log.export" },
	{ "log.export_seen", "action.log.export_seen" },
	{ "signing_key.make", "action.signing_key.make" },
	{ "signing_key.rotate", "action.signing_key.rotate" },
	{ "signing_key.retire", "action.signing_key.retire" },
	{ "signing_key.compromised", "action.signing_key.compromised" },
	{ "signing_key.expiring", "action.signing_key.expiring" },
	{ "signing_key.share", "action.signing_key.share" },
	{ "signing_key.restore_test", "action.signing_key.restore_test" },
	{ "witness.add", "action.witness.add" },
	{ "witness.end", "action.witness.end" },
	{ "witness.refused", "action.witness.refused" },
	{ "witness_log.add", "action.witness_log.add" },
	{ "witness_log.keys", "action.witness_log.keys" },
	{ "witness_log.end", "action.witness_log.end" },
	{ "witness_log.forked", "action.witness_log.forked" },
	{ "witness_log.unproved", "action.witness_log.unproved" },
	{ "audit.erase", "action.audit.erase" },
	{ "hold.set", "action.hold.set" },
	{ "hold.lift", "action.hold.lift" },
	{ "hold.confirm", "action.hold.confirm" },
	{ "hold.keep", "action.hold.keep" },
	{ "session.start", "action.session.start" },
	{ "session.end", "action.session.end" },
	{ "session.refused", "action.session.refused" },
	{ "session.limited", "action.session.limited" },
	{ "request.refused", "action.request.refused" },
	{ "account.apply", "action.account.apply" },
	{ "account.approve", "action.account.approve" },
	{ "account.reject", "action.account.reject" },
	{ "account.stays", "action.account.stays" },
	{ "account.first", "action.account.first" },
	{ "account.bootstrap", "action.account.bootstrap" },
	{ "account.suspend", "action.account.suspend" },
	{ "account.resume", "action.account.resume" },
	{ "account.remove", "action.account.remove" },
	{ "account.roles", "action.account.roles" },
	{ "account.handover", "action.account.handover" },
	{ "account.face", "action.account.face" },
	{ "account.password", "action.account.password" },
	{ "account.password_set", "action.account.password_set" },
	{ "password.refused", "action.password.refused" },
	{ "account.totp_on", "action.account.totp_on" },
	{ "account.totp_off", "action.account.totp_off" },
	{ "link.create", "action.link.create" },
	{ "key.create", "action.key.create" },
	{ "key.revoke", "action.key.revoke" },
	{ "calendar.create", "action.calendar.create" },
	{ "calendar.revoke", "action.calendar.revoke" },
	{ "person.create", "action.person.create" },
	{ "person.update", "action.person.update" },
	{ "organisation.create", "action.organisation.create" },
	{ "organisation.update", "action.organisation.update" },
	{ "organisation.register", "action.organisation.register" },
	{ "organisation.remove", "action.organisation.remove" },
	{ "organisation.restore", "action.organisation.restore" },
	{ "sector.create", "action.sector.create" },
	{ "sector.update", "action.sector.update" },
	{ "contact_entry.create", "action.contact_entry.create" },
	{ "duty.start", "action.duty.start" },
	{ "duty.met", "action.duty.met" },
	{ "duty.moved", "action.duty.moved" },
	{ "duty.cancelled", "action.duty.cancelled" },
	{ "duty.overdue", "action.duty.overdue" },
	{ "duty.overdue_withdrawn", "action.duty.overdue_withdrawn" },
	{ "duty.extension_asked", "action.duty.extension_asked" },
	{ "duty.extended", "action.duty.extended" },
	{ "duty.extension_refused", "action.duty.extension_refused" },
};
const int action_word_count = sizeof(action_words) / sizeof(action_words[0]);

const char *
word_of_action(struct str action)
{
	for (int i = 0; i < action_word_count; i++)
		if (str_is(action, action_words[i].action))
			return action_words[i].msg;
	return NULL;
}

const char *
word_of_verb(struct str verb)
{
	for (int i = 0; i < action_word_count; i++) {
		struct str action = str_c(action_words[i].action);

		if (str_starts(action, STR("report.")) && str_eq(str_from(action, sizeof("report.") - 1),
		    verb))
			return action_words[i].msg;
	}
	return NULL;
}
