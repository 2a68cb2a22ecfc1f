#include "model/messages.h"

#include "model/duty.h"
#include "model/life.h"

static const struct choices *const all_choices[] = {
	&choices_org_kind, &choices_org_state, &choices_grade, &choices_account_state, &choices_regime,
	&choices_lang, &choices_contact_state, &choices_role,
	&choices_report_state, &choices_escalation, &choices_escalation_why, &choices_report_kind,
	&choices_form_kind, &choices_channel, &choices_tlp, &choices_os, &choices_controls, &choices_soc,
	&choices_category, &choices_condition, &choices_source, &choices_improvement, &choices_contact_means,
	&choices_duty_state, &choices_holder, &choices_event,
};
static const struct entity *const inputs[] = {
	&in_empty, &in_remark, &in_reason, &in_review, &in_contain, &in_close, &in_merge, &in_match,
	&in_amend, &in_police, &in_improvement, &in_judge, &in_extend, &in_grant, &in_escalate,
	&in_acknowledge, &in_fulfil,
};

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static void
of_entity(const struct entity *e, void (*each)(const char *, void *), void *arg)
{
	for (int i = 0; i < e->n; i++) {
		each(field_label(&e->fields[i]), arg);
		if (field_hint(&e->fields[i]))
			each(field_hint(&e->fields[i]), arg);
	}
}

void
model_message_ids(void (*each)(const char *id, void *arg), void *arg)
{
	for (int i = 0; i < ENTITY__MAX; i++)
		of_entity(entity_of((enum entity_id)i), each, arg);
	for (int i = 0; i < COUNT(inputs); i++)
		of_entity(inputs[i], each, arg);
	for (int i = 0; i < COUNT(all_choices); i++)
		for (int k = 0; k < all_choices[i]->n; k++)
			each(all_choices[i]->list[k].msg, arg);
	for (int i = 0; i < report_sections_count; i++)
		each(report_sections[i].title, arg);
	for (int v = 0; v < VERB__MAX; v++) {
		each(verb_msg((enum verb)v), arg);
		each(verb_hint((enum verb)v), arg);
	}
}
